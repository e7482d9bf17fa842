package bagit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// maxLine bounds the memory that one line of a tag file can take. Paths have no
// limit in RFC 8493, but no system known opens one of a megabyte.
const maxLine = 1 << 20

// maxValue bounds what is kept of one value in bag-info.txt.
const maxValue = 1 << 16

var (
	errNotEncoded = errors.New("it is not in the declared encoding")
	errMark       = errors.New("it begins with a byte-order mark")
)

// charset finds the encoding that bagit.txt declares; nil stands for UTF-8.
func charset(name string) (encoding.Encoding, error) {
	if strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "UTF8") {
		return nil, nil
	}
	e, err := ianaindex.IANA.Encoding(name)
	if err == nil && e == nil {
		err = errors.New("no decoder for it")
	}
	return e, err
}

// lines calls each with every line of a tag file, decoded and without its end:
// LF, CR or CRLF (RFC 8493, 2.3). It goes on past lines that are not in the
// encoding and past a byte-order mark in UTF-8, and names those at the end with
// errNotEncoded and errMark.
func lines(r io.Reader, enc encoding.Encoding, each func(n int, s string) error) error {
	var trouble []error
	if enc != nil {
		r = transform.NewReader(r, enc.NewDecoder())
	}
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	s.Split(anyLine)
	bad := 0
	for n := 1; s.Scan(); n++ {
		text := s.Text()
		if n == 1 && enc == nil && strings.HasPrefix(text, "\uFEFF") {
			text = strings.TrimPrefix(text, "\uFEFF")
			trouble = append(trouble, errMark)
		}
		if bad == 0 && (!utf8.ValidString(text) || enc != nil && strings.ContainsRune(text, utf8.RuneError)) {
			bad = n
		}
		if err := each(n, text); err != nil {
			return err
		}
	}
	if bad > 0 {
		trouble = append(trouble, fmt.Errorf("line %d: %w", bad, errNotEncoded))
	}
	return errors.Join(append(trouble, s.Err())...)
}

// anyLine is a bufio.SplitFunc for lines that end with LF, CR or CRLF.
func anyLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case i < 0:
		return 0, nil, nil
	case data[i] == '\r' && i+1 == len(data) && !atEOF:
		return 0, nil, nil // an LF may follow
	case data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n':
		return i + 2, data[:i], nil
	}
	return i + 1, data[:i], nil
}

// element is one metadata element of bag-info.txt as it stands there.
type element struct {
	line         int
	label, space string // space is what stands between the colon and the value
	value        string // unfolded: a space for each line break; cut at maxValue
	blank        bool   // the line is empty
	fault        string // why the line is no element, where it is none
}

// elements calls each with the metadata elements of a bag-info.txt, in order.
func elements(r io.Reader, enc encoding.Encoding, each func(element)) error {
	var e *element
	flush := func() {
		if e != nil {
			each(*e)
			e = nil
		}
	}
	err := lines(r, enc, func(n int, s string) error {
		text := strings.Trim(s, " \t")
		switch {
		case text == "":
			flush()
			each(element{line: n, blank: true})
		case s[0] == ' ' || s[0] == '\t':
			if e == nil {
				each(element{line: n, fault: "it continues nothing"})
			} else if len(e.value)+len(text) < maxValue {
				e.value = strings.TrimLeft(e.value+" "+text, " ")
			}
		default:
			flush()
			label, value, ok := strings.Cut(s, ":")
			if !ok {
				each(element{line: n, fault: "it has no colon"})
				return nil
			}
			text = strings.TrimLeft(value, " \t")
			e = &element{line: n, label: label, space: value[:len(value)-len(text)],
				value: strings.TrimRight(text, " \t")}
			e.value = e.value[:min(len(e.value), maxValue)]
		}
		return nil
	})
	flush()
	return err
}
