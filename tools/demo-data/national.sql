-- national.sql - what the ministry gives to all regions: the six dimensions and the deadlines.

CREATE TABLE dimension (
  code TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
);

CREATE TABLE deadline (
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  due TEXT NOT NULL
);

INSERT INTO dimension (code, name) VALUES
  ('governance', 'Smart Governance'),
  ('branding', 'Smart Branding'),
  ('economy', 'Smart Economy'),
  ('living', 'Smart Living'),
  ('society', 'Smart Society'),
  ('environment', 'Smart Environment');
