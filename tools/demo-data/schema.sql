-- schema.sql - what a region's masterplan office keeps: an ordinary SQLite application.
--
-- Keys are UUIDv7, so two offices never give the same key to two things.

CREATE TABLE organization (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('opd', 'kelurahan')),
  code TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL
);

CREATE TABLE regional_issue (                      -- Kertas Kerja Analisis Isu Daerah
  id TEXT NOT NULL PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  dimension TEXT NOT NULL,
  statement TEXT NOT NULL
);

CREATE TABLE quick_win (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  expansion TEXT NOT NULL DEFAULT '',
  organization_id TEXT NOT NULL REFERENCES organization (id),
  dimension TEXT NOT NULL,
  percent INTEGER NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
  benefit TEXT NOT NULL DEFAULT ''
);

CREATE TABLE swot_factor (                         -- Kertas Kerja Analisis SWOT
  id TEXT NOT NULL PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  dimension TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('S', 'W', 'O', 'T')),
  statement TEXT NOT NULL
);
