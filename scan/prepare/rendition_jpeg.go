package prepare

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"

	"recto/scan"
)

// jpegHead is what the markers of a JPEG tell (ITU-T T.81, annex B).
type jpegHead struct {
	sof    byte // marker of the frame: 0xC0 baseline, 0xC1 extended, 0xC2 progressive
	bits   int
	size   image.Point
	ids    []byte // of the components
	jfif   bool
	adobe  int // colour transform of Adobe's APP14, -1 where it has none
	icc    []byte
	broken bool // the profile's parts do not fit together
}

// inspectJPEG places a whole JPEG file as it is, where DCTDecode can show it.
func inspectJPEG(s *source, o *original) {
	whole := scan.Span{Offset: 0, Length: s.size}
	h, err := readJPEG(s.section(whole))
	if h == nil {
		return
	}
	o.icc = h.icc
	if h.broken {
		o.note("colour profile left out: it is damaged")
	}
	if err == nil && h.placeable() && s.sized(int64(h.size.X), int64(h.size.Y), 8, len(h.ids)) {
		o.place = h.rendition(whole)
	}
}

func (h *jpegHead) rendition(spans ...scan.Span) *scan.Rendition {
	return &scan.Rendition{Spans: spans, Filter: "DCTDecode", Size: h.size, Bits: 8, Colours: len(h.ids)}
}

// placeable tells whether every PDF viewer shows this JPEG with the same colours:
// eight bits, Huffman coded, grey or three colours whose meaning is not in doubt.
// For three colours ISO 32000-1 (table 13) goes by Adobe's marker and takes YCbCr
// without one; libjpeg lets JFIF win over Adobe, and guesses by the components' names.
func (h *jpegHead) placeable() bool {
	if h.sof > 0xC2 || h.bits != 8 {
		return false
	}
	switch len(h.ids) {
	case 1:
		return true
	case 3:
		switch h.adobe {
		case 0:
			return !h.jfif
		case 1:
			return true
		case -1:
			return h.jfif || !bytes.EqualFold(h.ids, []byte("RGB"))
		}
	}
	return false
}

var errJPEG = errors.New("JPEG markers")

// readJPEG walks the markers of a JPEG to the end of its image. It gives the header,
// too, where there is an error after it.
func readJPEG(r io.Reader) (*jpegHead, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	h := &jpegHead{adobe: -1}
	var profile jpegProfile
	done := func(err error) (*jpegHead, error) {
		if h.sof == 0 {
			return nil, errJPEG
		}
		h.icc, h.broken = profile.whole()
		return h, err
	}
	if b, err := br.Peek(2); err != nil || b[0] != 0xFF || b[1] != 0xD8 {
		return nil, errJPEG
	}
	br.Discard(2)
	for scans := 0; ; {
		m, err := nextMarker(br, scans > 0)
		if err != nil {
			return done(err)
		}
		switch {
		case m == 0xD9:
			if scans == 0 {
				return done(errJPEG)
			}
			return done(nil)
		case m == 0xD8 || m == 0xDC || m <= 0x01: // a second image, or a height told afterwards
			return done(errJPEG)
		}
		body, err := segment(br, m)
		if err != nil {
			return done(err)
		}
		switch {
		case startOfFrame(m):
			if h.sof != 0 || !h.frame(m, body) {
				return done(errJPEG)
			}
		case m == 0xDA:
			if h.sof == 0 {
				return nil, errJPEG
			}
			if scans++; scans > mostScans {
				return done(errJPEG)
			}
		case m == 0xE0 && bytes.HasPrefix(body, []byte("JFIF\x00")):
			h.jfif = true
		case m == 0xEE && len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")):
			h.adobe = int(body[11])
		case m == 0xE2:
			profile.add(body)
		}
	}
}

func (h *jpegHead) frame(m byte, b []byte) bool {
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return false
	}
	h.sof, h.bits = m, int(b[0])
	h.size = image.Pt(int(b[3])<<8|int(b[4]), int(b[1])<<8|int(b[2]))
	for i := 6; i < len(b); i += 3 {
		h.ids = append(h.ids, b[i])
	}
	return h.size.X > 0 && h.size.Y > 0
}

// nextMarker finds the next marker; entropy-coded data may lie before it only after
// the start of a scan.
func nextMarker(br *bufio.Reader, coded bool) (byte, error) {
	for {
		skipped, err := br.ReadSlice(0xFF)
		if err == bufio.ErrBufferFull && coded {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errJPEG, err)
		}
		if len(skipped) > 1 && !coded {
			return 0, errJPEG
		}
		m := byte(0xFF)
		for m == 0xFF { // fill bytes
			if m, err = br.ReadByte(); err != nil {
				return 0, fmt.Errorf("%w: %w", errJPEG, err)
			}
		}
		if coded && (m == 0 || m >= 0xD0 && m <= 0xD7) { // a stuffed 0xFF, or a restart
			continue
		}
		return m, nil
	}
}

// segment reads the body of the marker m. Bodies of no interest are skipped.
func segment(br *bufio.Reader, m byte) ([]byte, error) {
	b, err := br.Peek(2)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errJPEG, err)
	}
	n := int(b[0])<<8 | int(b[1])
	if n < 2 {
		return nil, errJPEG
	}
	br.Discard(2)
	body := make([]byte, n-2)
	if _, err := io.ReadFull(br, body); err != nil {
		return nil, fmt.Errorf("marker %#x: %w: %w", m, errJPEG, err)
	}
	return body, nil
}

// jpegProfile puts an ICC profile together from its parts (ICC.1:2010, B.4).
type jpegProfile struct {
	parts map[byte][]byte
	count byte
	bytes int
	bad   bool
}

func (p *jpegProfile) add(body []byte) {
	rest, ok := bytes.CutPrefix(body, []byte("ICC_PROFILE\x00"))
	if !ok {
		return
	}
	if len(rest) < 2 || rest[0] == 0 || rest[0] > rest[1] || p.parts[rest[0]] != nil || p.count != 0 && p.count != rest[1] {
		p.bad = true
		return
	}
	if p.parts == nil {
		p.parts = map[byte][]byte{}
	}
	p.count = rest[1]
	p.bytes += len(rest) - 2
	if p.bytes > maxProfile {
		p.bad = true
		return
	}
	p.parts[rest[0]] = rest[2:]
}

func (p *jpegProfile) whole() (icc []byte, broken bool) {
	if p.bad || len(p.parts) != int(p.count) {
		return nil, true
	}
	for i := range len(p.parts) {
		icc = append(icc, p.parts[byte(i+1)]...)
	}
	return icc, false
}
