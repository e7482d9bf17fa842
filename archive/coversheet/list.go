package coversheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"recto/archive"
)

// ErrList is wrapped by all that can be wrong with a list; the message names line
// and column.
var ErrList = errors.New("the list cannot be used")

// mostList bounds what is read: a hundred thousand units take some ten megabytes.
const mostList = 64 << 20

// columns are the names of those that mean something, in lower case; any other
// column is metadata under its own name.
var columns = map[string]string{
	"reference": "reference", "shelfmark": "reference", "signature": "reference", "signatur": "reference",
	"title": "title", "titel": "title", "container": "container", "box": "container",
	"expected": "expected", "sheets": "expected", "code": "code",
}

// ReadCSV reads a list of units as spreadsheets export it (RFC 4180): a row of
// column names, then a row a unit. Columns: reference (or shelfmark), title,
// container, expected (or sheets), code; any other becomes metadata. Commas,
// semicolons and tabs separate; UTF-8, UTF-16 with its mark, and Windows-1252 are
// understood. notes says what was assumed. The error wraps ErrList.
func ReadCSV(r io.Reader) (units []archive.Unit, notes []string, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, mostList+1))
	if err != nil {
		return nil, nil, err
	}
	if len(raw) > mostList {
		return nil, nil, fmt.Errorf("%w: it is larger than %d MB", ErrList, mostList>>20)
	}
	text, note := decode(raw)
	if note != "" {
		notes = append(notes, note)
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma = separator(text)
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = c.Comma != '\t' // which is a blank itself
	head, err := c.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: it has no row of column names", ErrList)
	}
	l := list{names: make([]string, len(head)), seen: map[string]int{}}
	for i, name := range head {
		l.names[i] = strings.TrimSpace(name)
		if l.names[i] != "" && slices.Contains(l.names[:i], l.names[i]) {
			return nil, nil, fmt.Errorf("%w: two columns are called %q", ErrList, l.names[i])
		}
	}
	if !slices.ContainsFunc(l.names, func(n string) bool { return columns[strings.ToLower(n)] == "reference" }) {
		return nil, nil, fmt.Errorf("%w: line 1: no column is called reference or shelfmark; there are %s", ErrList, strings.Join(l.names, ", "))
	}
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, nil, fmt.Errorf("%w: line %d, column %d: %w", ErrList, bad.Line, bad.Column, bad.Err)
		}
		if err != nil {
			return nil, nil, err
		}
		line, _ := c.FieldPos(0)
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		u, err := l.unit(row)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: line %d: %w", ErrList, line, err)
		}
		for _, key := range []string{"code " + u.Code, "reference " + u.Reference} {
			if first := l.seen[key]; first > 0 {
				return nil, nil, fmt.Errorf("%w: line %d: the %s is that of line %d", ErrList, line, key, first)
			}
			l.seen[key] = line
		}
		units = append(units, u)
	}
	if len(units) == 0 {
		return nil, nil, fmt.Errorf("%w: it has column names and no units", ErrList)
	}
	return units, notes, nil
}

// list is a table that is being read.
type list struct {
	names []string
	seen  map[string]int // line of each code and reference
}

func (l list) unit(row []string) (archive.Unit, error) {
	u := archive.Unit{}
	if len(row) > len(l.names) && strings.TrimSpace(strings.Join(row[len(l.names):], "")) != "" {
		return u, fmt.Errorf("it has %d columns, and only %d have names", len(row), len(l.names))
	}
	for i, value := range row[:min(len(row), len(l.names))] {
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		switch columns[strings.ToLower(l.names[i])] {
		case "reference":
			u.Reference = value
		case "title":
			u.Title = value
		case "container":
			u.Container = value
		case "code":
			u.Code = value
		case "expected":
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 || n > 1_000_000 {
				return u, fmt.Errorf("column %s: %q is not a number of sheets", l.names[i], value)
			}
			u.Expected = n
		default:
			if l.names[i] == "" {
				return u, fmt.Errorf("column %d has the value %q and no name", i+1, value)
			}
			if u.Metadata == nil {
				u.Metadata = map[string]string{}
			}
			u.Metadata[l.names[i]] = value
		}
	}
	if u.Reference == "" {
		return u, errors.New("the unit has no reference")
	}
	if u.Code == "" {
		u.Code = CodeFor(u.Reference)
	}
	return u, nil
}

// decode gives the text of a file of unknown encoding.
func decode(raw []byte) (text, note string) {
	if b, ok := bytes.CutPrefix(raw, []byte("\xEF\xBB\xBF")); ok {
		raw = b
	}
	for mark, big := range map[string]bool{"\xFF\xFE": false, "\xFE\xFF": true} {
		b, ok := bytes.CutPrefix(raw, []byte(mark))
		if !ok {
			continue
		}
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
			if big {
				units[i] = units[i]<<8 | units[i]>>8
			}
		}
		return string(utf16.Decode(units)), ""
	}
	if utf8.Valid(raw) {
		return string(raw), ""
	}
	b, _ := charmap.Windows1252.NewDecoder().Bytes(raw) // every byte is a letter there
	return string(b), "The list is not in UTF-8; it was read as Windows-1252 (Western European). Look whether its accents are right."
}

// separator is the one that the first line has most of, outside of quotes.
func separator(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t'} {
		n, quoted := 0, false
		for _, r := range line {
			switch {
			case r == '"':
				quoted = !quoted
			case r == c && !quoted:
				n++
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}
