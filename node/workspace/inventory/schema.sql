-- schema.sql - a small workspace: the goods of an office, counted at several places at once.

CREATE TABLE item (
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
	unit TEXT NOT NULL DEFAULT 'buah',
	place TEXT,
	stock INTEGER NOT NULL DEFAULT 0, -- a counter: what two offices take at one time adds up
	price_rp INTEGER CHECK (price_rp >= 0),
	price_on TEXT,
	note TEXT,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE movement ( -- only ever added to
	scope TEXT NOT NULL,
	id TEXT NOT NULL,
	item_id TEXT NOT NULL,
	amount INTEGER NOT NULL,
	reason TEXT NOT NULL,
	ts TEXT NOT NULL,
	PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;
