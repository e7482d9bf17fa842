-- +goose Up

ALTER TABLE archive ADD COLUMN supervisor TEXT NOT NULL DEFAULT ''; -- hash of the word that unlocks profiles

ALTER TABLE batches ADD COLUMN shelfmark TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN container TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN expected INTEGER NOT NULL DEFAULT 0; -- sheets
ALTER TABLE batches ADD COLUMN sides INTEGER NOT NULL DEFAULT 0;    -- images a sheet gives; 0 means 1
ALTER TABLE batches ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN series TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN signed TEXT NOT NULL DEFAULT 'null'; -- JSON: why the count is right although it is another

ALTER TABLE documents ADD COLUMN reference TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN container TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN metadata TEXT NOT NULL DEFAULT 'null'; -- JSON

ALTER TABLE pages ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN start TEXT NOT NULL DEFAULT 'null';      -- JSON: the unit that begins here
ALTER TABLE pages ADD COLUMN blank INTEGER NOT NULL DEFAULT 0;        -- as a quick look saw it
ALTER TABLE pages ADD COLUMN inspection TEXT NOT NULL DEFAULT 'null'; -- JSON, without the signature
ALTER TABLE pages ADD COLUMN concerns TEXT NOT NULL DEFAULT 'null';   -- JSON
ALTER TABLE pages ADD COLUMN reviewed TEXT NOT NULL DEFAULT '';       -- why it is good as it is
ALTER TABLE pages ADD COLUMN replaced_by INTEGER REFERENCES pages;    -- the page that was taken instead
-- JSON: the working image of a camera's raw file.
ALTER TABLE pages ADD COLUMN companion TEXT NOT NULL DEFAULT 'null';
CREATE INDEX pages_replaced ON pages (replaced_by) WHERE replaced_by IS NOT NULL;

-- Options of a device, as they were in force for the pages of a run: long, alike for
-- many pages, and of no use to lists of pages.
CREATE TABLE settings (
	seq  INTEGER PRIMARY KEY,
	data TEXT NOT NULL UNIQUE -- JSON
) STRICT;
ALTER TABLE pages ADD COLUMN settings INTEGER REFERENCES settings;

-- What the picture of a page looks like, for finding its like. Apart from pages,
-- because lists of pages do not need it.
CREATE TABLE signatures (
	page      INTEGER PRIMARY KEY REFERENCES pages,
	signature BLOB NOT NULL
) STRICT;

CREATE TABLE profiles (
	name TEXT PRIMARY KEY,
	data TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- Units of description that are going to be scanned behind their cover sheets.
CREATE TABLE units (
	seq  INTEGER PRIMARY KEY, -- order of planning
	code TEXT NOT NULL UNIQUE,
	data TEXT NOT NULL        -- JSON
) STRICT;
