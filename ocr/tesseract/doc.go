// Package tesseract reads pages with Tesseract: gosseract makes, initialises and
// feeds the engine, a little cgo on the same handle adds what gosseract does not
// bind: a recognition that can be cancelled, and the orientation of a page.
//
// Its words: an engine is one loaded recogniser for one goroutine; a model is a
// traineddata file, a library the folders of them; a setup is what a handle takes in
// when it is initialised; a handle is the TessBaseAPI that a gosseract client owns.
//
// It runs in worker processes only, one engine in each, because native code can
// crash, leak and ignore time limits. Two things the parent puts into the worker's
// environment when it starts it, because they are read once, at load:
//
//   - OMP_THREAD_LIMIT=1: with OpenMP's own threads two pages at a time take five
//     times as long.
//   - MALLOC_ARENA_MAX=1: Go calls from any thread, and each would get a heap of
//     its own from glibc. Ten A4 pages left 250 MB resident without, 130 MB with.
//
// It knows nothing of hOCR's structure (a parser is given to it), of files that
// pages come from, or of what happens to the text.
package tesseract
