// Package scan holds the nouns of capture: where a sheet comes from, what a
// page is, what was measured on it and what is to be done to its pixels.
//
// A page goes forward only. A [Source] gives sheets, a spool makes each of them
// durable as a master and a page, the worker process measures the page and
// proposes a [Recipe], and nothing downstream ever writes to a master again.
//
// The subfolders hold one technology or one stage each: scan/folder, scan/spool,
// scan/prepare. This package knows nothing of text, documents, SQL or windows.
package scan
