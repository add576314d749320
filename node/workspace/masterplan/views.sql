-- views.sql - what is worked out from the tables: states, what a person must mend, lists, the tables of the books.
--
-- Run at init, and again when a newer program brings another text: so each view is dropped first.  Views named
-- check_... have the columns scope, object_kind, object_id, message_id, message_en: each row is something that
-- a person must mend before the object is submitted; app.json says which of them refuse a write at once.

-- ---- States ------------------------------------------------------------------------------------------

DROP VIEW IF EXISTS object_state;
CREATE VIEW object_state AS -- the last step of each object; of two at one time the greater id
	SELECT scope, object_kind, object_id, to_state AS state, ts, actor, reason
	FROM status_event e
	WHERE NOT EXISTS (SELECT 1 FROM status_event l WHERE l.scope = e.scope AND l.object_kind = e.object_kind
			  AND l.object_id = e.object_id AND (l.ts, l.id) > (e.ts, e.id));

DROP VIEW IF EXISTS quick_win_percent;
CREATE VIEW quick_win_percent AS -- the last word on each quick win
	SELECT scope, quick_win_id, percent, basis, as_of, reported_by, recorded_ts, note
	FROM qw_progress p
	WHERE NOT EXISTS (SELECT 1 FROM qw_progress l WHERE l.scope = p.scope AND l.quick_win_id = p.quick_win_id
			  AND (l.as_of, l.recorded_ts, l.id) > (p.as_of, p.recorded_ts, p.id));

-- ---- What a person must mend -------------------------------------------------------------------------

DROP VIEW IF EXISTS check_tows_trace;
CREATE VIEW check_tows_trace AS -- an SO strategy cites at least one S and one O, and so on
	SELECT t.scope, 'tows_strategy' AS object_kind, t.id AS object_id,
	       'Strategi ' || t.cell || ' harus merujuk minimal satu '
	       || CASE substr(t.cell, 1, 1) WHEN 'S' THEN 'Kekuatan' ELSE 'Kelemahan' END || ' dan satu '
	       || CASE substr(t.cell, 2, 1) WHEN 'O' THEN 'Peluang' ELSE 'Ancaman' END AS message_id,
	       'A ' || t.cell || ' strategy must cite at least one '
	       || CASE substr(t.cell, 1, 1) WHEN 'S' THEN 'strength' ELSE 'weakness' END || ' and one '
	       || CASE substr(t.cell, 2, 1) WHEN 'O' THEN 'opportunity' ELSE 'threat' END AS message_en
	FROM tows_strategy t
	WHERE t.merged_into IS NULL AND 2 > (
		SELECT count(DISTINCT f.quadrant) FROM tows_strategy_factor c
		JOIN swot_factor f ON f.scope = c.scope AND f.id = c.swot_factor_id
		WHERE c.scope = t.scope AND c.tows_strategy_id = t.id AND instr(t.cell, f.quadrant) > 0);

DROP VIEW IF EXISTS check_programme_years;
CREATE VIEW check_programme_years AS
	SELECT scope, 'programme' AS object_kind, id AS object_id,
	       'Tahun akhir sebelum tahun mulai' AS message_id, 'It ends before it begins' AS message_en
	FROM programme WHERE end_year < start_year;

DROP VIEW IF EXISTS check_quick_win_named;
CREATE VIEW check_quick_win_named AS -- named: milestones with owner and date, and the three commitments
	SELECT q.scope, 'quick_win' AS object_kind, q.id AS object_id,
	       CASE WHEN NOT EXISTS (SELECT 1 FROM qw_milestone m WHERE m.scope = q.scope AND m.quick_win_id = q.id
				     AND m.owner_org_id IS NOT NULL)
		    THEN 'Belum ada tonggak dengan penanggung jawab dan tanggal'
		    ELSE 'Integrasi, kolaborasi atau keberlanjutan belum diisi' END AS message_id,
	       CASE WHEN NOT EXISTS (SELECT 1 FROM qw_milestone m WHERE m.scope = q.scope AND m.quick_win_id = q.id
				     AND m.owner_org_id IS NOT NULL)
		    THEN 'It has no milestone with an owner and a date'
		    ELSE 'Integration, collaboration or sustainability is empty' END AS message_en
	FROM quick_win q JOIN object_state s
	ON s.scope = q.scope AND s.object_kind = 'quick_win' AND s.object_id = q.id
	WHERE s.state IN ('named', 'running', 'done') AND (
		NOT EXISTS (SELECT 1 FROM qw_milestone m WHERE m.scope = q.scope AND m.quick_win_id = q.id
			    AND m.owner_org_id IS NOT NULL)
		OR length(coalesce(q.integration, '')) = 0 OR length(coalesce(q.collaboration, '')) = 0
		OR length(coalesce(q.sustainability, '')) = 0);

DROP VIEW IF EXISTS check_quick_win_limit;
CREATE VIEW check_quick_win_limit AS -- more than the cohort allows in one dimension have been chosen
	SELECT q.scope, 'quick_win' AS object_kind, q.id AS object_id,
	       'Lebih dari ' || c.quick_wins_per_dimension || ' quick win terpilih pada dimensi '
	       || q.dimension_code AS message_id,
	       'More than ' || c.quick_wins_per_dimension || ' quick wins are chosen in dimension '
	       || q.dimension_code AS message_en
	FROM quick_win q JOIN cohort c ON c.id = q.cohort_id
	JOIN object_state s ON s.scope = q.scope AND s.object_kind = 'quick_win' AND s.object_id = q.id
	WHERE s.state IN ('selected', 'named', 'running', 'done') AND c.quick_wins_per_dimension < (
		SELECT count(*) FROM quick_win o JOIN object_state t
		ON t.scope = o.scope AND t.object_kind = 'quick_win' AND t.object_id = o.id
		WHERE o.scope = q.scope AND o.cohort_id = q.cohort_id AND o.dimension_code = q.dimension_code
		AND t.state IN ('selected', 'named', 'running', 'done'));

DROP VIEW IF EXISTS check_answer_evidence;
CREATE VIEW check_answer_evidence AS -- tanpa bukti
	SELECT a.scope, 'assessment_answer' AS object_kind,
	       a.assessment_id || '/' || a.question_code || '/' || a.org_id AS object_id,
	       'Jawaban tanpa bukti dukung' AS message_id, 'An answer without evidence' AS message_en
	FROM assessment_answer a JOIN assessment s ON s.scope = a.scope AND s.id = a.assessment_id
	JOIN evaluation_question q ON q.scheme_id = s.scheme_id AND q.code = a.question_code
	WHERE q.evidence_required = 1 AND NOT EXISTS (
		SELECT 1 FROM document_link l WHERE l.scope = a.scope AND l.owner_kind = 'assessment_answer'
		AND l.owner_id = a.assessment_id || '/' || a.question_code || '/' || a.org_id);

DROP VIEW IF EXISTS check_percent_lowered;
CREATE VIEW check_percent_lowered AS -- a percent that goes down says why
	SELECT p.scope, 'qw_progress' AS object_kind, p.id AS object_id,
	       'Persentase turun dari ' || b.percent || ' % menjadi ' || p.percent || ' %: isi catatannya' AS message_id,
	       'The percentage falls from ' || b.percent || ' % to ' || p.percent || ' %: add a note' AS message_en
	FROM qw_progress p JOIN qw_progress b ON b.scope = p.scope AND b.quick_win_id = p.quick_win_id
	WHERE length(coalesce(p.note, '')) < 5 AND b.percent > p.percent
	AND (b.as_of, b.recorded_ts, b.id) < (p.as_of, p.recorded_ts, p.id)
	AND NOT EXISTS (SELECT 1 FROM qw_progress m WHERE m.scope = p.scope AND m.quick_win_id = p.quick_win_id
			AND (m.as_of, m.recorded_ts, m.id) > (b.as_of, b.recorded_ts, b.id)
			AND (m.as_of, m.recorded_ts, m.id) < (p.as_of, p.recorded_ts, p.id));

DROP VIEW IF EXISTS check_section;
CREATE VIEW check_section AS -- sections of a book that are missing or too short
	SELECT b.scope, 'book' AS object_kind, b.id AS object_id,
	       'Bab ' || s.section_code || ' ' || s.title_id
	       || CASE WHEN length(coalesce(t.body, '')) = 0 THEN ' belum diisi'
		  ELSE ' baru ' || length(t.body) || ' dari ' || s.min_chars || ' huruf' END AS message_id,
	       'Section ' || s.section_code || ' ' || s.title_id
	       || CASE WHEN length(coalesce(t.body, '')) = 0 THEN ' is empty'
		  ELSE ' has ' || length(t.body) || ' of ' || s.min_chars || ' characters' END AS message_en,
	       s.section_code
	FROM book b JOIN cohort c ON c.id = b.cohort_id
	JOIN book_section s ON s.set_id = c.book_set_id AND s.book_no = b.book_no
	LEFT JOIN book_section_text t ON t.scope = b.scope AND t.book_id = b.id AND t.section_code = s.section_code
	WHERE s.required = 1 AND s.source <> 'generated'
	AND length(coalesce(t.body, '')) < max(coalesce(s.min_chars, 1), 1);

DROP VIEW IF EXISTS obligation;
CREATE VIEW obligation AS -- Kewajiban daerah: what an assisted region owes, and whether it is on file
	SELECT r.region_code AS scope, o.kind, o.label_id, o.label_en,
	       (SELECT d.id FROM decision d WHERE d.scope = r.region_code AND d.kind = o.kind
		ORDER BY d.signed_on DESC, d.id LIMIT 1) AS decision_id
	FROM (SELECT DISTINCT region_code FROM cohort_region) r JOIN (
		SELECT 'mou' AS kind, 'Nota kesepahaman' AS label_id, 'Memorandum of understanding' AS label_en
		UNION ALL SELECT 'sk_dewan', 'SK Dewan Smart City', 'Decree on the Smart City council'
		UNION ALL SELECT 'sk_tim_pelaksana', 'SK Tim Pelaksana', 'Decree on the working team') o;

DROP VIEW IF EXISTS warn_obligation;
CREATE VIEW warn_obligation AS -- does not stop a submission, but is said
	SELECT o.scope, 'book' AS object_kind, b.id AS object_id, o.label_id || ' belum ada' AS message_id,
	       o.label_en || ' is missing' AS message_en
	FROM obligation o JOIN book b ON b.scope = o.scope WHERE o.decision_id IS NULL;

-- ---- Lists for the screens -----------------------------------------------------------------------------

DROP VIEW IF EXISTS organization_list;
CREATE VIEW organization_list AS
	SELECT o.scope, o.id, o.kind, o.name, o.short_name, o.active, o.parent_id,
	       (SELECT p.full_name FROM person p WHERE p.scope = o.scope AND p.id = o.sign_officer_person_id) AS officer
	FROM organization o WHERE o.merged_into IS NULL;

DROP VIEW IF EXISTS people;
CREATE VIEW people AS
	SELECT p.scope, p.id, trim(coalesce(p.title_prefix || ' ', '') || p.full_name || coalesce(', ' || p.title_suffix, ''))
	       AS name, p.full_name, p.employee_no, p.phone, p.email,
	       (SELECT group_concat(r.role, ',') FROM role_assignment r WHERE r.scope = p.scope AND r.person_id = p.id
		AND r.ends_on IS NULL) AS roles,
	       (SELECT group_concat(o.name, ', ') FROM role_assignment r JOIN organization o ON o.scope = r.scope
		AND o.id = r.org_id WHERE r.scope = p.scope AND r.person_id = p.id AND r.ends_on IS NULL) AS organizations
	FROM person p WHERE p.merged_into IS NULL;

DROP VIEW IF EXISTS worksheet_rows;
CREATE VIEW worksheet_rows AS -- how many rows each unit has in each kind of worksheet
	SELECT scope, 'issue' AS kind, org_id, count(*) AS n FROM issue WHERE merged_into IS NULL GROUP BY scope, org_id
	UNION ALL SELECT i.scope, 'readiness', w.org_id, count(*) FROM readiness_item i
		JOIN worksheet w ON w.scope = i.scope AND w.id = i.worksheet_id GROUP BY i.scope, w.org_id
	UNION ALL SELECT scope, 'swot', org_id, count(*) FROM swot_factor WHERE merged_into IS NULL GROUP BY scope, org_id
	UNION ALL SELECT scope, 'tows', org_id, count(*) FROM tows_strategy WHERE merged_into IS NULL GROUP BY scope, org_id
	UNION ALL SELECT scope, 'programme', lead_org_id, count(*) FROM programme GROUP BY scope, lead_org_id
	UNION ALL SELECT y.scope, 'roadmap', p.lead_org_id, count(*) FROM programme_year y
		JOIN programme p ON p.scope = y.scope AND p.id = y.programme_id GROUP BY y.scope, p.lead_org_id
	UNION ALL SELECT scope, 'quick_win', lead_org_id, count(*) FROM quick_win GROUP BY scope, lead_org_id
	UNION ALL SELECT scope, 'innovation', lead_org_id, count(*) FROM quick_win
		WHERE length(coalesce(uniqueness, '') || coalesce(scalability, '')) > 0 GROUP BY scope, lead_org_id
	UNION ALL SELECT m.scope, 'action_plan', q.lead_org_id, count(*) FROM qw_milestone m
		JOIN quick_win q ON q.scope = m.scope AND q.id = m.quick_win_id GROUP BY m.scope, q.lead_org_id;

DROP VIEW IF EXISTS worksheet_progress;
CREATE VIEW worksheet_progress AS -- Siapa belum mengisi: each active unit beside each worksheet that units fill in
	SELECT o.scope, t.code AS template_code, t.title_id, t.title_en, t.stage_no, o.id AS org_id, o.name AS org_name,
	       o.kind AS org_kind, coalesce(r.n, 0) AS rows,
	       (SELECT s.state FROM worksheet w JOIN object_state s ON s.scope = w.scope AND s.object_kind = 'worksheet'
		AND s.object_id = w.id WHERE w.scope = o.scope AND w.org_id = o.id AND w.template_code = t.code
		ORDER BY s.ts DESC LIMIT 1) AS state
	FROM organization o JOIN worksheet_template t ON t.filled_by = 'opd'
	LEFT JOIN worksheet_rows r ON r.scope = o.scope AND r.kind = t.kind AND r.org_id = o.id
	WHERE o.active = 1 AND o.merged_into IS NULL AND o.kind IN ('opd', 'kecamatan', 'kelurahan', 'desa');

DROP VIEW IF EXISTS region_deadline;
CREATE VIEW region_deadline AS -- the deadline that holds for a region: its extension, else the cohort's
	SELECT m.region_code AS scope, d.cohort_id, d.object, d.object_code, coalesce(x.due_ts, d.due_ts) AS due_ts,
	       coalesce(x.grace_hours, d.grace_hours) AS grace_hours, coalesce(x.state, d.state) AS state,
	       x.reason, x.id IS NOT NULL AS extended, coalesce(x.id, d.id) AS id, r.tz
	FROM deadline d JOIN cohort_region m ON m.cohort_id = d.cohort_id
	LEFT JOIN region r ON r.code = m.region_code
	LEFT JOIN deadline x ON x.cohort_id = d.cohort_id AND x.object = d.object AND x.object_code = d.object_code
		AND x.region_code = m.region_code
	WHERE d.region_code IS NULL AND m.state <> 'withdrawn';

DROP VIEW IF EXISTS quick_win_list;
CREATE VIEW quick_win_list AS
	SELECT q.scope, q.id, q.cohort_id, q.name, q.expansion, q.dimension_code, q.lead_org_id, o.name AS org_name, q.phase,
	       coalesce(s.state, 'candidate') AS state, p.percent, p.basis, p.as_of, p.reported_by,
	       (SELECT count(*) FROM qw_milestone m WHERE m.scope = q.scope AND m.quick_win_id = q.id) AS milestones,
	       (SELECT count(*) FROM qw_milestone m WHERE m.scope = q.scope AND m.quick_win_id = q.id
		AND m.done_on IS NOT NULL) AS done
	FROM quick_win q LEFT JOIN organization o ON o.scope = q.scope AND o.id = q.lead_org_id
	LEFT JOIN object_state s ON s.scope = q.scope AND s.object_kind = 'quick_win' AND s.object_id = q.id
	LEFT JOIN quick_win_percent p ON p.scope = q.scope AND p.quick_win_id = q.id;

DROP VIEW IF EXISTS thread_list;
CREATE VIEW thread_list AS
	SELECT t.scope, t.id, t.target_kind, t.target_id, t.target_field, t.target_text, t.kind, t.severity, t.opened_by,
	       t.opened_ts, coalesce(s.state, 'open') AS state, count(c.id) AS comments, max(c.created_ts) AS last_ts
	FROM review_thread t LEFT JOIN review_comment c ON c.scope = t.scope AND c.thread_id = t.id
	LEFT JOIN object_state s ON s.scope = t.scope AND s.object_kind = 'review_thread' AND s.object_id = t.id
	GROUP BY t.scope, t.id;

DROP VIEW IF EXISTS report_public;
CREATE VIEW report_public AS -- only what an expert confirmed, and nothing of who reported it
	SELECT r.scope, r.id, r.category, r.title, r.description, r.village_code, r.found_on, o.expert, o.basis, o.ts
	FROM citizen_report r JOIN expert_opinion o ON o.scope = r.scope AND o.report_id = r.id AND o.verdict = 'confirmed'
	WHERE NOT EXISTS (SELECT 1 FROM expert_opinion l WHERE l.scope = o.scope AND l.report_id = o.report_id
			  AND (l.ts, l.id) > (o.ts, o.id))
	AND r.duplicate_of IS NULL;

-- ---- The tables that stand in the books ------------------------------------------------------------------

DROP VIEW IF EXISTS book_legal_basis;
CREATE VIEW book_legal_basis AS SELECT title AS "Peraturan", about AS "Tentang", ord FROM legal_basis;

DROP VIEW IF EXISTS book_readiness;
CREATE VIEW book_readiness AS
	SELECT scope, element AS "Unsur", sub_element AS "Sub-unsur", aspect AS "Aspek", current_state AS "Keadaan sekarang",
	       target_state AS "Keadaan yang dituju", level AS "Tingkat", gap AS "Kesenjangan", follow_up AS "Tindak lanjut"
	FROM readiness_item;

DROP VIEW IF EXISTS book_issues;
CREATE VIEW book_issues AS
	SELECT i.scope, i.dimension_code AS "Dimensi", i.statement AS "Isu", i.affected AS "Yang terdampak",
	       i.existing_effort AS "Upaya", i.data_evidence AS "Data pendukung", i.priority AS "Prioritas",
	       o.name AS "Perangkat daerah"
	FROM issue i LEFT JOIN organization o ON o.scope = i.scope AND o.id = i.org_id WHERE i.merged_into IS NULL;

DROP VIEW IF EXISTS book_swot_tows;
CREATE VIEW book_swot_tows AS
	SELECT f.scope, coalesce(f.dimension_code, '') AS "Dimensi", f.quadrant || f.seq AS "No.", f.statement AS "Rumusan",
	       o.name AS "Perangkat daerah"
	FROM swot_factor f LEFT JOIN organization o ON o.scope = f.scope AND o.id = f.org_id WHERE f.merged_into IS NULL
	UNION ALL SELECT t.scope, coalesce(t.dimension_code, ''), t.cell, t.statement, o.name
	FROM tows_strategy t LEFT JOIN organization o ON o.scope = t.scope AND o.id = t.org_id WHERE t.merged_into IS NULL;

DROP VIEW IF EXISTS book_vision;
CREATE VIEW book_vision AS SELECT scope, statement AS "Visi", rpjmd_ref AS "Rujukan RPJMD", seq AS ord
	FROM direction WHERE kind = 'vision';

DROP VIEW IF EXISTS book_directions;
CREATE VIEW book_directions AS SELECT scope, kind AS "Jenis", seq AS "No.", statement AS "Rumusan",
	dimension_code AS "Dimensi", rpjmd_ref AS "Rujukan RPJMD", aligned_with AS "Selaras dengan" FROM direction;

DROP VIEW IF EXISTS book_strategies;
CREATE VIEW book_strategies AS
	SELECT t.scope, coalesce(t.dimension_code, '') AS "Dimensi", t.cell AS "Sel", t.statement AS "Strategi",
	       (SELECT group_concat(f.quadrant || f.seq, ', ') FROM tows_strategy_factor c JOIN swot_factor f
		ON f.scope = c.scope AND f.id = c.swot_factor_id
		WHERE c.scope = t.scope AND c.tows_strategy_id = t.id) AS "Merujuk"
	FROM tows_strategy t WHERE t.selected = 1 AND t.merged_into IS NULL;

DROP VIEW IF EXISTS book_programmes;
CREATE VIEW book_programmes AS
	SELECT p.scope, p.dimension_code AS "Dimensi", p.name AS "Program", p.output AS "Keluaran", p.beneficiaries AS "Penerima",
	       p.start_year || '-' || p.end_year AS "Tahun", o.name AS "Perangkat daerah",
	       CASE p.origin WHEN 'kept' THEN p.origin_year || ', dipertahankan' WHEN 'changed' THEN p.origin_year || ', diubah'
		WHEN 'new' THEN 'baru' ELSE '' END AS "Asal"
	FROM programme p LEFT JOIN organization o ON o.scope = p.scope AND o.id = p.lead_org_id
	WHERE coalesce(p.origin, '') <> 'dropped';

DROP VIEW IF EXISTS book_dropped;
CREATE VIEW book_dropped AS SELECT scope, name AS "Program", origin_year AS "Tahun", origin_reason AS "Alasan"
	FROM programme WHERE origin = 'dropped';

DROP VIEW IF EXISTS book_roadmap;
CREATE VIEW book_roadmap AS
	SELECT p.scope, p.dimension_code AS "Dimensi", p.name AS "Program", y.year AS "Tahun", y.activity AS "Kegiatan",
	       y.target_value AS "Target", y.budget_rp AS "Anggaran (Rp)", y.funding AS "Sumber dana"
	FROM programme_year y JOIN programme p ON p.scope = y.scope AND p.id = y.programme_id;

DROP VIEW IF EXISTS book_quick_wins;
CREATE VIEW book_quick_wins AS
	SELECT q.scope, q.dimension_code AS "Dimensi", q.name || coalesce(' (' || q.expansion || ')', '') AS "Quick win",
	       q.benefit AS "Manfaat", l.org_name AS "Perangkat daerah", l.percent AS "Persen", l.as_of AS "Per tanggal"
	FROM quick_win q JOIN quick_win_list l ON l.scope = q.scope AND l.id = q.id;

DROP VIEW IF EXISTS book_milestones;
CREATE VIEW book_milestones AS
	SELECT m.scope, q.name AS "Quick win", m.seq AS "No.", m.title AS "Tonggak", o.name AS "Penanggung jawab",
	       m.due_on AS "Tenggat", m.done_on AS "Selesai"
	FROM qw_milestone m JOIN quick_win q ON q.scope = m.scope AND q.id = m.quick_win_id
	LEFT JOIN organization o ON o.scope = m.scope AND o.id = m.owner_org_id;

DROP VIEW IF EXISTS book_code;
CREATE VIEW book_code AS -- a book by the code that deadlines and submissions call it: B1; of the newest cohort
	SELECT b.scope, t.code, b.id, b.cohort_id, b.book_no, c.book_set_id AS set_id, t.title_id
	FROM book b JOIN cohort c ON c.id = b.cohort_id
	JOIN book_template t ON t.set_id = c.book_set_id AND t.book_no = b.book_no
	WHERE NOT EXISTS (SELECT 1 FROM book n WHERE n.scope = b.scope AND n.book_no = b.book_no
			  AND n.cohort_id > b.cohort_id);

DROP VIEW IF EXISTS book_uses;
CREATE VIEW book_uses AS -- whose tables stand in a book
	SELECT DISTINCT b.scope, b.code, s.generator FROM book_code b
	JOIN book_section s ON s.set_id = b.set_id AND s.book_no = b.book_no WHERE s.generator IS NOT NULL;

-- ---- For the hub: one row per region ---------------------------------------------------------------------

DROP VIEW IF EXISTS region_overview;
CREATE VIEW region_overview AS
	SELECT r.code AS scope, r.code, r.name, r.kind, r.province_code, p.name AS province, r.tz, m.cohort_id,
	       m.state AS member_state,
	       (SELECT max(s.stage_no) FROM stage s WHERE s.scope = r.code AND s.actual_start IS NOT NULL) AS stage_no,
	       (SELECT count(*) FROM organization o WHERE o.scope = r.code AND o.merged_into IS NULL) AS organizations,
	       (SELECT count(*) FROM issue i WHERE i.scope = r.code) AS issues,
	       (SELECT count(*) FROM programme g WHERE g.scope = r.code) AS programmes,
	       (SELECT count(*) FROM quick_win q WHERE q.scope = r.code) AS quick_wins,
	       (SELECT round(avg(w.percent), 1) FROM quick_win_percent w WHERE w.scope = r.code) AS percent_avg,
	       (SELECT count(*) FROM obligation b WHERE b.scope = r.code AND b.decision_id IS NOT NULL) AS obligations,
	       (SELECT count(*) FROM submission u WHERE u.scope = r.code) AS submissions
	FROM region r LEFT JOIN province p ON p.code = r.province_code
	LEFT JOIN cohort_region m ON m.region_code = r.code
		AND m.cohort_id = (SELECT max(c.cohort_id) FROM cohort_region c WHERE c.region_code = r.code);
