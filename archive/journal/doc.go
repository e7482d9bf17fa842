// Package journal keeps the archive's events for good: append-only, in order, one
// JSON object a line, in
//
//	journal/000001.jsonl, 000002.jsonl ...   segments
//	journal/torn-<time>.txt                  what repairs have cut off
//
// A line is
//
//	{"seq":7,"prev":"<sha256>","nth":1,"of":2,"event":{...},"sum":"<sha256>"}
//
// where seq counts the lines of the whole journal from 1, and prev is the SHA-256
// of the line before it without its newline (zeros in the very first), so that no
// line can be changed, taken out or put in unless all that follow are rewritten.
// sum is the SHA-256 of the line up to there: the last line has nobody else to vouch
// for it.
// What the chain cannot show is that the last lines were cut off cleanly: who
// needs that keeps a Position elsewhere and compares it with End. Events that were
// appended together are numbered by nth and of; a group of which a part is missing
// has never happened.
//
// Who opens a journal for appending holds the archive's lock; reading needs none.
// The package must not know what events mean, nor that there is a catalogue.
package journal
