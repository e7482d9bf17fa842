package separate

import (
	"image"
	"slices"

	"recto/scan"
)

// Find gives the codes on a page: patch codes, QR, Data Matrix, Code 128 and
// Code 39, wherever they are and however they lie; those that are clearly there
// and cannot be read as Unread. dpi is the resolution of img, 0 where it is not
// known. Boxes are in pixels of img, counted from its first pixel. The order is
// from top to bottom.
func Find(img *image.Gray, dpi float64) []scan.Code {
	b := img.Bounds()
	if b.Dx() < 64 || b.Dy() < 64 {
		return nil
	}
	known := dpi > 0 && resolution(b.Size(), dpi) == dpi
	dpi = resolution(b.Size(), dpi)
	fine := look(img, dpi, int(dpi/140))
	coarse := fine.half()
	codes := findPatches(coarse, b, known)
	if len(codes) == 0 && coarse.dpi >= 90 && coarse.noisy(noise/2) {
		codes = findPatches(coarse.half(), b, known)
	}
	noisy := fine.noisy(noise)
	left := purse{forLines}
	lines := findLinear(fine, img, &left)
	if noisy { // edges are seen through noise where it is averaged out
		lines = joined(append(lines, findLinear(coarse, img, &left)...))
	}
	codes = append(codes, lines...)
	fine.binarise()
	left = purse{forSquares}
	squares := findQR(fine, img, &left)
	if noisy {
		squares = joined(append(squares, findQR(coarse, img, &left)...))
	}
	left = purse{forSquares}
	squares = joined(append(squares, findMatrix(fine, coarse, img, &left)...))
	codes = append(codes, squares...)
	left = purse{forSquares}
	codes = append(codes, findTextures(fine, img, codes, &left)...)
	slices.SortStableFunc(codes, func(a, b scan.Code) int {
		if a.Box.Min.Y != b.Box.Min.Y {
			return a.Box.Min.Y - b.Box.Min.Y
		}
		return a.Box.Min.X - b.Box.Min.X
	})
	return codes
}

// half is a sight of half the resolution.
func (s *sight) half() *sight {
	img := &image.Gray{Pix: s.grey, Stride: s.size.X, Rect: image.Rectangle{Max: s.size}}
	h := look(img, s.dpi, 2)
	h.scale = 2 * s.scale
	return h
}

const noise = 12 // greys between neighbours, typically, from which on a page is noisy

// noisy tells whether neighbouring pixels of paper typically differ by so much.
func (s *sight) noisy(by int) bool { return s.noise() >= by }

// noise is by how much neighbouring pixels typically differ (the median).
func (s *sight) noise() int {
	var h [256]int
	n := 0
	for i := 0; i+1 < len(s.grey); i += 7 {
		h[abs(int(s.grey[i])-int(s.grey[i+1]))]++
		n++
	}
	below := 0
	for d, c := range h {
		if below += c; 2*below >= n {
			return d
		}
	}
	return 0
}
