// Package coversheet prints the sheets that lie on top of units to be scanned, and
// reads the lists of such units.
//
// A sheet says to people what it belongs to and to machines the unit's code, twice:
// as a QR code and as a Code 128, with [scan.CoverPrefix] in front. A patch code T
// along its leading edge, whichever that is, divides the stack also where no code
// can be read. All of it is drawn as rectangles and letters of an embedded font, so
// that it prints sharp at any size, and the same units give the same bytes.
//
// Words of this room:
//
//   - sheet: one page of paper for one unit.
//   - code: what identifies the unit in the archive; [CodeFor] makes one of its reference.
//   - list: a table of units as spreadsheets export it (CSV).
//   - module: the narrowest bar or smallest square of a code.
//
// pdfcpu holds, validates and serialises the objects; gozxing lays out the codes.
// The room knows nothing of the catalogue, or of how the sheets are read again.
package coversheet
