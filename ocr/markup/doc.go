// Package markup reads and writes what text on pages looks like in files: hOCR in,
// ALTO, PAGE and hOCR out, all against the tree in ocr.Text. Pure Go.
//
// Its words are those of the formats: hOCR's classes and title properties (hOCR
// 1.2 and what Tesseract makes of it), ALTO's elements (schema 4.4), PAGE's (PcGts
// 2019-07-15).
//
// It knows nothing of engines, files, pages' identities or time: the same tree
// and Info always give the same bytes.
package markup
