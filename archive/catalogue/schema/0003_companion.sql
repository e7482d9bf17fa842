-- +goose Up

-- JSON: the working image of a camera's raw file.
ALTER TABLE pages ADD COLUMN companion TEXT NOT NULL DEFAULT 'null';
