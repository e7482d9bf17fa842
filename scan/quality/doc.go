// Package quality is what a quick look suspects of a page while it is being
// captured: two sheets drawn in at once, the same sheet twice, a picture out of
// focus, too few pixels. It warns and never decides: nothing here refuses, moves or
// drops a page.
//
// Its words: a signature is a small picture of where ink lies on a page, by which a
// second capture of the same sheet is known; two pages are like each other when
// their signatures fit at every place where there is something to compare, not
// only on the whole, because two forms of one kind fit on the whole.
//
// Blankness, ink and skew come from scan/prepare in a [scan.Inspection] and are not
// measured again. The package knows nothing of files, decoders, batches or windows:
// it takes grey pixels and gives numbers and words. Everything is deterministic,
// and only an [Index] has a memory.
package quality
