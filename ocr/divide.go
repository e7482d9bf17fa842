package ocr

import (
	"image"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// heading is the way that letters follow one another on the page.
type heading int

const (
	rightwards heading = iota
	leftwards
	upwards
	downwards
)

// headed gives the way of letters in a box of a line that is turned by so many degrees
// anticlockwise. East Asian text in a box much higher than wide is written downwards.
func headed(turn int, rtl bool, box image.Rectangle, text string) heading {
	if turn == 0 && wide(text) && box.Dy() > box.Dx()*3/2 {
		return downwards
	}
	h := map[int]heading{0: rightwards, 90: upwards, 180: leftwards, 270: downwards}[turn]
	if rtl {
		h ^= 1
	}
	return h
}

// wide tells whether the text has at least two letters and all are as wide as high.
func wide(text string) bool {
	n := 0
	for _, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		if weight(r) != 2 {
			return false
		}
		n++
	}
	return n > 1
}

// weight is how much room a letter takes: East Asian ones two, marks none.
func weight(r rune) int {
	switch {
	case unicode.In(r, unicode.M, unicode.Cf):
		return 0
	case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func weigh(text string) int {
	n := 0
	for _, r := range text {
		n += weight(r)
	}
	return max(n, 1)
}

// rightToLeft gives the direction of a text from its letters: that of all of them
// where they agree, else otherwise. Numbers and signs have none.
func rightToLeft(text string, otherwise bool) bool {
	left, right := false, false
	for _, r := range text {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L, bidi.EN: // European digits run to the right in any text
			left = true
		case bidi.R, bidi.AL:
			right = true
		}
	}
	if left == right {
		return otherwise
	}
	return right
}

// firstStrong gives the direction of a text by its first letter that has one, false
// where none has (UAX #9, P2 and P3).
func firstStrong(text string) (rtl, found bool) {
	for _, r := range text {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			return false, true
		case bidi.R, bidi.AL:
			return true, true
		}
	}
	return false, false
}

// divide gives each of the parts its share of a box, by weights, with gap between them.
// No share is empty unless the box is: where there is too little room they overlap.
func divide(box image.Rectangle, h heading, weights []int, gap int) []image.Rectangle {
	all := gap * (len(weights) - 1)
	for _, w := range weights {
		all += w
	}
	length := box.Dx()
	if h == upwards || h == downwards {
		length = box.Dy()
	}
	var out []image.Rectangle
	at := 0
	for _, w := range weights {
		from, to := at*length/all, (at+w)*length/all
		from = max(min(from, length-1), 0)
		to = min(max(to, from+1), length)
		r := box
		switch h {
		case rightwards:
			r.Min.X, r.Max.X = box.Min.X+from, box.Min.X+to
		case leftwards:
			r.Min.X, r.Max.X = box.Max.X-to, box.Max.X-from
		case downwards:
			r.Min.Y, r.Max.Y = box.Min.Y+from, box.Min.Y+to
		case upwards:
			r.Min.Y, r.Max.Y = box.Max.Y-to, box.Max.Y-from
		}
		out = append(out, r)
		at += w + gap
	}
	return out
}

// between tells whether a text can be cut before its i-th byte without tearing a letter
// from its marks: an accent, a vowel sign, a joined emoji, a syllable of jamos.
func between(text string, i int) bool {
	if i <= 0 || i >= len(text) {
		return false
	}
	var last, first rune
	for _, r := range text[:i] {
		last = r
	}
	for _, r := range text[i:] {
		first = r
		break
	}
	const joiner = '\u200D'
	return last != joiner && first != joiner && !unicode.Is(unicode.M, first) &&
		!(first >= 0x1F3FB && first <= 0x1F3FF) && // skin tones
		norm.NFC.PropertiesString(text[i:]).BoundaryBefore()
}

// turned gives a box as it lies in the page turned so that a line of that turn stands
// upright. Size is the page's as it is.
func turned(r image.Rectangle, turn int, size image.Point) image.Rectangle {
	switch turn {
	case 90: // clockwise
		return image.Rect(size.Y-r.Max.Y, r.Min.X, size.Y-r.Min.Y, r.Max.X)
	case 180:
		return image.Rect(size.X-r.Max.X, size.Y-r.Max.Y, size.X-r.Min.X, size.Y-r.Min.Y)
	case 270:
		return image.Rect(r.Min.Y, size.X-r.Max.X, r.Max.Y, size.X-r.Min.X)
	}
	return r
}
