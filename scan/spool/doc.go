// Package spool makes sheets durable: a master file with a sidecar beside it, in
//
//	masters/<BatchID>/<PageID><ext>   the bytes as captured, never written to again
//	masters/<BatchID>/<PageID>.working.jpg  the companion of a camera's raw file
//	masters/<BatchID>/<PageID>.json   the sidecar: all that is known of the page
//	masters/tmp/                      unfinished files, same file system
//	masters/masters.json              whose masters these are, where they lie on another disk
//
// below the archive's root. The folder masters may be a link to a folder on another
// disk, or a disk mounted there.
//
// Words: the commit is the renaming of a master to its final name. Before it the
// page has never happened, after it the page is whole, because the sidecar and
// the master's bytes are synced and in place already. A leftover is what a kill
// leaves before the commit: unfinished files, a sidecar or a companion without a master.
//
// Who appends or recovers holds the archive's lock; reading needs none.
//
// The package must not know what is in an image, what order pages have in a
// batch, or that there is a journal and a catalogue.
package spool
