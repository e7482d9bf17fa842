-- +goose Up
-- Preparation by hand, correction of text, pages that share a master.

-- JSON: the steps of preparation that somebody set.
ALTER TABLE pages ADD COLUMN by_hand TEXT NOT NULL DEFAULT 'null';
UPDATE pages SET by_hand = json_array(json_object('stage', 'orient', 'params', json_object('degrees', rotation), 'manual', json('true')))
	WHERE rotation IS NOT NULL;
ALTER TABLE pages DROP COLUMN rotation;

-- The text as it was read, where somebody has corrected it since.
ALTER TABLE pages ADD COLUMN raw TEXT NOT NULL DEFAULT '';        -- path below the root
ALTER TABLE pages ADD COLUMN raw_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN corrections INTEGER NOT NULL DEFAULT 0;

-- The other page of a spread: it shares the master of this one.
ALTER TABLE pages ADD COLUMN half_of INTEGER REFERENCES pages;
CREATE INDEX pages_half ON pages (half_of) WHERE half_of IS NOT NULL;
