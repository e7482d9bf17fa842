package prepare

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"recto/scan"
)

// pnmPixels tells how the samples are written.
type pnmPixels struct {
	kind byte  // the digit after the P: 1 to 3 are text, 4 to 7 bytes
	at   int64 // where the samples start
	most int64 // which value is white, 0 for bits
	inks bool  // the samples are cyan, magenta, yellow and black
}

// pnmHeader reads the numbers at the start of a PBM, PGM, PPM or PAM file (Netpbm's
// pbm(5), pgm(5), ppm(5), pam(5)). Only the first image of a file counts.
func pnmHeader(s *source) (header, error) {
	h := header{format: scan.PNM, bits: 8, samples: 1}
	head, err := s.at(0, int(min(s.size, 4096)))
	if err != nil {
		return h, err
	}
	kind := head[1]
	if kind == '7' {
		return h, h.pam(s, head)
	}
	numbers := []int64{0, 0, 1}
	if kind == '1' || kind == '4' {
		numbers, h.bits = numbers[:2], 1
	}
	at := 2
	for i := range numbers {
		if numbers[i], at, err = pnmNumber(head, at); err != nil {
			return h, fmt.Errorf("%w: %w at byte %d", scan.ErrDamaged, err, at)
		}
	}
	at++ // one white space ends the header
	if numbers[0] > 1<<31-1 || numbers[1] > 1<<31-1 {
		return h, fmt.Errorf("%w: PNM of %d x %d pixels", scan.ErrTooLarge, numbers[0], numbers[1])
	}
	h.width, h.height = int(numbers[0]), int(numbers[1])
	h.pnm.kind, h.pnm.at = kind, int64(at)
	if len(numbers) == 3 {
		h.pnm.most = numbers[2]
	}
	if kind == '3' || kind == '6' {
		h.samples = 3
	}
	return h, h.pnmRows(s)
}

// pnmRows checks the maximum, and that all rows lie in the file.
func (h *header) pnmRows(s *source) error {
	least := int64(1) // bytes a sample
	switch m := h.pnm.most; {
	case h.bits == 1:
	case m < 1 || m > 65535:
		return fmt.Errorf("%w: PNM with maximum %d", scan.ErrDamaged, m)
	case m > 255:
		h.bits, least = 16, 2 // in text a digit and a space
	}
	at, row := h.pnm.at, int64(h.width)*int64(h.samples)*least
	if h.pnm.kind == '4' {
		row = (int64(h.width) + 7) / 8
	}
	if h.height > 0 && row > (s.size-at)/int64(h.height) {
		return fmt.Errorf("%w: PNM of %d rows of %d bytes at %d, the file has %d", scan.ErrTruncated, h.height, row, at, s.size)
	}
	return nil
}

// pam reads the header of a PAM file: lines of a name and a value up to ENDHDR. A
// bitmap's samples are bytes here, and 1 is white.
func (h *header) pam(s *source, head []byte) error {
	lines, _, found := bytes.Cut(head, []byte("\nENDHDR\n"))
	if !found {
		return fmt.Errorf("%w: PAM header without its end in %d bytes", scan.ErrDamaged, len(head))
	}
	h.pnm.kind, h.pnm.at = '7', int64(len(lines)+len("\nENDHDR\n"))
	kind := ""
	values := map[string]int64{}
	for line := range strings.Lines(string(lines[2:])) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		value = strings.TrimSpace(value)
		switch name {
		case "WIDTH", "HEIGHT", "DEPTH", "MAXVAL":
			n, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return fmt.Errorf("%w: PAM header with %s %q", scan.ErrDamaged, name, value)
			}
			values[name] = n
		case "TUPLTYPE":
			kind = value
		}
	}
	h.width, h.height, h.samples, h.pnm.most = int(values["WIDTH"]), int(values["HEIGHT"]), int(values["DEPTH"]), values["MAXVAL"]
	samples, known := map[string]int{
		"BLACKANDWHITE": 1, "GRAYSCALE": 1, "RGB": 3, "CMYK": 4,
		"BLACKANDWHITE_ALPHA": 2, "GRAYSCALE_ALPHA": 2, "RGB_ALPHA": 4, "": h.samples,
	}[kind]
	if !known || samples != h.samples || samples < 1 || samples > 4 {
		return fmt.Errorf("%w: PAM with %d samples a pixel of type %q", scan.ErrUnsupported, h.samples, kind)
	}
	h.pnm.inks = kind == "CMYK"
	h.alpha = h.samples%2 == 0 && !h.pnm.inks
	return h.pnmRows(s)
}

var errPNM = errors.New("PNM header")

// pnmNumber reads a number after white space and comments, and where it ends.
func pnmNumber(b []byte, at int) (n int64, end int, err error) {
	for comment := false; at < len(b); at++ {
		switch c := b[at]; {
		case comment:
			comment = c != '\n'
		case c == '#':
			comment = true
		case c == ' ' || c >= '\t' && c <= '\r':
		default:
			start := at
			for ; at < len(b) && b[at] >= '0' && b[at] <= '9' && n < 1<<32; at++ {
				n = 10*n + int64(b[at]-'0')
			}
			if at == start || at == len(b) {
				return 0, 0, errPNM
			}
			return n, at, nil
		}
	}
	return 0, 0, errPNM
}
