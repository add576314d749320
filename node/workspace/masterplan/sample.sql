-- sample.sql - a region to practise with: Kota Sawahlunto, Bimtek III, September 2023.
--
-- 28 perangkat daerah and 10 kelurahan took part.  The three named quick wins and their percentages were
-- reported in public, and that most others stood at 70.  All else is an example: people, issues, factors,
-- programmes and amounts are made up, and four units have not filled in anything yet.

-- 28 perangkat daerah, 10 kelurahan
INSERT INTO organization (scope, id, kind, village_code, name, short_name) VALUES
	('13.73', '018a6d5e-3d46-7e48-8eea-04f12ea0cae3', 'opd', NULL, 'Sekretariat Daerah', NULL),
	('13.73', '018a6d5f-04e7-7379-a2de-35939b6a638e', 'opd', NULL, 'Sekretariat DPRD', NULL),
	('13.73', '018a6d60-48da-72a3-8ea5-63d55e06ad82', 'opd', NULL, 'Inspektorat Daerah', NULL),
	('13.73', '018a6d61-807f-7e6c-83a2-15bc96409b37', 'opd', NULL, 'Badan Perencanaan Pembangunan Daerah, Penelitian dan Pengembangan', NULL),
	('13.73', '018a6d61-c3f1-72aa-8447-7a130fa94222', 'opd', NULL, 'Badan Pengelolaan Keuangan dan Aset Daerah', NULL),
	('13.73', '018a6d62-f969-7202-8407-ab1dedfd6fad', 'opd', NULL, 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia', NULL),
	('13.73', '018a6d64-0109-7e53-8f0d-258a2c78abbd', 'opd', NULL, 'Badan Kesatuan Bangsa dan Politik', NULL),
	('13.73', '018a6d65-2f94-781c-a10f-7e675d83d6b2', 'opd', NULL, 'Badan Penanggulangan Bencana Daerah', NULL),
	('13.73', '018a6d66-18f7-7325-9009-829997f63a79', 'opd', NULL, 'Dinas Komunikasi dan Informatika', 'Diskominfo'),
	('13.73', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'opd', NULL, 'Dinas Kependudukan dan Pencatatan Sipil', 'Disdukcapil'),
	('13.73', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'opd', NULL, 'Dinas Kebudayaan', 'Disbud'),
	('13.73', '018a6d68-9ec2-72ec-942f-6df2d58a04e4', 'opd', NULL, 'Dinas Pariwisata, Pemuda dan Olahraga', NULL),
	('13.73', '018a6d69-9cf8-7534-9e29-813356104ba1', 'opd', NULL, 'Dinas Pendidikan', 'Disdik'),
	('13.73', '018a6d6a-d740-79d8-b49d-a0dd150aa89f', 'opd', NULL, 'Dinas Kesehatan', 'Dinkes'),
	('13.73', '018a6d6b-9377-774c-a5d6-b5f57205e9c5', 'opd', NULL, 'Dinas Sosial, Pemberdayaan Masyarakat dan Desa', NULL),
	('13.73', '018a6d6b-c261-7e08-8a5d-75707009221f', 'opd', NULL, 'Dinas Pekerjaan Umum dan Penataan Ruang', NULL),
	('13.73', '018a6d6c-8bb7-7d6f-89a9-e9aadbcfd473', 'opd', NULL, 'Dinas Perumahan, Kawasan Permukiman dan Pertanahan', NULL),
	('13.73', '018a6d6c-c4a7-7b99-bc5b-9dd625c18a6b', 'opd', NULL, 'Dinas Lingkungan Hidup', 'DLH'),
	('13.73', '018a6d6d-54ce-7a46-bb16-c07a9e2a58d6', 'opd', NULL, 'Dinas Perhubungan', NULL),
	('13.73', '018a6d6d-daab-73ff-acc9-ee6042f5937f', 'opd', NULL, 'Dinas Koperasi, UKM, Perindustrian dan Perdagangan', 'Diskoperindag'),
	('13.73', '018a6d6e-5b51-7f03-8272-914592f340d7', 'opd', NULL, 'Dinas Penanaman Modal, PTSP dan Tenaga Kerja', NULL),
	('13.73', '018a6d6f-7acd-7bd7-a8af-d2c07e58e40a', 'opd', NULL, 'Dinas Ketahanan Pangan, Pertanian dan Perikanan', NULL),
	('13.73', '018a6d6f-b1c9-7569-b43b-67a80aa712af', 'opd', NULL, 'Dinas Pengendalian Penduduk dan Keluarga Berencana', NULL),
	('13.73', '018a6d70-6612-77a6-ac62-7b1c62aa9861', 'opd', NULL, 'Dinas Perpustakaan dan Kearsipan', NULL),
	('13.73', '018a6d71-7ec7-7578-a248-b39837ea9250', 'opd', NULL, 'Satuan Polisi Pamong Praja dan Pemadam Kebakaran', NULL),
	('13.73', '018a6d71-f4c1-76a0-8ebd-afe6a30cbcf6', 'kecamatan', NULL, 'Kecamatan Silungkang', NULL),
	('13.73', '018a6d73-3abb-7d3f-80bd-36dfc803da2e', 'kecamatan', NULL, 'Kecamatan Lembah Segar', NULL),
	('13.73', '018a6d73-97d1-7b29-809d-a5b025e0ceab', 'kecamatan', NULL, 'Kecamatan Talawi', NULL),
	('13.73', '018a6d74-51ed-7c2d-9068-1b3d94fea452', 'kelurahan', '13.73.01.1001', 'Kelurahan 13.73.01.1001', NULL),
	('13.73', '018a6d74-8924-700c-ba10-6024bfcc1ca0', 'kelurahan', '13.73.01.1002', 'Kelurahan 13.73.01.1002', NULL),
	('13.73', '018a6d75-82f2-7310-8ef9-74ac1ceab728', 'kelurahan', '13.73.01.1003', 'Kelurahan 13.73.01.1003', NULL),
	('13.73', '018a6d76-5c4a-7b7e-911b-41b91799053a', 'kelurahan', '13.73.01.1004', 'Kelurahan 13.73.01.1004', NULL),
	('13.73', '018a6d76-65e0-74b9-8600-22e3b4a0a748', 'kelurahan', '13.73.01.1005', 'Kelurahan 13.73.01.1005', NULL),
	('13.73', '018a6d76-ccb8-7c87-a3d9-b58948b7a40e', 'kelurahan', '13.73.01.1006', 'Kelurahan 13.73.01.1006', NULL),
	('13.73', '018a6d77-dc80-7e04-92b9-29027b09fa4d', 'kelurahan', '13.73.02.1001', 'Kelurahan 13.73.02.1001', NULL),
	('13.73', '018a6d77-f395-7399-8395-b985db33f174', 'kelurahan', '13.73.02.1002', 'Kelurahan 13.73.02.1002', NULL),
	('13.73', '018a6d79-51c2-7160-a217-ef4834021690', 'kelurahan', '13.73.02.1003', 'Kelurahan 13.73.02.1003', NULL),
	('13.73', '018a6d79-ba8c-7c64-bcd7-4b5221985a2f', 'kelurahan', '13.73.02.1004', 'Kelurahan 13.73.02.1004', NULL);

-- Nama-nama ini karangan.
INSERT INTO person (scope, id, full_name, title_suffix) VALUES
	('13.73', '018a7000-0000-71c0-987f-0d7aa5692b42', 'Yulia Rahman', 'S.Kom., M.M.'),
	('13.73', '018a7000-03d1-7f6e-ad95-ea004cf47835', 'Hendra Putra', 'S.T.'),
	('13.73', '018a7000-07a2-7319-9cc5-150e8a3eae76', 'Rina Safitri', 'S.S., M.Hum.'),
	('13.73', '018a7000-0b73-7274-9417-c62c60283226', 'Andi Saputra', NULL),
	('13.73', '018a7000-0f44-77e0-848a-9550195ee469', 'Dewi Anggraini', NULL),
	('13.73', '018a7000-1315-7337-a828-27468671aee2', 'Bambang Sutrisno', 'M.Si.'),
	('13.73', '018a7000-16e6-775d-8457-407c23b31bdd', 'Laila Husna', 'S.E.'),
	('13.73', '018a7000-1ab7-7c33-b759-2668f95855aa', 'Prof. Surya Wibawa', NULL),
	('13.73', '018a7000-1e88-7e6b-bba6-0fd042674525', 'Maya Kartika', 'S.P.');

INSERT INTO role_assignment (scope, id, person_id, org_id, role, starts_on) VALUES
	('13.73', '018a7000-2259-7cf5-9815-04b8279ea824', '018a7000-0000-71c0-987f-0d7aa5692b42', '018a6d66-18f7-7325-9009-829997f63a79', 'kepala_diskominfo', '2023-06-01'),
	('13.73', '018a7000-262a-7d43-9a37-29426c25b4f4', '018a7000-03d1-7f6e-ad95-ea004cf47835', '018a6d66-18f7-7325-9009-829997f63a79', 'operator_daerah', '2023-06-01'),
	('13.73', '018a7000-29fb-7494-b2de-c79d3ac44dcf', '018a7000-07a2-7319-9cc5-150e8a3eae76', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'kepala_opd', '2023-06-01'),
	('13.73', '018a7000-2dcc-7d02-ad70-35d0953b04f6', '018a7000-0b73-7274-9417-c62c60283226', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'operator_opd', '2023-06-01'),
	('13.73', '018a7000-319d-756f-9f04-63a264b1808e', '018a7000-0f44-77e0-848a-9550195ee469', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'operator_opd', '2023-06-01'),
	('13.73', '018a7000-356e-7119-9b94-bcecbc87ba4f', '018a7000-1315-7337-a828-27468671aee2', '018a6d5e-3d46-7e48-8eea-04f12ea0cae3', 'sekda', '2023-06-01'),
	('13.73', '018a7000-393f-7741-b0fc-dcc9f9275a7b', '018a7000-16e6-775d-8457-407c23b31bdd', '018a6d6d-daab-73ff-acc9-ee6042f5937f', 'pic_dimensi', '2023-06-01'),
	('13.73', '018a7000-3d10-7c29-9a71-88d7e02d1a7c', '018a7000-1ab7-7c33-b759-2668f95855aa', NULL, 'tenaga_ahli', '2023-06-01'),
	('13.73', '018a7000-40e1-7b04-b4aa-6dfebde38820', '018a7000-1e88-7e6b-bba6-0fd042674525', '018a6d61-807f-7e6c-83a2-15bc96409b37', 'pelaksana_sekretaris', '2023-06-01');

INSERT INTO decision (scope, id, kind, number, title, signed_on, signer_person_id) VALUES
	('13.73', '018a7000-44b2-7b53-a39f-152c8fc6ef30', 'mou', '12/MoU/2023', 'Nota kesepahaman pendampingan masterplan', '2023-06-05', NULL),
	('13.73', '018a7000-4883-7788-903e-e15318fcd2af', 'sk_dewan', '188.45/121/2023', 'Pembentukan Dewan Smart City', '2023-06-20', '018a7000-1315-7337-a828-27468671aee2');

INSERT INTO stage (scope, id, cohort_id, stage_no, planned_start, planned_end, actual_start, actual_end, venue) VALUES
	('13.73', '2023/13.73/0', '2023', 0, '2023-05-22', '2023-06-20', '2023-05-22', '2023-06-20', NULL),
	('13.73', '2023/13.73/1', '2023', 1, '2023-07-05', '2023-07-06', '2023-07-05', '2023-07-06', 'Aula Dinas Pertanian'),
	('13.73', '2023/13.73/2', '2023', 2, '2023-08-09', '2023-08-10', '2023-08-09', '2023-08-10', 'Gedung IKM'),
	('13.73', '2023/13.73/3', '2023', 3, '2023-09-06', '2023-09-07', '2023-09-06', NULL, 'Aula Dinas Pertanian'),
	('13.73', '2023/13.73/4', '2023', 4, '2023-10-11', '2023-10-12', NULL, NULL, NULL),
	('13.73', '2023/13.73/5', '2023', 5, '2023-11-15', '2023-11-15', NULL, NULL, NULL);

INSERT INTO event (scope, id, stage_id, day_no, kind, title, starts_ts, ends_ts) VALUES
	('13.73', '018a7000-4c54-75e7-b519-b0cfc608b8cc', '2023/13.73/1', 1, 'opening', 'Pembukaan oleh Wali Kota', '2023-07-05T01:30:00Z', '2023-07-05T02:30:00Z'),
	('13.73', '018a7000-5025-7595-afc6-10483c2ac34e', '2023/13.73/1', 1, 'worksheet', 'Kertas kerja analisis isu daerah, enam dimensi', '2023-07-05T03:00:00Z', '2023-07-05T09:00:00Z'),
	('13.73', '018a7000-53f6-7cf3-a20f-9c5291e419fb', '2023/13.73/1', 2, 'presentation', 'Paparan SWOT-TOWS tiap dimensi', '2023-07-06T01:30:00Z', '2023-07-06T08:30:00Z'),
	('13.73', '018a7000-57c7-7043-93c9-bd1a24d379f0', '2023/13.73/3', 1, 'worksheet', 'Kertas kerja I: peta jalan jangka panjang', '2023-09-06T01:30:00Z', '2023-09-06T09:00:00Z'),
	('13.73', '018a7000-5b98-72a7-8a26-d5d782606a80', '2023/13.73/3', 2, 'presentation', 'Paparan dan diskusi quick win per dimensi', '2023-09-07T01:30:00Z', '2023-09-07T09:00:00Z');

INSERT INTO worksheet (scope, id, stage_id, template_code, template_version, org_id) VALUES
	('13.73', '2023/13.73/1/KK-ISU/018a6d5e-3d46-7e48-8eea-04f12ea0cae3/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d5e-3d46-7e48-8eea-04f12ea0cae3'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d5f-04e7-7379-a2de-35939b6a638e/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d5f-04e7-7379-a2de-35939b6a638e'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d61-807f-7e6c-83a2-15bc96409b37/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d61-807f-7e6c-83a2-15bc96409b37'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d61-c3f1-72aa-8447-7a130fa94222/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d61-c3f1-72aa-8447-7a130fa94222'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d62-f969-7202-8407-ab1dedfd6fad/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d62-f969-7202-8407-ab1dedfd6fad'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d64-0109-7e53-8f0d-258a2c78abbd/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d64-0109-7e53-8f0d-258a2c78abbd'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d65-2f94-781c-a10f-7e675d83d6b2/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d65-2f94-781c-a10f-7e675d83d6b2'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d66-18f7-7325-9009-829997f63a79/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d66-18f7-7325-9009-829997f63a79'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d66-8d95-71f1-a4b6-c9f8914446ca/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d66-8d95-71f1-a4b6-c9f8914446ca'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d67-d03a-73b5-90b2-48b1449db3e4'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d68-9ec2-72ec-942f-6df2d58a04e4/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d68-9ec2-72ec-942f-6df2d58a04e4'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d69-9cf8-7534-9e29-813356104ba1/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d69-9cf8-7534-9e29-813356104ba1'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6a-d740-79d8-b49d-a0dd150aa89f/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6a-d740-79d8-b49d-a0dd150aa89f'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6b-9377-774c-a5d6-b5f57205e9c5/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6b-9377-774c-a5d6-b5f57205e9c5'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6b-c261-7e08-8a5d-75707009221f/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6b-c261-7e08-8a5d-75707009221f'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6c-8bb7-7d6f-89a9-e9aadbcfd473/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6c-8bb7-7d6f-89a9-e9aadbcfd473'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6c-c4a7-7b99-bc5b-9dd625c18a6b/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6c-c4a7-7b99-bc5b-9dd625c18a6b'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6d-daab-73ff-acc9-ee6042f5937f/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6d-daab-73ff-acc9-ee6042f5937f'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6e-5b51-7f03-8272-914592f340d7/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6e-5b51-7f03-8272-914592f340d7'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6f-7acd-7bd7-a8af-d2c07e58e40a/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6f-7acd-7bd7-a8af-d2c07e58e40a'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d6f-b1c9-7569-b43b-67a80aa712af/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d6f-b1c9-7569-b43b-67a80aa712af'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d70-6612-77a6-ac62-7b1c62aa9861/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d70-6612-77a6-ac62-7b1c62aa9861'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d71-7ec7-7578-a248-b39837ea9250/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d71-7ec7-7578-a248-b39837ea9250'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d71-f4c1-76a0-8ebd-afe6a30cbcf6/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d71-f4c1-76a0-8ebd-afe6a30cbcf6'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d73-3abb-7d3f-80bd-36dfc803da2e/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d73-3abb-7d3f-80bd-36dfc803da2e'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d73-97d1-7b29-809d-a5b025e0ceab/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d73-97d1-7b29-809d-a5b025e0ceab'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d74-51ed-7c2d-9068-1b3d94fea452/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d74-51ed-7c2d-9068-1b3d94fea452'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d74-8924-700c-ba10-6024bfcc1ca0/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d74-8924-700c-ba10-6024bfcc1ca0'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d75-82f2-7310-8ef9-74ac1ceab728/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d75-82f2-7310-8ef9-74ac1ceab728'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d76-5c4a-7b7e-911b-41b91799053a/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d76-5c4a-7b7e-911b-41b91799053a'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d76-65e0-74b9-8600-22e3b4a0a748/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d76-65e0-74b9-8600-22e3b4a0a748'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d76-ccb8-7c87-a3d9-b58948b7a40e/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d76-ccb8-7c87-a3d9-b58948b7a40e'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d77-dc80-7e04-92b9-29027b09fa4d/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d77-dc80-7e04-92b9-29027b09fa4d'),
	('13.73', '2023/13.73/1/KK-ISU/018a6d77-f395-7399-8395-b985db33f174/--', '2023/13.73/1', 'KK-ISU', 1, '018a6d77-f395-7399-8395-b985db33f174'),
	('13.73', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '2023/13.73/1', 'KK-SWOT', 1, '018a6d67-d03a-73b5-90b2-48b1449db3e4'),
	('13.73', '2023/13.73/1/KK-SWOT/018a6d66-8d95-71f1-a4b6-c9f8914446ca/--', '2023/13.73/1', 'KK-SWOT', 1, '018a6d66-8d95-71f1-a4b6-c9f8914446ca'),
	('13.73', '2023/13.73/1/KK-TOWS/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '2023/13.73/1', 'KK-TOWS', 1, '018a6d67-d03a-73b5-90b2-48b1449db3e4'),
	('13.73', '2023/13.73/1/KK-SIAP/018a6d61-807f-7e6c-83a2-15bc96409b37/--', '2023/13.73/1', 'KK-SIAP', 1, '018a6d61-807f-7e6c-83a2-15bc96409b37');

INSERT INTO issue (scope, id, worksheet_id, org_id, dimension_code, statement, kind, affected, existing_effort, data_evidence, priority) VALUES
	('13.73', '018a6d7a-a46c-78df-b786-659277fa2b3d', '2023/13.73/1/KK-ISU/018a6d5e-3d46-7e48-8eea-04f12ea0cae3/--', '018a6d5e-3d46-7e48-8eea-04f12ea0cae3', 'SG', 'Naskah dinas masih beredar di kertas; satu surat butuh tiga hari sampai ke meja pimpinan.', 'problem', 'Warga yang mengurus layanan', 'Lembar kerja bersama', 'Laporan tahunan 2022', 3),
	('13.73', '018a6d7b-d40c-7a14-b8cd-7905c3a22ff1', '2023/13.73/1/KK-ISU/018a6d5f-04e7-7379-a2de-35939b6a638e/--', '018a6d5f-04e7-7379-a2de-35939b6a638e', 'SG', 'Risalah rapat belum dapat dicari oleh masyarakat.', 'problem', 'Aparatur', 'Belum ada', NULL, 5),
	('13.73', '018a6d7c-e274-7fba-a81b-f2fd99994eff', '2023/13.73/1/KK-ISU/018a6d61-807f-7e6c-83a2-15bc96409b37/--', '018a6d61-807f-7e6c-83a2-15bc96409b37', 'SG', 'Indikator rencana dan realisasi tersimpan terpisah dan tidak saling merujuk.', 'challenge', 'Pelaku usaha kecil', 'Aplikasi percontohan di satu kecamatan', NULL, 4),
	('13.73', '018a6d7d-ad3b-7ade-8a09-b4f5de7a99e2', '2023/13.73/1/KK-ISU/018a6d61-c3f1-72aa-8447-7a130fa94222/--', '018a6d61-c3f1-72aa-8447-7a130fa94222', 'SG', 'Data aset tanah belum terhubung dengan peta.', 'potential', 'Siswa dan orang tua', 'Pendataan manual tiap triwulan', 'Laporan tahunan 2022', 2),
	('13.73', '018a6d7d-fd37-7cb2-9792-83645c30d5f2', '2023/13.73/1/KK-ISU/018a6d62-f969-7202-8407-ab1dedfd6fad/--', '018a6d62-f969-7202-8407-ab1dedfd6fad', 'SG', 'Kompetensi digital aparatur belum terpetakan.', 'problem', 'Warga di lereng', 'Lembar kerja bersama', NULL, 5),
	('13.73', '018a6d7f-42cb-7318-8a76-10cb66dd7515', '2023/13.73/1/KK-ISU/018a6d64-0109-7e53-8f0d-258a2c78abbd/--', '018a6d64-0109-7e53-8f0d-258a2c78abbd', 'SS', 'Laporan kerawanan sosial dari kelurahan terlambat sampai.', 'problem', 'Wisatawan', 'Belum ada', NULL, 1),
	('13.73', '018a6d7f-8981-7133-b0e3-ac2283b14cc8', '2023/13.73/1/KK-ISU/018a6d65-2f94-781c-a10f-7e675d83d6b2/--', '018a6d65-2f94-781c-a10f-7e675d83d6b2', 'SL', 'Peringatan longsor belum menjangkau permukiman di lereng.', 'challenge', 'Warga yang mengurus layanan', 'Aplikasi percontohan di satu kecamatan', 'Laporan tahunan 2022', 3),
	('13.73', '018a6d80-3b2b-7db0-b4ac-e62f876bc4b5', '2023/13.73/1/KK-ISU/018a6d66-18f7-7325-9009-829997f63a79/--', '018a6d66-18f7-7325-9009-829997f63a79', 'SG', 'Sambungan internet kantor kecamatan putus beberapa kali sehari.', 'potential', 'Aparatur', 'Pendataan manual tiap triwulan', NULL, 5),
	('13.73', '018a6d81-1274-7558-a167-28c1af917fa7', '2023/13.73/1/KK-ISU/018a6d66-8d95-71f1-a4b6-c9f8914446ca/--', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'SS', 'Banyak siswa berusia 17 tahun belum merekam KTP elektronik.', 'problem', 'Pelaku usaha kecil', 'Lembar kerja bersama', NULL, 4),
	('13.73', '018a6d82-376b-7182-a8c4-626c19d1975a', '2023/13.73/1/KK-ISU/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'Data Warisan Budaya Dunia tambang batu bara tersebar dan belum terdigitalkan.', 'problem', 'Siswa dan orang tua', 'Belum ada', 'Laporan tahunan 2022', 2),
	('13.73', '018a6d83-7432-7c9c-8471-dbe641e458b5', '2023/13.73/1/KK-ISU/018a6d68-9ec2-72ec-942f-6df2d58a04e4/--', '018a6d68-9ec2-72ec-942f-6df2d58a04e4', 'SB', 'Promosi objek wisata masih bergantung pada acara tahunan.', 'challenge', 'Warga di lereng', 'Aplikasi percontohan di satu kecamatan', NULL, 5),
	('13.73', '018a6d83-ca33-767b-8e1a-9665763fa8f6', '2023/13.73/1/KK-ISU/018a6d69-9cf8-7534-9e29-813356104ba1/--', '018a6d69-9cf8-7534-9e29-813356104ba1', 'SS', 'Anak putus sekolah terpantau hanya sekali setahun.', 'potential', 'Wisatawan', 'Pendataan manual tiap triwulan', NULL, 1),
	('13.73', '018a6d85-05b8-739a-920d-c160db2c5a1e', '2023/13.73/1/KK-ISU/018a6d6a-d740-79d8-b49d-a0dd150aa89f/--', '018a6d6a-d740-79d8-b49d-a0dd150aa89f', 'SL', 'Antrean puskesmas belum dapat dilihat dari rumah.', 'problem', 'Warga yang mengurus layanan', 'Lembar kerja bersama', 'Laporan tahunan 2022', 3),
	('13.73', '018a6d85-70b3-75ae-8e68-6ad24aecfb77', '2023/13.73/1/KK-ISU/018a6d6b-9377-774c-a5d6-b5f57205e9c5/--', '018a6d6b-9377-774c-a5d6-b5f57205e9c5', 'SS', 'Data penerima bantuan ganda ditemukan setiap triwulan.', 'problem', 'Aparatur', 'Belum ada', NULL, 5),
	('13.73', '018a6d86-2953-7560-a162-9be6917f406c', '2023/13.73/1/KK-ISU/018a6d6b-c261-7e08-8a5d-75707009221f/--', '018a6d6b-c261-7e08-8a5d-75707009221f', 'SL', 'Laporan jalan rusak datang lewat pesan pribadi dan hilang.', 'challenge', 'Pelaku usaha kecil', 'Aplikasi percontohan di satu kecamatan', NULL, 4),
	('13.73', '018a6d86-4b1a-7359-94fd-70fab890b21e', '2023/13.73/1/KK-ISU/018a6d6c-8bb7-7d6f-89a9-e9aadbcfd473/--', '018a6d6c-8bb7-7d6f-89a9-e9aadbcfd473', 'SL', 'Rumah tidak layak huni belum terdata menurut koordinat.', 'potential', 'Siswa dan orang tua', 'Pendataan manual tiap triwulan', 'Laporan tahunan 2022', 2),
	('13.73', '018a6d86-e3c8-7d66-ad47-930c69080f74', '2023/13.73/1/KK-ISU/018a6d6c-c4a7-7b99-bc5b-9dd625c18a6b/--', '018a6d6c-c4a7-7b99-bc5b-9dd625c18a6b', 'SV', 'Volume sampah harian diperkirakan, tidak ditimbang.', 'problem', 'Warga di lereng', 'Lembar kerja bersama', NULL, 5),
	('13.73', '018a6d88-b3ae-7c7f-910f-fa8c3f85dd48', '2023/13.73/1/KK-ISU/018a6d6d-daab-73ff-acc9-ee6042f5937f/--', '018a6d6d-daab-73ff-acc9-ee6042f5937f', 'SE', 'Harga pasar dicatat manual dan terbit terlambat sehari.', 'problem', 'Wisatawan', 'Belum ada', NULL, 1),
	('13.73', '018a6d89-c5b6-729e-8d68-7b61f1b63bb2', '2023/13.73/1/KK-ISU/018a6d6e-5b51-7f03-8272-914592f340d7/--', '018a6d6e-5b51-7f03-8272-914592f340d7', 'SE', 'Investor menanyakan lahan lewat telepon; tidak ada peta peluang.', 'challenge', 'Warga yang mengurus layanan', 'Aplikasi percontohan di satu kecamatan', 'Laporan tahunan 2022', 3),
	('13.73', '018a6d89-fd63-7c6b-9857-5ee662ce0579', '2023/13.73/1/KK-ISU/018a6d6f-7acd-7bd7-a8af-d2c07e58e40a/--', '018a6d6f-7acd-7bd7-a8af-d2c07e58e40a', 'SE', 'Petani menjual sebelum tahu harga di kota tetangga.', 'potential', 'Aparatur', 'Pendataan manual tiap triwulan', NULL, 5),
	('13.73', '018a6d8b-3e64-76c9-bb3e-f7360214415c', '2023/13.73/1/KK-ISU/018a6d6f-b1c9-7569-b43b-67a80aa712af/--', '018a6d6f-b1c9-7569-b43b-67a80aa712af', 'SS', 'Data keluarga berisiko stunting belum sama antarinstansi.', 'problem', 'Pelaku usaha kecil', 'Lembar kerja bersama', NULL, 4),
	('13.73', '018a6d8b-5641-7e7b-afe9-dd080592a4a5', '2023/13.73/1/KK-ISU/018a6d70-6612-77a6-ac62-7b1c62aa9861/--', '018a6d70-6612-77a6-ac62-7b1c62aa9861', 'SB', 'Arsip foto tambang lama rusak dan belum dipindai.', 'problem', 'Siswa dan orang tua', 'Belum ada', 'Laporan tahunan 2022', 2),
	('13.73', '018a6d8c-2c61-7a87-8d5e-d6055babff0f', '2023/13.73/1/KK-ISU/018a6d71-7ec7-7578-a248-b39837ea9250/--', '018a6d71-7ec7-7578-a248-b39837ea9250', 'SL', 'Waktu tanggap kebakaran tidak tercatat.', 'challenge', 'Warga di lereng', 'Aplikasi percontohan di satu kecamatan', NULL, 5),
	('13.73', '018a6d8c-37e9-773a-93de-43e682f70df5', '2023/13.73/1/KK-ISU/018a6d71-f4c1-76a0-8ebd-afe6a30cbcf6/--', '018a6d71-f4c1-76a0-8ebd-afe6a30cbcf6', 'SE', 'Penenun songket kesulitan menampilkan motif secara daring.', 'potential', 'Wisatawan', 'Pendataan manual tiap triwulan', NULL, 1),
	('13.73', '018a6d8c-fe3a-7ad2-b7c5-252716515902', '2023/13.73/1/KK-ISU/018a6d73-3abb-7d3f-80bd-36dfc803da2e/--', '018a6d73-3abb-7d3f-80bd-36dfc803da2e', 'SV', 'Bantaran sungai menjadi tempat pembuangan sampah.', 'problem', 'Warga yang mengurus layanan', 'Lembar kerja bersama', 'Laporan tahunan 2022', 3),
	('13.73', '018a6d8d-d348-7537-bf61-a641dc6c390d', '2023/13.73/1/KK-ISU/018a6d73-97d1-7b29-809d-a5b025e0ceab/--', '018a6d73-97d1-7b29-809d-a5b025e0ceab', 'SV', 'Lubang bekas tambang belum seluruhnya dipetakan.', 'problem', 'Aparatur', 'Belum ada', NULL, 5),
	('13.73', '018a6d8e-c168-7e09-b98b-a04e8ced41d9', '2023/13.73/1/KK-ISU/018a6d74-51ed-7c2d-9068-1b3d94fea452/--', '018a6d74-51ed-7c2d-9068-1b3d94fea452', 'SG', 'Warga mengurus surat pengantar harus datang dua kali.', 'challenge', 'Pelaku usaha kecil', 'Aplikasi percontohan di satu kecamatan', NULL, 4),
	('13.73', '018a6d8f-946d-75dc-9f96-adc4289080a3', '2023/13.73/1/KK-ISU/018a6d74-8924-700c-ba10-6024bfcc1ca0/--', '018a6d74-8924-700c-ba10-6024bfcc1ca0', 'SS', 'Kegiatan gotong royong diumumkan lewat pengeras suara saja.', 'potential', 'Siswa dan orang tua', 'Pendataan manual tiap triwulan', 'Laporan tahunan 2022', 2),
	('13.73', '018a6d90-1c8c-7b39-8dde-8b961ec32589', '2023/13.73/1/KK-ISU/018a6d75-82f2-7310-8ef9-74ac1ceab728/--', '018a6d75-82f2-7310-8ef9-74ac1ceab728', 'SV', 'Bank sampah belum punya pencatatan.', 'problem', 'Warga di lereng', 'Lembar kerja bersama', NULL, 5),
	('13.73', '018a6d91-55e8-7942-b561-c4b83678f014', '2023/13.73/1/KK-ISU/018a6d76-5c4a-7b7e-911b-41b91799053a/--', '018a6d76-5c4a-7b7e-911b-41b91799053a', 'SE', 'Usaha rumahan belum terdata.', 'problem', 'Wisatawan', 'Belum ada', NULL, 1),
	('13.73', '018a6d91-a92f-7b65-8d56-d98a5699f095', '2023/13.73/1/KK-ISU/018a6d76-65e0-74b9-8600-22e3b4a0a748/--', '018a6d76-65e0-74b9-8600-22e3b4a0a748', 'SL', 'Titik banjir setelah hujan lebat belum terpetakan.', 'challenge', 'Warga yang mengurus layanan', 'Aplikasi percontohan di satu kecamatan', 'Laporan tahunan 2022', 3),
	('13.73', '018a6d92-2dfe-7d34-999f-0f65da50ffa4', '2023/13.73/1/KK-ISU/018a6d76-ccb8-7c87-a3d9-b58948b7a40e/--', '018a6d76-ccb8-7c87-a3d9-b58948b7a40e', 'SS', 'Lansia yang tinggal sendiri belum terdata.', 'potential', 'Aparatur', 'Pendataan manual tiap triwulan', NULL, 5),
	('13.73', '018a6d93-4db9-7e95-b8f5-73bafbbb5031', '2023/13.73/1/KK-ISU/018a6d77-dc80-7e04-92b9-29027b09fa4d/--', '018a6d77-dc80-7e04-92b9-29027b09fa4d', 'SL', 'Lampu jalan mati dilaporkan dari mulut ke mulut.', 'problem', 'Pelaku usaha kecil', 'Lembar kerja bersama', NULL, 4),
	('13.73', '018a6d93-a352-7e63-a712-c08d0f9c04d5', '2023/13.73/1/KK-ISU/018a6d77-f395-7399-8395-b985db33f174/--', '018a6d77-f395-7399-8395-b985db33f174', 'SB', 'Bangunan tua milik warga belum tercatat sebagai cagar budaya.', 'problem', 'Siswa dan orang tua', 'Belum ada', 'Laporan tahunan 2022', 2),
	('13.73', '018a7000-5f69-72c5-84d8-9570c0660e42', '2023/13.73/1/KK-ISU/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'Pengunjung situs tambang tidak tahu cerita di balik tiap bangunan.', 'problem', NULL, NULL, NULL, 4),
	('13.73', '018a7000-633a-776b-90bf-c22baad34f67', '2023/13.73/1/KK-ISU/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SE', 'Produk kerajinan bertema warisan belum punya pasar daring bersama.', 'potential', NULL, NULL, NULL, 4),
	('13.73', '018a7000-670b-7732-9a26-dff682c34fa5', '2023/13.73/1/KK-ISU/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SV', 'Getaran kendaraan berat merusak bangunan tua di jalur utama.', 'challenge', NULL, NULL, NULL, 4),
	('13.73', '018a7000-6adc-74e3-90e9-09fc2cf04321', '2023/13.73/1/KK-ISU/018a6d66-18f7-7325-9009-829997f63a79/--', '018a6d66-18f7-7325-9009-829997f63a79', 'SG', 'Layanan digital belum memakai satu identitas warga.', 'problem', NULL, NULL, NULL, 4),
	('13.73', '018a7000-6ead-72ba-b5ff-c1c21b829a46', '2023/13.73/1/KK-ISU/018a6d66-18f7-7325-9009-829997f63a79/--', '018a6d66-18f7-7325-9009-829997f63a79', 'SL', 'Titik tanpa sinyal di tiga desa menghambat laporan bencana.', 'challenge', NULL, NULL, NULL, 4);

INSERT INTO readiness_item (scope, id, worksheet_id, element, sub_element, aspect, current_state, target_state, level) VALUES
	('13.73', '018a7000-ffb3-729f-aec6-20d1b29b4c11', '2023/13.73/1/KK-SIAP/018a6d61-807f-7e6c-83a2-15bc96409b37/--', 'structure', 'SDM', 'Pengelola aplikasi', 'Dua orang untuk 14 aplikasi', 'Satu orang tiap tiga aplikasi', 2),
	('13.73', '018a7001-0384-71d1-a7bc-707454980261', '2023/13.73/1/KK-SIAP/018a6d61-807f-7e6c-83a2-15bc96409b37/--', 'infrastructure', 'TIK', 'Sambungan internet kantor', 'Putus beberapa kali sehari di tiga kecamatan', 'Sambungan cadangan di tiap kecamatan', 2),
	('13.73', '018a7001-0755-7b85-a256-fea42f98ab26', '2023/13.73/1/KK-SIAP/018a6d61-807f-7e6c-83a2-15bc96409b37/--', 'infrastructure', 'Fisik', 'Ruang server', 'Tersedia, tanpa genset', 'Genset dan uji tiap bulan', 3),
	('13.73', '018a7001-0b26-79d8-a1af-647fa3462216', '2023/13.73/1/KK-SIAP/018a6d61-807f-7e6c-83a2-15bc96409b37/--', 'superstructure', 'Kebijakan', 'Peraturan SPBE', 'Perwali SPBE 2021', 'Perwali masterplan smart city', 3),
	('13.73', '018a7001-0ef7-726c-812c-75f358169f39', '2023/13.73/1/KK-SIAP/018a6d61-807f-7e6c-83a2-15bc96409b37/--', 'culture', 'Masyarakat', 'Kebiasaan melapor', 'Lewat pesan pribadi', 'Lewat satu saluran resmi', 2);

INSERT INTO swot_factor (scope, id, worksheet_id, org_id, dimension_code, quadrant, seq, statement, weight_bp, rating) VALUES
	('13.73', '018a6d9f-32f9-7784-bbd8-9517acff5042', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'S', 1, 'Situs tambang Ombilin diakui sebagai Warisan Budaya Dunia.', 1500, 4),
	('13.73', '018a6d9f-741a-72ee-8a16-73a1b5975752', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'S', 2, 'Museum dan lokomotif uap masih terawat.', 1500, 3),
	('13.73', '018a6da0-ce86-7dc8-9fd2-6518dfb263d2', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'S', 3, 'Komunitas sejarah aktif.', 1000, 3),
	('13.73', '018a6da1-99c1-7e60-99fd-1aea1b4bee71', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'S', 4, 'Festival songket dikenal luas.', 1000, 4),
	('13.73', '018a6da2-29cb-79e7-b77d-834844985f92', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'W', 1, 'Inventaris warisan masih berupa dokumen lepas.', 2000, 2),
	('13.73', '018a6da2-5b07-763f-abd4-b91fad230c77', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'W', 2, 'Tenaga pengarsip digital sedikit.', 1500, 2),
	('13.73', '018a6da3-5116-790f-b474-efb8b78df669', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'W', 3, 'Foto lama belum berizin tayang.', 1500, 1),
	('13.73', '018a6da4-5e1a-73da-a2e8-08740af28843', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'O', 1, 'Minat wisata sejarah meningkat.', 1500, 4),
	('13.73', '018a6da5-76b1-7bd2-aefd-033957668f6b', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'O', 2, 'Perguruan tinggi menawarkan kerja sama.', 1500, 3),
	('13.73', '018a6da6-5efc-7c7d-bae3-38a7b5267754', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'O', 3, 'Dana hibah pelestarian tersedia.', 1500, 4),
	('13.73', '018a6da6-b405-74fc-84c4-8aa9ab81022b', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'O', 4, 'Warga ingin melaporkan benda warisan.', 1000, 3),
	('13.73', '018a6da7-cbb3-7699-9e69-be54f015d3c2', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'T', 1, 'Bangunan tua rusak oleh cuaca.', 2500, 2),
	('13.73', '018a6da8-8e74-790a-aff7-3812ba10bbc6', '2023/13.73/1/KK-SWOT/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'T', 2, 'Benda warisan dijual ke luar daerah.', 2000, 3),
	('13.73', '018a7000-727e-7584-beec-843f7979e7dd', '2023/13.73/1/KK-SWOT/018a6d66-8d95-71f1-a4b6-c9f8914446ca/--', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'SS', 'S', 1, 'Alat rekam KTP keliling tersedia.', NULL, NULL),
	('13.73', '018a7000-764f-7110-8f78-90d15a36bb6c', '2023/13.73/1/KK-SWOT/018a6d66-8d95-71f1-a4b6-c9f8914446ca/--', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'SS', 'W', 1, 'Jadwal kunjungan sekolah belum tetap.', NULL, NULL),
	('13.73', '018a7000-7a20-79b9-896a-32403b7af364', '2023/13.73/1/KK-SWOT/018a6d66-8d95-71f1-a4b6-c9f8914446ca/--', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'SS', 'O', 1, 'Sekolah bersedia menyediakan ruang.', NULL, NULL),
	('13.73', '018a7000-7df1-78a3-8cb0-b71b12a2a943', '2023/13.73/1/KK-SWOT/018a6d66-8d95-71f1-a4b6-c9f8914446ca/--', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'SS', 'T', 1, 'Listrik padam saat perekaman.', NULL, NULL);

INSERT INTO tows_strategy (scope, id, worksheet_id, org_id, dimension_code, cell, statement, selected) VALUES
	('13.73', '018a7000-81c2-7fa4-91e2-1336771d9552', '2023/13.73/1/KK-TOWS/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'SO', 'Membuka arsip warisan tambang bersama perguruan tinggi dan warga.', 1),
	('13.73', '018a7000-8593-7051-8011-4cc568ec3185', '2023/13.73/1/KK-TOWS/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'SO', 'Paket wisata sejarah dengan festival songket sebagai pintu masuk.', 0),
	('13.73', '018a7000-8964-7605-a268-5f310b117990', '2023/13.73/1/KK-TOWS/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'WO', 'Melatih pengarsip digital lewat hibah pelestarian.', 1),
	('13.73', '018a7000-8d35-7c54-b6ac-c6056624ed20', '2023/13.73/1/KK-TOWS/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'ST', 'Memakai komunitas sejarah untuk memantau bangunan tua.', 0),
	('13.73', '018a7000-9106-7d4b-959d-5b87124e81f7', '2023/13.73/1/KK-TOWS/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', 'WT', 'Menertibkan izin tayang foto lama sebelum dipublikasikan.', 0);

INSERT INTO tows_strategy_factor (scope, tows_strategy_id, swot_factor_id) VALUES
	('13.73', '018a7000-81c2-7fa4-91e2-1336771d9552', '018a6d9f-32f9-7784-bbd8-9517acff5042'),
	('13.73', '018a7000-81c2-7fa4-91e2-1336771d9552', '018a6da0-ce86-7dc8-9fd2-6518dfb263d2'),
	('13.73', '018a7000-81c2-7fa4-91e2-1336771d9552', '018a6da5-76b1-7bd2-aefd-033957668f6b'),
	('13.73', '018a7000-81c2-7fa4-91e2-1336771d9552', '018a6da6-b405-74fc-84c4-8aa9ab81022b'),
	('13.73', '018a7000-8593-7051-8011-4cc568ec3185', '018a6da1-99c1-7e60-99fd-1aea1b4bee71'),
	('13.73', '018a7000-8593-7051-8011-4cc568ec3185', '018a6da4-5e1a-73da-a2e8-08740af28843'),
	('13.73', '018a7000-8964-7605-a268-5f310b117990', '018a6da2-5b07-763f-abd4-b91fad230c77'),
	('13.73', '018a7000-8964-7605-a268-5f310b117990', '018a6da6-5efc-7c7d-bae3-38a7b5267754'),
	('13.73', '018a7000-8d35-7c54-b6ac-c6056624ed20', '018a6da0-ce86-7dc8-9fd2-6518dfb263d2'),
	('13.73', '018a7000-8d35-7c54-b6ac-c6056624ed20', '018a6da7-cbb3-7699-9e69-be54f015d3c2'),
	('13.73', '018a7000-9106-7d4b-959d-5b87124e81f7', '018a6da3-5116-790f-b474-efb8b78df669'),
	('13.73', '018a7000-9106-7d4b-959d-5b87124e81f7', '018a6da8-8e74-790a-aff7-3812ba10bbc6');

INSERT INTO direction (scope, id, cohort_id, kind, dimension_code, seq, statement) VALUES
	('13.73', '018a7001-12c8-7343-abed-a8b5afad964e', '2023', 'vision', NULL, 1, 'Sawahlunto kota warisan yang cerdas, tangguh, dan menyejahterakan warganya.'),
	('13.73', '018a7001-1699-79ae-9bae-70f41df9b933', '2023', 'mission', 'SG', 1, 'Layanan pemerintah yang cepat dan terbuka.'),
	('13.73', '018a7001-1a6a-7422-ac69-ad202f11dfd6', '2023', 'mission', 'SB', 2, 'Warisan tambang yang hidup dan dikenal dunia.'),
	('13.73', '018a7001-1e3b-7dce-a7c7-3985c5609045', '2023', 'target', 'SG', 1, 'Semua layanan perizinan selesai daring pada 2027.'),
	('13.73', '018a7001-220c-757f-a2f9-f7893468176e', '2023', 'target', 'SB', 2, '10.000 benda dan bangunan warisan tercatat pada 2027.');

INSERT INTO programme (scope, id, cohort_id, lead_org_id, dimension_code, tows_strategy_id, name, description, output, beneficiaries, horizon, start_year, end_year, origin, origin_year) VALUES
	('13.73', '018a7000-94d7-73bf-8b00-076d414a8d93', '2023', '018a6d67-d03a-73b5-90b2-48b1449db3e4', 'SB', '018a7000-81c2-7fa4-91e2-1336771d9552', 'Arsip Digital Warisan Tambang', 'Basis data benda dan bangunan warisan yang dapat dicari', 'Basis data benda dan bangunan warisan yang dapat dicari', 'Warga, peneliti, wisatawan', 'medium', 2023, 2027, 'new', NULL),
	('13.73', '018a7000-98a8-7a56-8e28-b62912c30982', '2023', '018a6d66-18f7-7325-9009-829997f63a79', 'SG', NULL, 'Satu Akun Layanan Warga', 'Satu identitas untuk semua layanan digital kota', 'Satu identitas untuk semua layanan digital kota', 'Seluruh warga', 'medium', 2024, 2028, 'new', NULL),
	('13.73', '018a7000-9c79-7c29-b474-8bab155bf05b', '2023', '018a6d6d-daab-73ff-acc9-ee6042f5937f', 'SE', NULL, 'Pasar Songket Daring', 'Etalase bersama penenun', 'Etalase bersama penenun', 'Penenun songket', 'short', 2024, 2024, 'changed', 2019),
	('13.73', '018a7000-a04a-791e-a0b0-60e64dc004c6', '2023', '018a6d65-2f94-781c-a10f-7e675d83d6b2', 'SL', NULL, 'Peringatan Dini Longsor', 'Sensor dan pesan siaga di lereng', 'Sensor dan pesan siaga di lereng', 'Warga di lereng', 'medium', 2024, 2027, 'new', NULL),
	('13.73', '018a7000-a41b-7d31-9830-9ea0fa068b93', '2023', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', 'SS', NULL, 'Sekolah Sadar Kependudukan', 'Perekaman KTP di sekolah', 'Perekaman KTP di sekolah', 'Siswa berusia 17 tahun', 'short', 2023, 2024, 'kept', 2019),
	('13.73', '018a7000-a7ec-7e7f-b13f-9790bda5dfb9', '2023', '018a6d6c-c4a7-7b99-bc5b-9dd625c18a6b', 'SV', NULL, 'Bank Sampah Tercatat', 'Timbangan dan catatan di tiap bank sampah', 'Timbangan dan catatan di tiap bank sampah', 'Rumah tangga', 'long', 2024, 2032, 'new', NULL);

INSERT INTO programme_year (scope, programme_id, year, activity, target_value, budget_rp, funding) VALUES
	('13.73', '018a7000-94d7-73bf-8b00-076d414a8d93', 2023, 'Pendataan dan rancangan', '20 %', 150000000, 'apbd'),
	('13.73', '018a7000-94d7-73bf-8b00-076d414a8d93', 2024, 'Pembangunan tahap pertama', '40 %', 210000000, 'apbd'),
	('13.73', '018a7000-94d7-73bf-8b00-076d414a8d93', 2025, 'Perluasan', '60 %', 270000000, 'csr'),
	('13.73', '018a7000-94d7-73bf-8b00-076d414a8d93', 2026, 'Integrasi antarinstansi', '80 %', 330000000, 'apbn'),
	('13.73', '018a7000-94d7-73bf-8b00-076d414a8d93', 2027, 'Evaluasi dan penyempurnaan', '100 %', 390000000, 'apbd'),
	('13.73', '018a7000-98a8-7a56-8e28-b62912c30982', 2024, 'Pendataan dan rancangan', '20 %', 235000000, 'apbd'),
	('13.73', '018a7000-98a8-7a56-8e28-b62912c30982', 2025, 'Pembangunan tahap pertama', '40 %', 295000000, 'csr'),
	('13.73', '018a7000-98a8-7a56-8e28-b62912c30982', 2026, 'Perluasan', '60 %', 355000000, 'apbn'),
	('13.73', '018a7000-98a8-7a56-8e28-b62912c30982', 2027, 'Integrasi antarinstansi', '80 %', 415000000, 'apbd'),
	('13.73', '018a7000-98a8-7a56-8e28-b62912c30982', 2028, 'Evaluasi dan penyempurnaan', '100 %', 475000000, 'apbd'),
	('13.73', '018a7000-9c79-7c29-b474-8bab155bf05b', 2024, 'Pendataan dan rancangan', '100 %', 320000000, 'csr'),
	('13.73', '018a7000-a04a-791e-a0b0-60e64dc004c6', 2024, 'Pendataan dan rancangan', '25 %', 405000000, 'apbn'),
	('13.73', '018a7000-a04a-791e-a0b0-60e64dc004c6', 2025, 'Pembangunan tahap pertama', '50 %', 465000000, 'apbd'),
	('13.73', '018a7000-a04a-791e-a0b0-60e64dc004c6', 2026, 'Perluasan', '75 %', 525000000, 'apbd'),
	('13.73', '018a7000-a04a-791e-a0b0-60e64dc004c6', 2027, 'Integrasi antarinstansi', '100 %', 585000000, 'csr'),
	('13.73', '018a7000-a41b-7d31-9830-9ea0fa068b93', 2023, 'Pendataan dan rancangan', '50 %', 490000000, 'apbd'),
	('13.73', '018a7000-a41b-7d31-9830-9ea0fa068b93', 2024, 'Pembangunan tahap pertama', '100 %', 550000000, 'apbd'),
	('13.73', '018a7000-a7ec-7e7f-b13f-9790bda5dfb9', 2024, 'Pendataan dan rancangan', '20 %', 575000000, 'apbd'),
	('13.73', '018a7000-a7ec-7e7f-b13f-9790bda5dfb9', 2025, 'Pembangunan tahap pertama', '40 %', 635000000, 'csr'),
	('13.73', '018a7000-a7ec-7e7f-b13f-9790bda5dfb9', 2026, 'Perluasan', '60 %', 695000000, 'apbn'),
	('13.73', '018a7000-a7ec-7e7f-b13f-9790bda5dfb9', 2027, 'Integrasi antarinstansi', '80 %', 755000000, 'apbd'),
	('13.73', '018a7000-a7ec-7e7f-b13f-9790bda5dfb9', 2028, 'Evaluasi dan penyempurnaan', '100 %', 815000000, 'apbd');

INSERT INTO quick_win (scope, id, cohort_id, dimension_code, lead_org_id, programme_id, name, expansion, phase, summary, problem, benefit, integration, collaboration, sustainability, starts_on, target_on) VALUES
	('13.73', '018a6d95-aec2-75e4-b83c-82d3517d87c2', '2023', 'SB', '018a6d67-d03a-73b5-90b2-48b1449db3e4', '018a7000-94d7-73bf-8b00-076d414a8d93', 'Dada Warsina', 'Digitalisasi Data Warisan Budaya Dunia', 'implementation', 'Warga dan peneliti mencari benda dan bangunan warisan tambang batu bara Ombilin di satu tempat.', 'Data warisan tersebar dalam dokumen lepas.', 'Data warisan tambang dapat dicari oleh siapa pun.', 'Terhubung dengan katalog museum.', 'Disbud, komunitas sejarah, perguruan tinggi', 'Operator tetap dan anggaran tahunan.', '2023-07-01', '2023-12-15'),
	('13.73', '018a6d97-0b06-7b09-8c00-66afaac8fa63', '2023', 'SE', '018a6d6d-daab-73ff-acc9-ee6042f5937f', NULL, 'Info Sunto', NULL, 'idea', 'Harga pasar dan kabar usaha dalam satu papan.', NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d97-9dfc-7cfe-97d3-03d5b24cd377', '2023', 'SS', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', '018a7000-a41b-7d31-9830-9ea0fa068b93', 'Jempol Narsis', 'Jemput Bola Nyasarin KTP Siswa', 'implementation', 'Petugas datang ke sekolah dan merekam KTP siswa yang berusia 17 tahun.', NULL, 'Siswa berusia 17 tahun merekam KTP di sekolah.', NULL, 'Disdukcapil dan sekolah', 'Jadwal kunjungan tiap semester.', '2023-07-01', '2023-12-15'),
	('13.73', '018a6d97-c691-7fe4-bb6a-857a2f7a51bd', '2023', 'SG', '018a6d66-18f7-7325-9009-829997f63a79', NULL, 'Surat Tanpa Kertas', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d98-c609-7fce-9a29-e176b1dc85fa', '2023', 'SG', '018a6d60-48da-72a3-8ea5-63d55e06ad82', NULL, 'Tindak Lanjut Terpadu', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d99-bc0e-770c-98ea-94e2ab816973', '2023', 'SB', '018a6d68-9ec2-72ec-942f-6df2d58a04e4', NULL, 'Kalender Wisata Sepanjang Tahun', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d9a-fd72-773f-b13a-5142be4afd9c', '2023', 'SE', '018a6d6e-5b51-7f03-8272-914592f340d7', NULL, 'Peta Peluang Lahan', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d9b-6255-7174-b931-5aaa1413e7e4', '2023', 'SL', '018a6d6a-d740-79d8-b49d-a0dd150aa89f', NULL, 'Antrean Puskesmas dari Rumah', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d9c-8b8f-7a55-b184-fce9f9e1941c', '2023', 'SL', '018a6d6b-c261-7e08-8a5d-75707009221f', NULL, 'Lapor Jalan', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d9c-c7ad-73ee-91e9-4708440b361b', '2023', 'SS', '018a6d69-9cf8-7534-9e29-813356104ba1', NULL, 'Pantau Anak Sekolah', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d9d-4b93-723f-936a-3601a39a6c14', '2023', 'SV', '018a6d6c-c4a7-7b99-bc5b-9dd625c18a6b', NULL, 'Timbang Sampah Harian', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15'),
	('13.73', '018a6d9e-1448-79d5-ac53-5628c43bd2e4', '2023', 'SV', '018a6d73-3abb-7d3f-80bd-36dfc803da2e', NULL, 'Sungai Bersih Lembah Segar', NULL, 'implementation', NULL, NULL, NULL, NULL, NULL, NULL, '2023-07-01', '2023-12-15');

INSERT INTO qw_milestone (scope, id, quick_win_id, seq, title, owner_org_id, due_on, done_on, weight_pct) VALUES
	('13.73', '018a7000-abbd-74c6-856d-84ed6d4197bb', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 1, 'Inventaris 200 benda warisan', '018a6d67-d03a-73b5-90b2-48b1449db3e4', '2023-08-15', '2023-08-12', 40),
	('13.73', '018a7000-af8e-7517-8542-4db5d33bbaae', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 2, 'Situs pencarian dapat dipakai', '018a6d67-d03a-73b5-90b2-48b1449db3e4', '2023-09-05', '2023-09-04', 30),
	('13.73', '018a7000-b35f-7bf4-8224-5b7d035def5f', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 3, 'Pelatihan operator', '018a6d67-d03a-73b5-90b2-48b1449db3e4', '2023-10-20', NULL, 20),
	('13.73', '018a7000-b730-796c-88b2-4f397b5b878b', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 4, 'Peluncuran', '018a6d67-d03a-73b5-90b2-48b1449db3e4', '2023-12-01', NULL, 10),
	('13.73', '018a7000-bb01-76e9-859d-a63d3fd4e46c', '018a6d97-9dfc-7cfe-97d3-03d5b24cd377', 1, 'Jadwal 12 sekolah disepakati', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', '2023-07-20', '2023-07-18', 30),
	('13.73', '018a7000-bed2-7ff7-9086-32ba83882127', '018a6d97-9dfc-7cfe-97d3-03d5b24cd377', 2, 'Perekaman di 12 sekolah', '018a6d66-8d95-71f1-a4b6-c9f8914446ca', '2023-09-10', NULL, 70);

INSERT INTO qw_progress (scope, id, quick_win_id, as_of, percent, basis, note, reported_by, recorded_ts) VALUES
	('13.73', '018a7000-c2a3-7fec-bd52-c839629c849a', '018a6d95-aec2-75e4-b83c-82d3517d87c2', '2023-08-10', 40, 'declared', 'Bimtek II', 'Andi Saputra', '2023-08-10T07:00:00Z'),
	('13.73', '018a7000-c674-7b05-b797-bfea1b6ef8a3', '018a6d95-aec2-75e4-b83c-82d3517d87c2', '2023-09-07', 70, 'milestones', 'Bimtek III', 'Andi Saputra', '2023-09-07T03:10:00Z'),
	('13.73', '018a7000-ca45-7bd2-b04f-3ef7bffea2cf', '018a6d97-9dfc-7cfe-97d3-03d5b24cd377', '2023-08-10', 60, 'declared', NULL, 'Dewi Anggraini', '2023-08-10T07:05:00Z'),
	('13.73', '018a7000-ce16-7955-82b8-602242172b7c', '018a6d97-9dfc-7cfe-97d3-03d5b24cd377', '2023-09-07', 99, 'declared', NULL, 'Dewi Anggraini', '2023-09-07T03:15:00Z'),
	('13.73', '018a7000-d1e7-73a7-988b-f7dc44cec833', '018a6d97-0b06-7b09-8c00-66afaac8fa63', '2023-09-07', 1, 'declared', NULL, 'Laila Husna', '2023-09-07T03:20:00Z'),
	('13.73', '018a7000-d5b8-7569-b32e-2c36b679ff8e', '018a6d97-c691-7fe4-bb6a-857a2f7a51bd', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-d989-75c2-829d-7b1532136a6f', '018a6d98-c609-7fce-9a29-e176b1dc85fa', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-dd5a-78d7-89ad-e5d4dbdf3fd8', '018a6d99-bc0e-770c-98ea-94e2ab816973', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-e12b-7202-a46b-4d4aa7a0ab71', '018a6d9a-fd72-773f-b13a-5142be4afd9c', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-e4fc-764c-b889-a4a205f77bce', '018a6d9b-6255-7174-b931-5aaa1413e7e4', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-e8cd-7c79-95b3-a6ae73b56366', '018a6d9c-8b8f-7a55-b184-fce9f9e1941c', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-ec9e-7392-b0eb-de42d6fcb504', '018a6d9c-c7ad-73ee-91e9-4708440b361b', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-f06f-72c9-b6a1-81c2bdd435d5', '018a6d9d-4b93-723f-936a-3601a39a6c14', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z'),
	('13.73', '018a7000-f440-765f-9e08-40f5d7ddbf05', '018a6d9e-1448-79d5-ac53-5628c43bd2e4', '2023-09-07', 70, 'declared', NULL, 'Hendra Putra', '2023-09-07T03:30:00Z');

INSERT INTO partner_link (scope, id, owner_kind, owner_id, partner_name, form) VALUES
	('13.73', '018a7001-25dd-7fe9-8f52-0e5e5894a35a', 'quick_win', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 'Komunitas sejarah', 'Pendataan bersama'),
	('13.73', '018a7001-29ae-77eb-8dd4-cd5c57083449', 'quick_win', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 'Perguruan tinggi', 'Pengujian dan pelatihan');

INSERT INTO review_thread (scope, id, target_kind, target_id, target_field, target_text, kind, severity, opened_by, opened_ts) VALUES
	('13.73', '018a7000-f811-785a-8f11-52797d6e81c0', 'quick_win', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 'benefit', 'Data warisan tambang dapat dicari oleh siapa pun.', 'saran', 'disarankan', 'Prof. Surya Wibawa', '2023-09-07T04:00:00Z'),
	('13.73', '018a7000-fbe2-7723-ae3c-8ebce97b6e9c', 'quick_win', '018a6d97-0b06-7b09-8c00-66afaac8fa63', 'summary', 'Harga pasar dan kabar usaha dalam satu papan.', 'pertanyaan', 'catatan', 'Prof. Surya Wibawa', '2023-09-07T04:20:00Z');

INSERT INTO review_comment (scope, id, thread_id, author, body, created_ts) VALUES
	('13.73', '018a7001-2d7f-70f6-b1ca-1ddba8db3bcf', '018a7000-f811-785a-8f11-52797d6e81c0', 'Prof. Surya Wibawa', 'Warga sebaiknya dapat melaporkan benda warisan yang mereka miliki atau temukan; ahli lalu memastikannya. Perluas juga jejaringnya.', '2023-09-07T04:00:00Z'),
	('13.73', '018a7001-3150-7c0a-be51-c6e6655d81de', '018a7000-f811-785a-8f11-52797d6e81c0', 'Andi Saputra', 'Siap. Kami tambahkan formulir laporan warga.', '2023-09-07T05:10:00Z'),
	('13.73', '018a7001-3521-7c1c-97df-17c066924822', '018a7000-fbe2-7723-ae3c-8ebce97b6e9c', 'Prof. Surya Wibawa', 'Dari mana harga diambil, dan siapa yang memperbaruinya tiap hari?', '2023-09-07T04:20:00Z');

INSERT INTO status_event (scope, id, object_kind, object_id, from_state, to_state, actor, ts) VALUES
	('13.73', '018a7001-38f2-78bc-963c-82eee1873328', 'quick_win', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 'candidate', 'selected', 'Yulia Rahman', '2023-09-07T06:00:00Z'),
	('13.73', '018a7001-3cc3-7d32-8846-aa18b32a3358', 'quick_win', '018a6d97-9dfc-7cfe-97d3-03d5b24cd377', 'candidate', 'selected', 'Yulia Rahman', '2023-09-07T06:01:00Z'),
	('13.73', '018a7001-4094-7124-ab9f-ae56fad4e6e7', 'worksheet', '2023/13.73/1/KK-ISU/018a6d67-d03a-73b5-90b2-48b1449db3e4/--', 'draft', 'submitted', 'Rina Safitri', '2023-07-06T08:00:00Z');

INSERT INTO book (scope, id, cohort_id, book_no, period_start, period_end) VALUES
	('13.73', '2023/13.73/1', '2023', 1, 2023, 2027),
	('13.73', '2023/13.73/2', '2023', 2, 2023, 2027),
	('13.73', '2023/13.73/3', '2023', 3, 2023, 2027);

INSERT INTO book_section_text (scope, book_id, section_code, body) VALUES
	('13.73', '2023/13.73/1', '1', 'Kota Sawahlunto lahir dari tambang batu bara Ombilin dan kini dikenal sebagai kota warisan budaya dunia.

Masterplan ini disusun perangkat daerah bersama Dewan Smart City dan Tim Pelaksana melalui empat bimbingan teknis, dari analisis isu daerah sampai pemilihan quick win.

Maksudnya satu: setiap program lahir dari isu yang nyata, dapat dilacak sampai ke strateginya, dan dapat diukur hasilnya oleh warga.

Dokumen ini berlaku lima tahun, dari 2023 sampai 2027, dan ditinjau kembali setiap tahun pada evaluasi tahap pertama dan kedua.

Penyusunan mengikuti enam dimensi: tata kelola, penjenamaan, ekonomi, kehidupan, masyarakat, dan lingkungan. Setiap perangkat daerah dan kelurahan menulis isunya sendiri, lalu Tim Pelaksana menyatukannya per dimensi.'),
	('13.73', '2023/13.73/1', '4', 'Isu terbanyak menyangkut pencatatan yang masih manual dan data yang tidak saling terhubung.');

INSERT INTO citizen_report (scope, id, quick_win_id, category, title, description, village_code, channel, received_ts) VALUES
	('13.73', '018a7001-4465-780e-9708-501e7931e51d', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 'warisan_budaya', 'Lampu tambang tua', 'Lampu karbit di gudang rumah, masih lengkap dengan nomor seri.', '13.73.01.1003', 'kelurahan', '2023-09-12T03:00:00Z'),
	('13.73', '018a7001-4836-7f5a-b3fb-97cdd75a3c4e', '018a6d95-aec2-75e4-b83c-82d3517d87c2', 'warisan_budaya', 'Rumah mandor di tepi rel', 'Bangunan papan dua lantai, atap mulai bocor.', '13.73.02.1001', 'kelurahan', '2023-09-14T06:30:00Z');

INSERT INTO indicator (scope, code, name, dimension_code, definition, measure, unit, direction, period) VALUES
	('13.73', 'SB-01', 'Benda warisan tercatat', 'SB', 'Jumlah benda dan bangunan warisan yang ada di katalog', 'Hitungan', 'buah', 'up', 'quarter');

INSERT INTO indicator_value (scope, indicator_code, period, revision, value_num, entered_by, ts) VALUES
	('13.73', 'SB-01', '2023-Q2', 1, 124, 'Andi Saputra', '2023-07-02T02:00:00Z'),
	('13.73', 'SB-01', '2023-Q3', 1, 231, 'Andi Saputra', '2023-10-02T02:00:00Z');
