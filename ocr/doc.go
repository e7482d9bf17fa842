// Package ocr holds the nouns of recognised text: one tree for a page, from which
// search, PDF layer, ALTO and plain text are all derived, and the engine that
// makes it. Positions are pixels of the page as its recipe shows it (scan.Frame),
// y pointing down.
//
// A tree is never changed once it is made. A correction is an [Edit], data that a
// journal keeps, and [Text.Apply] gives a new tree; [Text.Mapped] gives the tree of the
// page in another frame. A [Place] says where a word stands and what it is, so that an
// edit made on one version of the text fails on another and does not hit a word that
// it was not meant for. Who did what and when is the journal's to know.
package ocr
