// Package ocr holds the nouns of recognised text: one tree for a page, from which
// search, PDF layer, ALTO and plain text are all derived, and the engine that
// makes it. Positions are pixels of the page as its recipe shows it (scan.Frame),
// y pointing down.
package ocr
