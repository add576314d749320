-- schema.sql - the data model of the Smart City masterplan workspace.
--
-- Made for replication, so it keeps to these rules:
--
--   * A table is either national (the hub writes it, every region reads it) or of a region: then its first
--     column is scope, the region's code ('13.73'), NOT NULL.  rules.json says which is which.
--   * Keys are text and made where the row is made: a UUIDv7, or, where two offices must meet in one row, the
--     names that identify it ('2023/13.73/3').  No AUTOINCREMENT, no key that changes.
--   * A CHECK looks at one column only.  Two edits that are right by themselves can merge into a row that a
--     CHECK over two columns forbids; such rules are views named check_..., which list what a person must mend.
--   * No UNIQUE but the key and no FOREIGN KEY: what refers to what is checked by the same views, before
--     something is submitted, and never stops an exchange.
--   * What people may argue about is only ever added to (append in rules.json): percent history, status,
--     comments, opinions, submissions.  A correction is a new row that names the one it replaces.
--   * A state is the last row of status_event, shown by the view object_state; it is no column that two
--     offices could overwrite.
--   * Personal data of citizens is in local_reporter, which is not replicated.
--
-- Times: RFC 3339 UTC text (2023-09-07T07:05:00Z).  Dates: 2023-09-07.  Money: whole rupiah.  Percent: 0..100.
-- Weights: basis points (10000 = 100 %).

-- ---- National: reference data, from the hub to all -------------------------------------------------

CREATE TABLE region ( -- Daerah
	code TEXT NOT NULL PRIMARY KEY CHECK (code GLOB '[1-9][0-9].[0-9][0-9]'), -- Kemendagri code
	province_code TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('kabupaten', 'kota', 'kab_adm', 'kota_adm')),
	tz TEXT NOT NULL CHECK (tz IN ('WIB', 'WITA', 'WIT')), -- UTC+7, +8, +9
	valid_from TEXT,
	valid_to TEXT,
	successor_code TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE province ( -- Provinsi
	code TEXT NOT NULL PRIMARY KEY CHECK (code GLOB '[1-9][0-9]'),
	name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE programme_title ( -- the programme's names and owners change over the years
	year INTEGER NOT NULL PRIMARY KEY CHECK (year BETWEEN 2017 AND 2060),
	title TEXT NOT NULL,
	owner TEXT NOT NULL
) STRICT;

CREATE TABLE cohort ( -- Angkatan
	id TEXT NOT NULL PRIMARY KEY,
	year INTEGER NOT NULL CHECK (year BETWEEN 2017 AND 2060),
	name TEXT NOT NULL,
	dimension_set_id TEXT NOT NULL,
	book_set_id TEXT NOT NULL,
	scheme_id TEXT,
	quick_wins_per_dimension INTEGER NOT NULL DEFAULT 1 CHECK (quick_wins_per_dimension BETWEEN 1 AND 20)
) STRICT, WITHOUT ROWID;

CREATE TABLE cohort_region ( -- Daerah terpilih
	cohort_id TEXT NOT NULL,
	region_code TEXT NOT NULL,
	mou_number TEXT,
	mou_on TEXT,
	state TEXT NOT NULL
		CHECK (state IN ('invited', 'assessed', 'selected', 'in_progress', 'completed', 'withdrawn')),
	PRIMARY KEY (cohort_id, region_code)
) STRICT, WITHOUT ROWID;

CREATE TABLE legal_basis ( -- Dasar hukum, printed in each book
	id TEXT NOT NULL PRIMARY KEY,
	title TEXT NOT NULL,
	about TEXT NOT NULL,
	ord INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dimension_set (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dimension ( -- Dimensi (pilar, elemen)
	set_id TEXT NOT NULL,
	code TEXT NOT NULL CHECK (length(code) = 2),
	name TEXT NOT NULL,
	label_id TEXT NOT NULL,
	ord INTEGER NOT NULL,
	PRIMARY KEY (set_id, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE dimension_alias ( -- what people write instead; lower case
	set_id TEXT NOT NULL,
	alias TEXT NOT NULL CHECK (alias = lower(alias)),
	code TEXT NOT NULL,
	PRIMARY KEY (set_id, alias)
) STRICT, WITHOUT ROWID;

CREATE TABLE subdimension ( -- Unsur
	set_id TEXT NOT NULL,
	code TEXT NOT NULL,
	dimension_code TEXT NOT NULL,
	name TEXT NOT NULL,
	label_id TEXT NOT NULL,
	ord INTEGER NOT NULL,
	PRIMARY KEY (set_id, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE book_template ( -- Buku
	set_id TEXT NOT NULL,
	book_no INTEGER NOT NULL CHECK (book_no BETWEEN 1 AND 9),
	code TEXT NOT NULL,
	title_id TEXT NOT NULL,
	required INTEGER NOT NULL CHECK (required IN (0, 1)),
	PRIMARY KEY (set_id, book_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE book_section ( -- Bab, subbab
	set_id TEXT NOT NULL,
	book_no INTEGER NOT NULL CHECK (book_no BETWEEN 1 AND 9),
	section_code TEXT NOT NULL, -- '3.2'
	title_id TEXT NOT NULL,
	source TEXT NOT NULL CHECK (source IN ('narrative', 'generated', 'mixed')),
	generator TEXT, -- report view whose table stands here
	min_chars INTEGER,
	required INTEGER NOT NULL CHECK (required IN (0, 1)),
	ord INTEGER NOT NULL,
	PRIMARY KEY (set_id, book_no, section_code)
) STRICT, WITHOUT ROWID;

CREATE TABLE worksheet_template ( -- Kertas kerja
	code TEXT NOT NULL, -- 'KK-ISU'
	version INTEGER NOT NULL,
	title_id TEXT NOT NULL,
	title_en TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('issue', 'readiness', 'swot', 'tows', 'vision', 'programme', 'roadmap',
		'quick_win', 'innovation', 'action_plan', 'custom')),
	stage_no INTEGER NOT NULL CHECK (stage_no BETWEEN 0 AND 9),
	filled_by TEXT NOT NULL CHECK (filled_by IN ('opd', 'dimension_team', 'tim_pelaksana', 'diskominfo')),
	json_columns TEXT NOT NULL CHECK (json_valid(json_columns)), -- order, labels and help: screen, Excel, print
	PRIMARY KEY (code, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE deadline ( -- Tenggat; with a region: an extension for it
	id TEXT NOT NULL PRIMARY KEY,
	cohort_id TEXT NOT NULL,
	region_code TEXT,
	object TEXT NOT NULL
		CHECK (object IN ('worksheet', 'book', 'quick_win', 'presentation', 'evaluation', 'evidence')),
	object_code TEXT NOT NULL,
	due_ts TEXT NOT NULL,
	grace_hours INTEGER NOT NULL DEFAULT 0 CHECK (grace_hours >= 0),
	state TEXT NOT NULL CHECK (state IN ('open', 'closing', 'closed')), -- closing: no new sheets, sending still
	reason TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation_scheme (
	id TEXT NOT NULL PRIMARY KEY,
	year INTEGER NOT NULL,
	name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation_component ( -- Komponen penilaian
	scheme_id TEXT NOT NULL,
	code TEXT NOT NULL,
	label_id TEXT NOT NULL,
	weight_pct INTEGER NOT NULL CHECK (weight_pct BETWEEN 0 AND 100),
	PRIMARY KEY (scheme_id, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation_question (
	scheme_id TEXT NOT NULL,
	code TEXT NOT NULL,
	component TEXT NOT NULL,
	question TEXT NOT NULL,
	evidence_required INTEGER NOT NULL DEFAULT 1 CHECK (evidence_required IN (0, 1)),
	PRIMARY KEY (scheme_id, code)
) STRICT, WITHOUT ROWID;

-- ---- Institution ------------------------------------------------------------------------------------

CREATE TABLE organization ( -- Perangkat daerah, kelurahan, mitra
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	parent_id TEXT,
	kind TEXT NOT NULL CHECK (kind IN ('opd', 'kecamatan', 'kelurahan', 'desa', 'bumd', 'bumn', 'instansi_vertikal',
		'perguruan_tinggi', 'swasta', 'perbankan', 'komunitas', 'media', 'forkopimda', 'kementerian',
		'pembimbing', 'umkm', 'lainnya')),
	village_code TEXT,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 2 AND 200),
	short_name TEXT,
	active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
	sign_officer_person_id TEXT,
	merged_into TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE person ( -- Orang; NIP, never NIK
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	full_name TEXT NOT NULL CHECK (length(full_name) BETWEEN 2 AND 200),
	title_prefix TEXT,
	title_suffix TEXT,
	employee_no TEXT,
	phone TEXT,
	email TEXT,
	merged_into TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE role_assignment ( -- Peran: what a person does; rights come from the node's accounts and its grant
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	org_id TEXT,
	dimension_code TEXT,
	role TEXT NOT NULL CHECK (role IN ('kepala_daerah', 'wakil_kepala_daerah', 'sekda', 'dewan_pembina',
		'dewan_pengarah', 'dewan_ketua', 'dewan_anggota', 'pelaksana_ketua', 'pelaksana_sekretaris',
		'pelaksana_anggota', 'pic_dimensi', 'pic_program', 'operator_opd', 'operator_daerah', 'kepala_opd',
		'kepala_diskominfo', 'walidata', 'produsen_data', 'tenaga_ahli', 'asisten_tenaga_ahli', 'ahli_bidang',
		'hub_operator', 'hub_reviewer', 'evaluator', 'auditor', 'integrator')),
	decision_id TEXT,
	starts_on TEXT NOT NULL,
	ends_on TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision ( -- SK, peraturan, nota kesepahaman, pakta integritas, komitmen bersama
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('sk_dewan', 'sk_tim_pelaksana', 'sk_lainnya', 'perbup_perwali', 'perda', 'mou',
		'pakta_integritas', 'komitmen_bersama', 'sarana_bimtek', 'berita_acara')),
	number TEXT NOT NULL,
	title TEXT NOT NULL,
	signed_on TEXT NOT NULL,
	signer_person_id TEXT,
	document_id TEXT,
	supersedes_id TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- ---- Stages and events ------------------------------------------------------------------------------

CREATE TABLE stage ( -- Tahap: 0 persiapan, 1-4 Bimtek I-IV, 5 presentasi akhir, 6-7 evaluasi
	scope TEXT NOT NULL,
	id TEXT NOT NULL, -- cohort/scope/stage_no
	cohort_id TEXT NOT NULL,
	stage_no INTEGER NOT NULL CHECK (stage_no BETWEEN 0 AND 9),
	planned_start TEXT,
	planned_end TEXT,
	actual_start TEXT,
	actual_end TEXT,
	venue TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event ( -- Acara
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	stage_id TEXT NOT NULL,
	day_no INTEGER NOT NULL CHECK (day_no BETWEEN 1 AND 9),
	kind TEXT NOT NULL CHECK (kind IN ('opening', 'briefing', 'worksheet', 'presentation', 'clinic', 'site_visit',
		'forum', 'press', 'signing', 'closing')),
	title TEXT NOT NULL,
	starts_ts TEXT,
	ends_ts TEXT,
	minutes TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE attendance ( -- Daftar hadir; a guest may be of no organization
	scope TEXT NOT NULL,
	event_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	org_id TEXT,
	as_role TEXT,
	present INTEGER NOT NULL CHECK (present IN (0, 1)),
	PRIMARY KEY (scope, event_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE worksheet ( -- Lembar kertas kerja: one per unit and, where the template wants it, per dimension
	scope TEXT NOT NULL,
	id TEXT NOT NULL, -- stage_id/template/org_id/dimension: two nodes that open it meet in one row
	stage_id TEXT NOT NULL,
	template_code TEXT NOT NULL,
	template_version INTEGER NOT NULL,
	org_id TEXT NOT NULL,
	dimension_code TEXT NOT NULL DEFAULT '--',
	assignee_person_id TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- ---- Buku 1: analysis -------------------------------------------------------------------------------

CREATE TABLE issue ( -- KK-ISU
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	worksheet_id TEXT NOT NULL,
	org_id TEXT NOT NULL,
	dimension_code TEXT NOT NULL,
	subdimension_code TEXT,
	statement TEXT NOT NULL CHECK (length(statement) BETWEEN 5 AND 4000),
	kind TEXT NOT NULL DEFAULT 'problem' CHECK (kind IN ('problem', 'potential', 'challenge')),
	affected TEXT,
	existing_effort TEXT,
	data_evidence TEXT,
	priority INTEGER CHECK (priority BETWEEN 1 AND 5),
	merged_into TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE readiness_item ( -- KK-SIAP
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	worksheet_id TEXT NOT NULL,
	element TEXT NOT NULL CHECK (element IN ('nature', 'structure', 'infrastructure', 'superstructure', 'culture')),
	sub_element TEXT NOT NULL,
	aspect TEXT NOT NULL,
	current_state TEXT NOT NULL,
	target_state TEXT,
	level INTEGER CHECK (level BETWEEN 1 AND 5),
	gap TEXT,
	follow_up TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE swot_factor ( -- KK-SWOT
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	worksheet_id TEXT NOT NULL,
	org_id TEXT NOT NULL,
	dimension_code TEXT,
	element TEXT CHECK (element IN ('structure', 'infrastructure', 'superstructure')),
	quadrant TEXT NOT NULL CHECK (quadrant IN ('S', 'W', 'O', 'T')),
	seq INTEGER NOT NULL CHECK (seq BETWEEN 1 AND 99),
	statement TEXT NOT NULL CHECK (length(statement) BETWEEN 3 AND 1000),
	weight_bp INTEGER CHECK (weight_bp BETWEEN 0 AND 10000),
	rating INTEGER CHECK (rating BETWEEN 1 AND 4),
	merged_into TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tows_strategy ( -- KK-TOWS
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	worksheet_id TEXT NOT NULL,
	org_id TEXT NOT NULL,
	dimension_code TEXT,
	cell TEXT NOT NULL CHECK (cell IN ('SO', 'WO', 'ST', 'WT')),
	statement TEXT NOT NULL,
	selected INTEGER NOT NULL DEFAULT 0 CHECK (selected IN (0, 1)),
	merged_into TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tows_strategy_factor ( -- which factors a strategy rests on
	scope TEXT NOT NULL,
	tows_strategy_id TEXT NOT NULL,
	swot_factor_id TEXT NOT NULL,
	PRIMARY KEY (scope, tows_strategy_id, swot_factor_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE direction ( -- KK-VISI: visi, misi, tujuan, sasaran
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	cohort_id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('vision', 'mission', 'goal', 'target')),
	parent_id TEXT,
	dimension_code TEXT,
	statement TEXT NOT NULL,
	rpjmd_ref TEXT,
	aligned_with TEXT, -- selaras dengan: SPBE, PP 59/2022, RPJMD
	seq INTEGER NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- ---- Buku 2: programmes and road map ----------------------------------------------------------------

CREATE TABLE programme ( -- KK-PROG
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	cohort_id TEXT NOT NULL,
	lead_org_id TEXT NOT NULL,
	pic_person_id TEXT,
	dimension_code TEXT NOT NULL,
	subdimension_code TEXT,
	tows_strategy_id TEXT,
	target_id TEXT,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 2 AND 300),
	description TEXT,
	output TEXT,
	beneficiaries TEXT,
	benefit_tags TEXT, -- efisiensi, layanan, kesejahteraan, investasi
	local_wisdom TEXT, -- kearifan lokal
	horizon TEXT NOT NULL CHECK (horizon IN ('short', 'medium', 'long')),
	start_year INTEGER NOT NULL CHECK (start_year BETWEEN 2017 AND 2060),
	end_year INTEGER NOT NULL CHECK (end_year BETWEEN 2017 AND 2060),
	rpjmd_code TEXT,
	sipd_code TEXT,
	spbe_ref TEXT,
	origin TEXT CHECK (origin IN ('new', 'kept', 'changed', 'dropped')), -- review of an older masterplan
	origin_year INTEGER,
	origin_reason TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE programme_year ( -- KK-I: road map, one row per year
	scope TEXT NOT NULL,
	programme_id TEXT NOT NULL,
	year INTEGER NOT NULL CHECK (year BETWEEN 2017 AND 2060),
	activity TEXT,
	target_value TEXT,
	budget_rp INTEGER CHECK (budget_rp >= 0),
	funding TEXT CHECK (funding IN ('apbd', 'apbn', 'apbd_provinsi', 'csr', 'kpbu', 'hibah', 'dana_desa', 'lainnya')),
	realised_rp INTEGER CHECK (realised_rp >= 0),
	realised_value TEXT,
	PRIMARY KEY (scope, programme_id, year)
) STRICT, WITHOUT ROWID;

CREATE TABLE partner_link ( -- Kemitraan
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	owner_kind TEXT NOT NULL CHECK (owner_kind IN ('programme', 'quick_win')),
	owner_id TEXT NOT NULL,
	org_id TEXT,
	partner_name TEXT NOT NULL,
	form TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- ---- Buku 3: quick wins -----------------------------------------------------------------------------

CREATE TABLE quick_win ( -- KK-QW, KK-INOV
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	cohort_id TEXT NOT NULL,
	dimension_code TEXT NOT NULL,
	subdimension_code TEXT,
	lead_org_id TEXT NOT NULL,
	pic_person_id TEXT,
	programme_id TEXT,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 2 AND 120), -- 'Dada Warsina'
	expansion TEXT, -- 'Digitalisasi Data Warisan Budaya Dunia'
	proposed_by TEXT NOT NULL DEFAULT 'opd' CHECK (proposed_by IN ('opd', 'dewan')),
	innovation_kind TEXT CHECK (innovation_kind IN ('program', 'produk', 'metode', 'konseptual', 'teknologi')),
	phase TEXT NOT NULL DEFAULT 'problem'
		CHECK (phase IN ('problem', 'idea', 'planning', 'build', 'implementation', 'evaluation')),
	summary TEXT,
	problem TEXT,
	benefit TEXT,
	uniqueness TEXT,
	scalability TEXT,
	resources TEXT,
	risk_analysis TEXT,
	replication TEXT,
	local_wisdom TEXT,
	integration TEXT,   -- the three commitments: with which systems it is integrated,
	collaboration TEXT, -- who works together,
	sustainability TEXT, -- how it goes on
	starts_on TEXT,
	target_on TEXT,
	app_url TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE qw_milestone ( -- Tonggak, KK-AKSI
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	quick_win_id TEXT NOT NULL,
	seq INTEGER NOT NULL,
	title TEXT NOT NULL,
	owner_org_id TEXT,
	due_on TEXT NOT NULL,
	done_on TEXT,
	weight_pct INTEGER CHECK (weight_pct BETWEEN 0 AND 100),
	evidence_document_id TEXT,
	from_thread_id TEXT, -- the expert's suggestion that it follows up
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE qw_progress ( -- Riwayat persentase
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	quick_win_id TEXT NOT NULL,
	as_of TEXT NOT NULL,
	percent INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
	basis TEXT NOT NULL CHECK (basis IN ('declared', 'milestones', 'verified')),
	note TEXT,
	reported_by TEXT NOT NULL,
	recorded_ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE presentation ( -- Paparan
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	event_id TEXT,
	subject_kind TEXT NOT NULL CHECK (subject_kind IN ('swot_tows', 'quick_win', 'masterplan', 'achievement')),
	subject_id TEXT,
	dimension_code TEXT,
	presenter_person_id TEXT,
	slot_no INTEGER,
	slides_document_id TEXT,
	presented_ts TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- ---- Review and status ------------------------------------------------------------------------------

CREATE TABLE review_thread ( -- Telaah; the text as it was when the remark was made goes with it
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	target_kind TEXT NOT NULL,
	target_id TEXT NOT NULL,
	target_field TEXT,
	target_text TEXT,
	kind TEXT NOT NULL CHECK (kind IN ('saran', 'koreksi', 'pertanyaan', 'persetujuan')),
	severity TEXT NOT NULL CHECK (severity IN ('wajib', 'disarankan', 'catatan')),
	opened_by TEXT NOT NULL,
	opened_ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE review_comment (
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	thread_id TEXT NOT NULL,
	parent_id TEXT,
	author TEXT NOT NULL,
	body TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 8000),
	redacts_id TEXT,
	created_ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE status_event ( -- every step of every object's life
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	object_kind TEXT NOT NULL,
	object_id TEXT NOT NULL,
	from_state TEXT,
	to_state TEXT NOT NULL,
	actor TEXT NOT NULL,
	reason TEXT,
	ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX status_event_object ON status_event (scope, object_kind, object_id, ts, id);

-- ---- Documents --------------------------------------------------------------------------------------

CREATE TABLE document ( -- the file itself travels apart, by its SHA-256
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('book', 'slides', 'photo', 'video_link', 'worksheet_file', 'decision', 'minutes',
		'evidence', 'commitment', 'report', 'other')),
	title TEXT NOT NULL,
	file_name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	byte_size INTEGER NOT NULL CHECK (byte_size BETWEEN 0 AND 1073741824),
	sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
	captured_ts TEXT,
	lat REAL,
	lon REAL,
	caption TEXT,
	supersedes_id TEXT,
	sensitivity TEXT NOT NULL DEFAULT 'internal'
		CHECK (sensitivity IN ('publik', 'internal', 'terbatas', 'pribadi')),
	added_by TEXT NOT NULL,
	added_ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE document_link (
	scope TEXT NOT NULL,
	document_id TEXT NOT NULL,
	owner_kind TEXT NOT NULL,
	owner_id TEXT NOT NULL,
	purpose TEXT,
	PRIMARY KEY (scope, document_id, owner_kind, owner_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE book ( -- Buku of a region: cohort/scope/book_no
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	cohort_id TEXT NOT NULL,
	book_no INTEGER NOT NULL CHECK (book_no BETWEEN 1 AND 9),
	period_start INTEGER,
	period_end INTEGER,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE book_section_text ( -- Naskah: two people may write in one chapter; lines are merged
	scope TEXT NOT NULL,
	book_id TEXT NOT NULL,
	section_code TEXT NOT NULL,
	body TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (scope, book_id, section_code)
) STRICT, WITHOUT ROWID;

-- ---- Citizens' reports ------------------------------------------------------------------------------

CREATE TABLE citizen_report ( -- Laporan warga
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	quick_win_id TEXT,
	category TEXT NOT NULL CHECK (category IN ('warisan_budaya', 'layanan', 'lingkungan', 'usulan', 'lainnya')),
	title TEXT NOT NULL,
	description TEXT NOT NULL,
	village_code TEXT,
	lat REAL,
	lon REAL,
	found_on TEXT,
	reporter_ref TEXT, -- of local_reporter, where it was taken down
	channel TEXT NOT NULL CHECK (channel IN ('web', 'kelurahan', 'petugas', 'import')),
	received_ts TEXT NOT NULL,
	duplicate_of TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE local_reporter ( -- stays on this computer
	ref TEXT NOT NULL PRIMARY KEY,
	name TEXT,
	phone TEXT,
	consent_text TEXT NOT NULL,
	consent_ts TEXT NOT NULL,
	withdrawn_ts TEXT,
	delete_after TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE expert_opinion ( -- Konfirmasi ahli
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	report_id TEXT NOT NULL,
	expert TEXT NOT NULL,
	verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'rejected', 'needs_visit', 'needs_data')),
	basis TEXT NOT NULL,
	visited_on TEXT,
	ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- ---- Assessment, evaluation, indicators -------------------------------------------------------------

CREATE TABLE assessment ( -- external: ITB's 'Kota Menuju Cerdas'
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('selection', 'readiness', 'evaluation_1', 'evaluation_2', 'external')),
	assessor TEXT NOT NULL,
	scheme_id TEXT,
	year INTEGER NOT NULL,
	score_milli INTEGER,
	category TEXT,
	held_on TEXT,
	document_id TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE assessment_answer ( -- Penilaian mandiri
	scope TEXT NOT NULL,
	assessment_id TEXT NOT NULL,
	question_code TEXT NOT NULL,
	org_id TEXT NOT NULL,
	answer_text TEXT,
	answer_num REAL,
	self_score INTEGER CHECK (self_score BETWEEN 0 AND 100),
	PRIMARY KEY (scope, assessment_id, question_code, org_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE assessment_score ( -- what the evaluator gives
	scope TEXT NOT NULL,
	assessment_id TEXT NOT NULL,
	question_code TEXT NOT NULL,
	org_id TEXT NOT NULL,
	score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100),
	note TEXT,
	PRIMARY KEY (scope, assessment_id, question_code, org_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE assessment_finding (
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	assessment_id TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('kekuatan', 'kelemahan', 'rekomendasi')),
	dimension_code TEXT,
	body TEXT NOT NULL,
	due_on TEXT,
	follow_up TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE indicator ( -- Standar data: konsep, definisi, klasifikasi, ukuran, satuan
	scope TEXT NOT NULL,
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	dimension_code TEXT,
	subdimension_code TEXT,
	concept TEXT,
	definition TEXT NOT NULL,
	classification TEXT,
	measure TEXT NOT NULL,
	unit TEXT NOT NULL,
	direction TEXT NOT NULL CHECK (direction IN ('up', 'down', 'target')),
	period TEXT NOT NULL CHECK (period IN ('month', 'quarter', 'semester', 'year')),
	producer_org_id TEXT,
	method TEXT,
	PRIMARY KEY (scope, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE indicator_value (
	scope TEXT NOT NULL,
	indicator_code TEXT NOT NULL,
	period TEXT NOT NULL,
	revision INTEGER NOT NULL CHECK (revision >= 1),
	value_num REAL,
	value_text TEXT,
	source_document_id TEXT,
	entered_by TEXT NOT NULL,
	ts TEXT NOT NULL,
	PRIMARY KEY (scope, indicator_code, period, revision)
) STRICT, WITHOUT ROWID;

-- ---- Submission -------------------------------------------------------------------------------------

CREATE TABLE submission ( -- Penyampaian: a sealed version never changes; two offline seals of one version both stay
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	cohort_id TEXT NOT NULL,
	object TEXT NOT NULL
		CHECK (object IN ('worksheet', 'book', 'quick_win', 'presentation', 'evaluation', 'evidence')),
	object_code TEXT NOT NULL,
	version INTEGER NOT NULL CHECK (version >= 1),
	supersedes_id TEXT,
	deadline_id TEXT,
	manifest_json TEXT NOT NULL CHECK (json_valid(manifest_json)),
	manifest_sha256 TEXT NOT NULL CHECK (length(manifest_sha256) = 64),
	sealed_ts TEXT NOT NULL,
	sealed_by TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE submission_signature ( -- Pengesahan
	scope TEXT NOT NULL,
	submission_id TEXT NOT NULL,
	signer TEXT NOT NULL,
	capacity TEXT NOT NULL
		CHECK (capacity IN ('operator_daerah', 'kepala_opd', 'kepala_diskominfo', 'sekda', 'kepala_daerah')),
	method TEXT NOT NULL CHECK (method IN ('segel_perangkat', 'tte_bsre_pdf', 'basah_pindai')),
	signed_document_id TEXT,
	ts TEXT NOT NULL,
	PRIMARY KEY (scope, submission_id, signer, capacity)
) STRICT, WITHOUT ROWID;

CREATE TABLE hub_review ( -- Hasil telaah pusat
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	submission_id TEXT NOT NULL,
	outcome TEXT NOT NULL CHECK (outcome IN ('diterima', 'perlu_perbaikan', 'ditolak')),
	summary TEXT NOT NULL,
	reviewer TEXT NOT NULL,
	ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE external_ref ( -- Rujukan aplikasi lain
	scope TEXT NOT NULL,
	app TEXT NOT NULL,
	ext_table TEXT NOT NULL,
	ext_key TEXT NOT NULL,
	object_kind TEXT NOT NULL,
	object_id TEXT NOT NULL,
	PRIMARY KEY (scope, app, ext_key)
) STRICT, WITHOUT ROWID;

-- ---- Indexes: what the lists and the latest rows are found by ----------------------------------------

CREATE INDEX qw_progress_quick_win ON qw_progress (scope, quick_win_id, as_of, recorded_ts, id);
CREATE INDEX qw_milestone_quick_win ON qw_milestone (scope, quick_win_id);
CREATE INDEX document_file ON document (sha256, scope);
CREATE INDEX review_comment_thread ON review_comment (scope, thread_id);
CREATE INDEX expert_opinion_report ON expert_opinion (scope, report_id);
CREATE INDEX issue_org ON issue (scope, org_id);
CREATE INDEX swot_factor_org ON swot_factor (scope, org_id);
CREATE INDEX tows_strategy_org ON tows_strategy (scope, org_id);
CREATE INDEX decision_kind ON decision (scope, kind);
CREATE INDEX role_assignment_person ON role_assignment (scope, person_id);
CREATE INDEX worksheet_org ON worksheet (scope, org_id, template_code);
