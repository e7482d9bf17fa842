// Package pdfa writes a document as PDF/A-2u (ISO 19005-2, conformance level U):
// page images with an invisible layer of text, metadata, page labels.
//
// It places bytes and never computes pixels: an image's encoded stream goes into
// the file as it lies in the master, and turning, mirroring and deskewing are a
// matrix in front of it. The one picture made here is that of a placeholder, a
// page that says in words why its image is missing.
//
// Words of this room:
//
//   - leaf: one page on its way into the file: a rendition, a frame, a text.
//   - frame: the page as its recipe shows it, in pixels (scan.Frame). Words lie in it.
//   - layer: the content stream that puts a leaf's words where they are seen.
//   - spool: an unlinked file that holds every stream until the file is written,
//     so that memory does not grow with the number of pages.
//
// The same input gives the same bytes: no clock, no randomness, no map order.
// pdfcpu holds, validates and serialises the objects. The room knows nothing of
// the catalogue, of masters' places, or of how text was recognised.
package pdfa
