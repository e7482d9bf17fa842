// Package prepare turns the bytes of a master into pixels, looks at them and
// shows them as a recipe says. It is the one room with leptonica in it, and it
// runs only inside worker processes, where a crash costs one try of one page.
//
// Its words: [Decode] gives a [Picture], the pixels exactly as stored, with no
// orientation applied. A Picture never changes; [Picture.Oriented] and
// [Picture.Deskewed] give new ones. [Picture.Measure], [Picture.Skew] and
// [Picture.Upright] look at a reduced black and white sketch of the page, which
// is made once and handed on to turned pictures. A piece is ink that hangs together,
// a row is a chain of pieces that may be letters, and their feet stand on its line. [Picture.Grey], [Picture.View]
// and [Picture.Thumbnail] give pixels away as plain Go memory.
//
// Where a position on the page ends up is decided by scan.Frame alone; this room
// moves pixels to where Frame says. It knows nothing of text, engines, documents
// or the archive's folders, and it never writes to a master.
package prepare
