-- +goose Up

-- "RCTO": tells a catalogue from any other SQLite database.
PRAGMA application_id = 1380144207;

CREATE TABLE archive (
	only     INTEGER PRIMARY KEY CHECK (only = 1),
	id       TEXT    NOT NULL DEFAULT '',
	format   INTEGER NOT NULL DEFAULT 0,
	position INTEGER NOT NULL DEFAULT 0 -- in the journal, of the last event applied
) STRICT;
INSERT INTO archive (only) VALUES (1);

CREATE TABLE events (
	seq   INTEGER PRIMARY KEY, -- order in the journal
	id    TEXT NOT NULL UNIQUE,
	time  TEXT NOT NULL,
	actor TEXT NOT NULL,
	type  TEXT NOT NULL,
	why   TEXT NOT NULL,
	data  BLOB NOT NULL
) STRICT;

CREATE TABLE event_objects (
	object TEXT    NOT NULL, -- id of an archive, batch, page, document or delivery
	event  INTEGER NOT NULL REFERENCES events,
	PRIMARY KEY (object, event)
) STRICT, WITHOUT ROWID;

-- What an event asked for and could not be done: the history is damaged or was
-- written by somebody else. Kept, so that nothing is dropped silently.
CREATE TABLE oddities (
	seq    INTEGER PRIMARY KEY,
	event  INTEGER NOT NULL REFERENCES events,
	reason TEXT    NOT NULL
) STRICT;

CREATE TABLE batches (
	seq       INTEGER PRIMARY KEY, -- order of creation
	id        TEXT NOT NULL UNIQUE,
	name      TEXT NOT NULL,
	key       TEXT NOT NULL DEFAULT '',
	title     TEXT NOT NULL DEFAULT '',
	sources   TEXT NOT NULL DEFAULT 'null', -- JSON
	languages TEXT NOT NULL DEFAULT 'null', -- JSON
	created   TEXT NOT NULL,
	touched   TEXT NOT NULL
) STRICT;
CREATE INDEX batches_name ON batches (name);
CREATE INDEX batches_key ON batches (key);

-- What was gone through to the end: raw bytes of absolute paths.
CREATE TABLE imports (
	batch    INTEGER NOT NULL REFERENCES batches,
	argument BLOB    NOT NULL,
	PRIMARY KEY (batch, argument)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejects (
	seq       INTEGER PRIMARY KEY,
	batch     INTEGER NOT NULL REFERENCES batches,
	argument  BLOB    NOT NULL,           -- raw bytes, absolute
	path      BLOB    NOT NULL,           -- raw bytes, absolute
	origin    TEXT    NOT NULL,           -- JSON
	problem   TEXT    NOT NULL,           -- JSON
	dismissed TEXT    NOT NULL DEFAULT '' -- why nobody misses it
) STRICT;
CREATE INDEX rejects_argument ON rejects (batch, argument);
CREATE INDEX rejects_path ON rejects (batch, path);

CREATE TABLE pages (
	seq          INTEGER PRIMARY KEY, -- order of capture; also the page's row in texts
	id           TEXT    NOT NULL UNIQUE,
	batch        INTEGER NOT NULL REFERENCES batches,
	place        INTEGER NOT NULL,            -- ascending in the batch, with gaps; 0 only while being moved
	binned       INTEGER NOT NULL DEFAULT 0,
	rotation     INTEGER,                     -- by hand, degrees clockwise; NULL: nobody turned it
	duplicate_of INTEGER REFERENCES pages,
	master       TEXT    NOT NULL,
	format       TEXT    NOT NULL,
	sha256       TEXT    NOT NULL,
	sha512       TEXT    NOT NULL,
	size         INTEGER NOT NULL,
	origin       TEXT    NOT NULL,            -- JSON
	origin_path  BLOB    NOT NULL,            -- raw bytes, absolute
	origin_index INTEGER NOT NULL,
	origin_nth   INTEGER NOT NULL,
	width        INTEGER NOT NULL,
	height       INTEGER NOT NULL,
	dpi          REAL    NOT NULL,
	orientation  INTEGER NOT NULL,
	captured     TEXT    NOT NULL,
	operator     TEXT    NOT NULL,
	state        TEXT    NOT NULL DEFAULT 'new',
	recipe       TEXT    NOT NULL DEFAULT 'null', -- JSON
	measures     TEXT    NOT NULL DEFAULT 'null', -- JSON
	confidence   REAL    NOT NULL DEFAULT 0,
	words        INTEGER NOT NULL DEFAULT 0,
	languages    TEXT    NOT NULL DEFAULT 'null', -- JSON
	text         TEXT    NOT NULL DEFAULT '',     -- path of the text tree
	text_sha256  TEXT    NOT NULL DEFAULT '',
	unread       TEXT    NOT NULL DEFAULT '',     -- why the text tree could not be read for the index
	problem      TEXT    NOT NULL DEFAULT 'null'  -- JSON
) STRICT;
CREATE INDEX pages_order ON pages (batch, place, binned);
CREATE INDEX pages_state ON pages (batch, binned, state);
CREATE INDEX pages_digest ON pages (batch, sha256);
CREATE INDEX pages_origin ON pages (batch, origin_path, origin_index, origin_nth);
CREATE INDEX pages_unread ON pages (seq) WHERE unread <> '';

-- Arranging events that can be undone (undone = 0) or redone (the event that
-- undid it). A new arrangement removes what could be redone.
CREATE TABLE arrangements (
	event  INTEGER PRIMARY KEY REFERENCES events,
	batch  INTEGER NOT NULL REFERENCES batches,
	undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX arrangements_batch ON arrangements (batch, undone, event);

CREATE TABLE documents (
	seq      INTEGER PRIMARY KEY, -- order of making
	id       TEXT    NOT NULL UNIQUE,
	batch    INTEGER NOT NULL REFERENCES batches,
	key      TEXT    NOT NULL,
	title    TEXT    NOT NULL,
	language TEXT    NOT NULL,
	created  TEXT    NOT NULL,
	state    TEXT    NOT NULL,
	reasons  TEXT    NOT NULL DEFAULT 'null', -- JSON
	pdf      TEXT    NOT NULL DEFAULT '',
	sha256   TEXT    NOT NULL DEFAULT '',
	sha512   TEXT    NOT NULL DEFAULT '',
	size     INTEGER NOT NULL DEFAULT 0,
	input    TEXT    NOT NULL DEFAULT '',
	pages    INTEGER NOT NULL DEFAULT 0       -- in the PDF
) STRICT;
CREATE INDEX documents_batch ON documents (batch);
CREATE INDEX documents_key ON documents (key);

-- A leaf names its page by id and not by row: a document stays what was said of
-- it even where a page is unknown.
CREATE TABLE leaves (
	document INTEGER NOT NULL REFERENCES documents,
	number   INTEGER NOT NULL, -- from 1
	page     TEXT    NOT NULL,
	label    TEXT    NOT NULL,
	again    INTEGER NOT NULL, -- 1: an earlier leaf of the document is the same page
	PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX leaves_page ON leaves (page, document);

CREATE TABLE deliveries (
	seq         INTEGER PRIMARY KEY, -- order of their first steps
	id          TEXT    NOT NULL UNIQUE,
	document    INTEGER NOT NULL REFERENCES documents,
	format      TEXT    NOT NULL,
	destination BLOB    NOT NULL, -- raw bytes
	package     BLOB    NOT NULL, -- raw bytes
	step        TEXT    NOT NULL,
	reason      TEXT    NOT NULL,
	files       INTEGER NOT NULL,
	bytes       INTEGER NOT NULL,
	manifest    TEXT    NOT NULL,
	problem     TEXT    NOT NULL, -- JSON
	updated     TEXT    NOT NULL
) STRICT;
CREATE INDEX deliveries_document ON deliveries (document);

-- plain is the page's text. also repeats, in other spelling, the lines that a
-- reader may search for otherwise: words broken at a line's end made whole,
-- ligatures and long s resolved.
CREATE TABLE texts (
	page  INTEGER PRIMARY KEY REFERENCES pages,
	plain TEXT NOT NULL,
	also  TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE texts_index USING fts5 (
	plain, also,
	content = 'texts', content_rowid = 'page',
	tokenize = 'unicode61 remove_diacritics 2',
	prefix = '2 3'
);

-- The index of an external content table must be told the very values that it
-- was given, so it is kept by triggers alone and texts is never written with
-- OR REPLACE, which does not fire the delete trigger.
-- +goose StatementBegin
CREATE TRIGGER texts_inserted AFTER INSERT ON texts BEGIN
	INSERT INTO texts_index (rowid, plain, also) VALUES (new.page, new.plain, new.also);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER texts_deleted AFTER DELETE ON texts BEGIN
	INSERT INTO texts_index (texts_index, rowid, plain, also) VALUES ('delete', old.page, old.plain, old.also);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER texts_updated AFTER UPDATE ON texts BEGIN
	INSERT INTO texts_index (texts_index, rowid, plain, also) VALUES ('delete', old.page, old.plain, old.also);
	INSERT INTO texts_index (rowid, plain, also) VALUES (new.page, new.plain, new.also);
END;
-- +goose StatementEnd
