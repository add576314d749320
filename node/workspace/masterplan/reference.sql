-- reference.sql - what the hub gives to all regions; the list of provinces and regions is put at its end by
-- tools/regions when the program is built.
--
-- Dimensions, books, worksheets, deadlines and weights have all changed between the years of the programme:
-- so they are rows with a set, a version or a year, and a hub edits them like any other table.  The wording of
-- the worksheets is a default made from what was published; a ministry replaces it by its own.

INSERT INTO programme_title VALUES
	(2017, 'Gerakan Menuju 100 Smart City', 'Kementerian Komunikasi dan Informatika'),
	(2022, 'Gerakan Menuju Smart City', 'Kementerian Komunikasi dan Informatika'),
	(2025, 'Gerakan Menuju Smart City', 'Kementerian Komunikasi dan Digital');

INSERT INTO legal_basis VALUES
	('perpres-95-2018', 'Peraturan Presiden Nomor 95 Tahun 2018', 'Sistem Pemerintahan Berbasis Elektronik', 1),
	('perpres-39-2019', 'Peraturan Presiden Nomor 39 Tahun 2019', 'Satu Data Indonesia', 2),
	('pp-59-2022', 'Peraturan Pemerintah Nomor 59 Tahun 2022', 'Perkotaan', 3),
	('uu-27-2022', 'Undang-Undang Nomor 27 Tahun 2022', 'Pelindungan Data Pribadi', 4);

INSERT INTO dimension_set VALUES ('kominfo6', 'Enam dimensi', '2017');
INSERT INTO dimension VALUES
	('kominfo6', 'SG', 'Smart Governance', 'Tata Kelola Cerdas', 1),
	('kominfo6', 'SB', 'Smart Branding', 'Penjenamaan Cerdas', 2),
	('kominfo6', 'SE', 'Smart Economy', 'Ekonomi Cerdas', 3),
	('kominfo6', 'SL', 'Smart Living', 'Kehidupan Cerdas', 4),
	('kominfo6', 'SS', 'Smart Society', 'Masyarakat Cerdas', 5),
	('kominfo6', 'SV', 'Smart Environment', 'Lingkungan Cerdas', 6);
INSERT INTO dimension_alias VALUES
	('kominfo6', 'smart people', 'SS'), ('kominfo6', 'smart sociaty', 'SS'),
	('kominfo6', 'smart ekonomi', 'SE'), ('kominfo6', 'smart lingkungan', 'SV'),
	('kominfo6', 'smart environtment', 'SV'), ('kominfo6', 'smart government', 'SG'),
	('kominfo6', 'smart mobility', 'SL'), ('kominfo6', 'smart transportation', 'SL');
INSERT INTO subdimension VALUES
	('kominfo6', 'SG1', 'SG', 'Service', 'Pelayanan Publik', 1),
	('kominfo6', 'SG2', 'SG', 'Bureaucracy', 'Manajemen Birokrasi', 2),
	('kominfo6', 'SG3', 'SG', 'Policy', 'Kebijakan Publik', 3),
	('kominfo6', 'SB1', 'SB', 'Tourism Branding', 'Ekosistem Pariwisata', 1),
	('kominfo6', 'SB2', 'SB', 'Business Branding', 'Ekosistem Bisnis', 2),
	('kominfo6', 'SB3', 'SB', 'City Appearance Branding', 'Wajah Kota', 3),
	('kominfo6', 'SE1', 'SE', 'Industry', 'Ekosistem Industri', 1),
	('kominfo6', 'SE2', 'SE', 'Welfare', 'Kesejahteraan Rakyat', 2),
	('kominfo6', 'SE3', 'SE', 'Transaction', 'Transaksi Keuangan', 3),
	('kominfo6', 'SL1', 'SL', 'Harmony', 'Harmonisasi Tata Ruang', 1),
	('kominfo6', 'SL2', 'SL', 'Health', 'Kesehatan', 2),
	('kominfo6', 'SL3', 'SL', 'Mobility', 'Mobilitas dan Transportasi', 3),
	('kominfo6', 'SS1', 'SS', 'Community', 'Interaksi Masyarakat', 1),
	('kominfo6', 'SS2', 'SS', 'Learning', 'Ekosistem Belajar', 2),
	('kominfo6', 'SS3', 'SS', 'Security', 'Keamanan Masyarakat', 3),
	('kominfo6', 'SV1', 'SV', 'Protection', 'Proteksi Lingkungan', 1),
	('kominfo6', 'SV2', 'SV', 'Waste', 'Sampah dan Limbah', 2),
	('kominfo6', 'SV3', 'SV', 'Energy', 'Energi', 3);

INSERT INTO book_template VALUES
	('buku-2017', 1, 'B1', 'Buku 1. Analisis Strategis Smart City', 1),
	('buku-2017', 2, 'B2', 'Buku 2. Masterplan Smart City', 1),
	('buku-2017', 3, 'B3', 'Buku 3. Ringkasan Eksekutif dan Quick Win', 1),
	('buku-2023', 1, 'B1', 'Buku 1. Analisis Strategis Smart City', 1),
	('buku-2023', 2, 'B2', 'Buku 2. Masterplan Smart City', 1),
	('buku-2023', 3, 'QW', 'Buku 3. Quick Win Smart City', 1),
	('buku-2023', 4, 'RM', 'Buku 4. Peta Jalan Smart City', 0);

INSERT INTO book_section
SELECT s.set_id, b.* FROM (SELECT 'buku-2017' AS set_id UNION ALL SELECT 'buku-2023') s, (
	SELECT 1 AS book_no, '1' AS section_code, 'Pendahuluan' AS title_id, 'narrative' AS source, NULL AS generator,
	       800 AS min_chars, 1 AS required, 10 AS ord
	UNION ALL SELECT 1, '1.1', 'Dasar hukum', 'generated', 'legal_basis', NULL, 1, 11
	UNION ALL SELECT 1, '2', 'Analisis masa depan', 'narrative', NULL, 800, 1, 20
	UNION ALL SELECT 1, '3', 'Analisis kesiapan daerah', 'mixed', 'readiness', 400, 1, 30
	UNION ALL SELECT 1, '4', 'Analisis isu dan kesenjangan', 'mixed', 'issues', 400, 1, 40
	UNION ALL SELECT 1, '5', 'Analisis SWOT-TOWS per dimensi', 'mixed', 'swot_tows', 400, 1, 50
	UNION ALL SELECT 1, '6', 'Visi pembangunan smart city', 'mixed', 'vision', 200, 1, 60
	UNION ALL SELECT 2, '1', 'Pendahuluan', 'narrative', NULL, 400, 1, 10
	UNION ALL SELECT 2, '2', 'Visi, misi, dan sasaran', 'mixed', 'directions', 200, 1, 20
	UNION ALL SELECT 2, '3', 'Strategi per dimensi', 'mixed', 'strategies', 400, 1, 30
	UNION ALL SELECT 2, '4', 'Rencana aksi', 'generated', 'programmes', NULL, 1, 40
	UNION ALL SELECT 2, '5', 'Peta jalan', 'generated', 'roadmap', NULL, 1, 50
	UNION ALL SELECT 2, '6', 'Tata kelola dan evaluasi', 'narrative', NULL, 400, 1, 60
	UNION ALL SELECT 3, '1', 'Ringkasan eksekutif', 'narrative', NULL, 800, 1, 10
	UNION ALL SELECT 3, '2', 'Quick win per dimensi', 'generated', 'quick_wins', NULL, 1, 20
	UNION ALL SELECT 3, '3', 'Rencana tindak quick win', 'generated', 'milestones', NULL, 1, 30) b;
INSERT INTO book_section VALUES ('buku-2023', 4, '1', 'Peta jalan', 'generated', 'roadmap', NULL, 1, 10);

INSERT INTO evaluation_scheme VALUES
	('skema-10-20-30-30-10', 2021, 'Bobot 10/20/30/30/10'), ('skema-2022', 2022, 'Bobot 10/20/30/20/20');
INSERT INTO evaluation_component VALUES
	('skema-10-20-30-30-10', 'baseline', 'Baseline', 10), ('skema-10-20-30-30-10', 'output', 'Output', 20),
	('skema-10-20-30-30-10', 'outcome', 'Outcome', 30), ('skema-10-20-30-30-10', 'impact', 'Impact', 30),
	('skema-10-20-30-30-10', 'quick_win', 'Quick win', 10),
	('skema-2022', 'baseline', 'Baseline', 10), ('skema-2022', 'output', 'Output', 20),
	('skema-2022', 'outcome', 'Outcome', 30), ('skema-2022', 'impact', 'Impact', 20),
	('skema-2022', 'quick_win', 'Quick win', 20);
INSERT INTO evaluation_question
SELECT s.id, q.column1, q.column2, q.column3, 1 FROM evaluation_scheme s, (VALUES
	('B1', 'baseline', 'Apakah masterplan smart city telah ditetapkan dengan peraturan kepala daerah?'),
	('B2', 'baseline', 'Berapa program masterplan yang direncanakan tahun ini, dan berapa yang direalisasikan?'),
	('O1', 'output', 'Kebijakan apa yang lahir tahun ini untuk smart city?'),
	('O2', 'output', 'Kapan Dewan Smart City dan Tim Pelaksana bersidang tahun ini?'),
	('O3', 'output', 'Berapa anggaran program smart city, dan dari mana sumbernya?'),
	('C1', 'outcome', 'Capaian program dan rencana aksi tiap dimensi'),
	('I1', 'impact', 'Hasil survei manfaat kepada masyarakat (jumlah responden dan ringkasan)'),
	('Q1', 'quick_win', 'Perkembangan tiap quick win: manfaat, keunikan, kemitraan, keberlanjutan, risiko')) q;

-- Column order, labels and help of each worksheet: the screen, the Excel file and the print all read this.
INSERT INTO worksheet_template VALUES
('KK-ISU', 1, 'Isu daerah', 'Regional issues', 'issue', 1, 'opd', '[
 {"column":"dimension_code","id":"Dimensi","en":"Dimension","width":14,"choice":"dimension","required":true,
  "help_id":"Dimensi yang paling dekat; nama lain seperti Smart People dikenali"},
 {"column":"statement","id":"Isu","en":"Issue","width":48,"required":true,"long":true,
  "help_id":"Satu isu dalam satu atau dua kalimat: apa yang terjadi, pada siapa"},
 {"column":"kind","id":"Jenis","en":"Kind","width":12,"choice":{"problem":"Masalah","potential":"Potensi","challenge":"Tantangan"}},
 {"column":"affected","id":"Yang terdampak","en":"Who is affected","width":24},
 {"column":"existing_effort","id":"Upaya yang sudah ada","en":"Existing effort","width":30,"long":true},
 {"column":"data_evidence","id":"Data pendukung","en":"Evidence","width":26},
 {"column":"priority","id":"Prioritas (1-5)","en":"Priority (1-5)","width":10,"number":true}]'),
('KK-SIAP', 1, 'Kesiapan dan kesenjangan', 'Readiness and gaps', 'readiness', 1, 'tim_pelaksana', '[
 {"column":"element","id":"Unsur","en":"Element","width":16,"required":true,"choice":{"nature":"Potensi alam","structure":"Struktur",
  "infrastructure":"Infrastruktur","superstructure":"Suprastruktur","culture":"Budaya"}},
 {"column":"sub_element","id":"Sub-unsur","en":"Sub-element","width":16,"required":true,
  "help_id":"Struktur: SDM, anggaran, tata kelola. Infrastruktur: fisik, TIK, sosial. Suprastruktur: kebijakan, kelembagaan, tata laksana"},
 {"column":"aspect","id":"Aspek","en":"Aspect","width":24,"required":true},
 {"column":"current_state","id":"Keadaan sekarang","en":"Now","width":36,"required":true,"long":true},
 {"column":"target_state","id":"Keadaan yang dituju","en":"Target","width":36,"long":true},
 {"column":"level","id":"Tingkat (1-5)","en":"Level (1-5)","width":10,"number":true},
 {"column":"gap","id":"Kesenjangan","en":"Gap","width":30,"long":true},
 {"column":"follow_up","id":"Tindak lanjut","en":"Follow-up","width":30,"long":true}]'),
('KK-SWOT', 1, 'Faktor SWOT', 'SWOT factors', 'swot', 1, 'opd', '[
 {"column":"dimension_code","id":"Dimensi","en":"Dimension","width":14,"choice":"dimension"},
 {"column":"quadrant","id":"Kuadran","en":"Quadrant","width":10,"required":true,"choice":{"S":"Kekuatan","W":"Kelemahan","O":"Peluang","T":"Ancaman"}},
 {"column":"seq","id":"No.","en":"No.","width":6,"number":true,"required":true},
 {"column":"statement","id":"Faktor","en":"Factor","width":60,"required":true,"long":true},
 {"column":"weight_bp","id":"Bobot","en":"Weight","width":10,"number":true,"unit":"bp"},
 {"column":"rating","id":"Rating (1-4)","en":"Rating (1-4)","width":10,"number":true}]'),
('KK-TOWS', 1, 'Strategi TOWS', 'TOWS strategies', 'tows', 1, 'opd', '[
 {"column":"dimension_code","id":"Dimensi","en":"Dimension","width":14,"choice":"dimension"},
 {"column":"cell","id":"Sel","en":"Cell","width":8,"required":true,"choice":{"SO":"SO","WO":"WO","ST":"ST","WT":"WT"}},
 {"column":"statement","id":"Strategi","en":"Strategy","width":60,"required":true,"long":true},
 {"column":"factors","id":"Merujuk","en":"Rests on","width":20,"required":true,"help_id":"S1, O2, ...: minimal satu dari tiap huruf sel"}]'),
('KK-VISI', 1, 'Visi, misi, dan sasaran', 'Vision, mission, targets', 'vision', 1, 'tim_pelaksana', '[
 {"column":"kind","id":"Jenis","en":"Kind","width":12,"required":true,"choice":{"vision":"Visi","mission":"Misi","goal":"Tujuan","target":"Sasaran"}},
 {"column":"dimension_code","id":"Dimensi","en":"Dimension","width":14,"choice":"dimension"},
 {"column":"statement","id":"Rumusan","en":"Statement","width":60,"required":true,"long":true},
 {"column":"rpjmd_ref","id":"Rujukan RPJMD","en":"RPJMD reference","width":20},
 {"column":"aligned_with","id":"Selaras dengan","en":"Aligned with","width":24},
 {"column":"seq","id":"No.","en":"No.","width":6,"number":true,"required":true}]'),
('KK-PROG', 1, 'Program dan rencana aksi', 'Programmes and action plan', 'programme', 2, 'opd', '[
 {"column":"dimension_code","id":"Dimensi","en":"Dimension","width":14,"choice":"dimension","required":true},
 {"column":"name","id":"Program","en":"Programme","width":36,"required":true},
 {"column":"description","id":"Uraian","en":"Description","width":40,"long":true},
 {"column":"output","id":"Keluaran","en":"Output","width":28,"long":true},
 {"column":"beneficiaries","id":"Penerima manfaat","en":"Beneficiaries","width":24},
 {"column":"horizon","id":"Jangka","en":"Horizon","width":14,"required":true,"choice":{"short":"Pendek (1 tahun)","medium":"Menengah (5 tahun)","long":"Panjang (10 tahun)"}},
 {"column":"start_year","id":"Mulai","en":"From","width":8,"number":true,"required":true},
 {"column":"end_year","id":"Sampai","en":"To","width":8,"number":true,"required":true},
 {"column":"rpjmd_code","id":"Kode RPJMD","en":"RPJMD code","width":14},
 {"column":"sipd_code","id":"Kode SIPD","en":"SIPD code","width":14},
 {"column":"spbe_ref","id":"Peta rencana SPBE","en":"SPBE plan","width":18}]'),
('KK-I', 1, 'Peta jalan jangka panjang', 'Long-term road map', 'roadmap', 3, 'opd', '[
 {"column":"programme_id","id":"Program","en":"Programme","width":36,"choice":"programme","required":true},
 {"column":"year","id":"Tahun","en":"Year","width":8,"number":true,"required":true},
 {"column":"activity","id":"Kegiatan","en":"Activity","width":40,"long":true},
 {"column":"target_value","id":"Target","en":"Target","width":20},
 {"column":"budget_rp","id":"Anggaran (Rp)","en":"Budget (Rp)","width":18,"number":true,"unit":"rp"},
 {"column":"funding","id":"Sumber dana","en":"Funding","width":16,"choice":{"apbd":"APBD","apbn":"APBN","apbd_provinsi":"APBD provinsi","csr":"CSR",
  "kpbu":"KPBU","hibah":"Hibah","dana_desa":"Dana desa","lainnya":"Lainnya"}}]'),
('KK-INOV', 1, 'Penyegaran inovasi', 'Innovation refresh', 'innovation', 3, 'opd', '[
 {"column":"name","id":"Nama singkat","en":"Short name","width":20,"required":true},
 {"column":"expansion","id":"Kepanjangan","en":"In full","width":36},
 {"column":"problem","id":"Masalah yang dijawab","en":"Problem","width":40,"long":true},
 {"column":"benefit","id":"Manfaat","en":"Benefit","width":40,"long":true},
 {"column":"uniqueness","id":"Keunikan","en":"What is new","width":30,"long":true},
 {"column":"scalability","id":"Potensi pengembangan","en":"Room to grow","width":30,"long":true}]'),
('KK-QW', 1, 'Quick win', 'Quick wins', 'quick_win', 3, 'opd', '[
 {"column":"dimension_code","id":"Dimensi","en":"Dimension","width":14,"choice":"dimension","required":true},
 {"column":"name","id":"Nama singkat","en":"Short name","width":20,"required":true},
 {"column":"expansion","id":"Kepanjangan","en":"In full","width":36},
 {"column":"summary","id":"Penjelasan singkat","en":"Summary","width":40,"long":true},
 {"column":"benefit","id":"Manfaat","en":"Benefit","width":40,"long":true},
 {"column":"integration","id":"Integrasi","en":"Integration","width":30,"long":true,"help_id":"Terhubung dengan sistem apa"},
 {"column":"collaboration","id":"Kolaborasi","en":"Collaboration","width":30,"long":true,"help_id":"Siapa mitranya"},
 {"column":"sustainability","id":"Keberlanjutan","en":"Sustainability","width":30,"long":true,"help_id":"Bagaimana diteruskan"},
 {"column":"resources","id":"Sumber daya","en":"Resources","width":24,"long":true},
 {"column":"risk_analysis","id":"Analisis risiko","en":"Risks","width":30,"long":true},
 {"column":"phase","id":"Tahap","en":"Phase","width":20,"choice":{"problem":"Perumusan masalah","idea":"Perumusan ide","planning":"Perencanaan",
  "build":"Pembangunan","implementation":"Implementasi","evaluation":"Evaluasi"}},
 {"column":"starts_on","id":"Mulai","en":"Starts","width":12,"date":true},
 {"column":"target_on","id":"Target selesai","en":"Due","width":12,"date":true}]'),
('KK-AKSI', 1, 'Rencana tindak', 'Action plan', 'action_plan', 4, 'opd', '[
 {"column":"quick_win_id","id":"Quick win","en":"Quick win","width":20,"choice":"quick_win","required":true},
 {"column":"seq","id":"No.","en":"No.","width":6,"number":true,"required":true},
 {"column":"title","id":"Tonggak","en":"Milestone","width":44,"required":true},
 {"column":"owner_org_id","id":"Penanggung jawab","en":"Owner","width":28,"choice":"organization","required":true},
 {"column":"due_on","id":"Tenggat","en":"Due","width":12,"date":true,"required":true},
 {"column":"weight_pct","id":"Bobot (%)","en":"Weight (%)","width":10,"number":true}]');

INSERT INTO cohort VALUES ('2023', 2023, 'Angkatan 2023', 'kominfo6', 'buku-2017', 'skema-10-20-30-30-10', 1);
INSERT INTO cohort_region VALUES
	('2023', '13.72', NULL, NULL, 'selected'), ('2023', '13.73', NULL, NULL, 'selected'),
	('2023', '13.76', NULL, NULL, 'selected'), ('2023', '62.02', NULL, NULL, 'selected');
INSERT INTO deadline VALUES
	('2023/B1', '2023', NULL, 'book', 'B1', '2023-08-31T16:59:00Z', 24, 'open', NULL),
	('2023/B2', '2023', NULL, 'book', 'B2', '2023-09-30T16:59:00Z', 24, 'open', NULL),
	('2023/B3', '2023', NULL, 'book', 'B3', '2023-11-30T16:59:00Z', 24, 'open', NULL);
