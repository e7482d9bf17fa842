// Package icon holds the program's own icon: a leaf turned to the reader with one
// line found. recto.svg is the drawing, recto.png the same at 256 by 256 pixels.
package icon

import _ "embed"

// PNG is the icon as a file.
//
//go:embed recto.png
var PNG []byte
