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
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"recto/archive"
)

// Bounds of a list.
const (
	MostBytes = 64 << 20
	MostUnits = 100_000
	MostTold  = 20 // faults of one list
)

// ListError is a fault of a list, with its place. It is ErrList, and what Err is.
type ListError struct {
	Line   int // of the file, from 1
	Column int // from 1; 0: the whole line
	Name   string
	Err    error
}

func (e *ListError) Error() string {
	switch {
	case e.Column == 0:
		return fmt.Sprintf("line %d: %v", e.Line, e.Err)
	case e.Name == "":
		return fmt.Sprintf("line %d, column %d: %v", e.Line, e.Column, e.Err)
	}
	return fmt.Sprintf("line %d, column %d (%s): %v", e.Line, e.Column, e.Name, e.Err)
}

func (e *ListError) Unwrap() error { return e.Err }

func (e *ListError) Is(target error) bool { return target == ErrList }

// Faults are what is wrong with a list: ListErrors, the first [MostTold], and what has
// no place in it. They are ErrList.
type Faults []error

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, e := range f {
		lines[i] = e.Error()
	}
	return ErrList.Error() + ": " + strings.Join(lines, "\n")
}

func (f Faults) Unwrap() []error { return f }

func (f Faults) Is(target error) bool { return target == ErrList }

// ErrList means that a list cannot be read as one.
var ErrList = errors.New("not a list of units")

// columns are the names of a list's columns, in any case, and the field they fill.
// All others are metadata.
var columns = map[string]string{
	"reference": "reference", "shelfmark": "reference", "signature": "reference", "signatur": "reference",
	"title": "title", "titel": "title", "container": "container", "box": "container",
	"expected": "expected", "sheets": "expected", "code": "code",
}

// List is a list that was read.
type List struct {
	Units []archive.Unit // without code where the list gives none
	Notes []string       // what was found out of the file and may be wrong, a sentence each

	lines  []int    // that the units begin in
	names  []string // of the columns as they are written
	fields []string // that they fill; empty for metadata, "-" for none
}

// Fault is what is wrong with a field of Units[i], with its place.
func (l *List) Fault(i int, field string, err error) error {
	return l.at(l.lines[i], slices.Index(l.fields, field)+1, err)
}

// Has tells whether the list has a column that fills a field: title, container,
// expected, or the metadata of this name.
func (l *List) Has(field string) bool {
	return slices.Contains(l.fields, field) || slices.ContainsFunc(l.names, func(n string) bool { return strings.EqualFold(n, field) })
}

func (l *List) at(line, column int, err error) error {
	e := &ListError{Line: line, Column: column, Err: err}
	if column > 0 && column <= len(l.names) {
		e.Name = l.names[column-1]
	}
	return e
}

// ReadCSV reads a list of units (RFC 4180): a first row that names the columns, then
// a row a unit. Reference or shelfmark must be there; title, container or box,
// expected or sheets, and code may be; any other column becomes metadata under its
// name. Columns are divided by comma, semicolon or tab; the text is UTF-8, UTF-16 or,
// where it can be neither, Windows-1252, of which Latin-1 is a part. What is wrong
// with the list is told as [Faults], all in one.
func ReadCSV(r io.Reader) (*List, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	if len(raw) > MostBytes {
		return nil, Faults{fmt.Errorf("it has more than %d MB", MostBytes>>20)}
	}
	text, notes, err := decode(raw)
	if err != nil {
		return nil, Faults{err}
	}
	l := reading{List: List{Notes: notes}, codes: map[string]int{}, references: map[string]int{}}
	if err := l.read(text); err != nil {
		l.faults = append(l.faults, err)
	}
	if len(l.faults) > 0 {
		return nil, l.faults
	}
	return &l.List, nil
}

// reading is a list that is being read.
type reading struct {
	List
	faults     Faults
	codes      map[string]int
	references map[string]int // the lines that have them
}

func (l *reading) note(format string, args ...any) {
	l.Notes = append(l.Notes, fmt.Sprintf(format, args...))
}

func (l *reading) fault(line, column int, format string, args ...any) {
	l.faults = append(l.faults, l.at(line, column, fmt.Errorf(format, args...)))
}

// read fills the list. What it returns ends it; what it puts into faults does not.
func (l *reading) read(text string) error {
	skipped := 0 // lines in front of the header
	delimiter, told := ',', false
	if first, rest, _ := strings.Cut(text, "\n"); len(strings.TrimRight(first, "\r")) == 5 && strings.EqualFold(first[:4], "sep=") {
		delimiter, told = rune(first[4]), true // a spreadsheet's own way of saying so
		text, skipped = rest, 1
		if !strings.ContainsRune(delimiters, delimiter) {
			return &ListError{Line: 1, Err: fmt.Errorf("columns are divided by comma, semicolon or tab, not by %q", delimiter)}
		}
	}
	if !told {
		delimiter = divider(text)
	}
	if delimiter != ',' {
		l.note("Columns are divided by %s.", map[rune]string{';': "semicolons", '\t': "tabs"}[delimiter])
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = delimiter, -1, true
	c.TrimLeadingSpace = delimiter != '\t' // people write a blank in front of a quotation mark; a tab is a blank itself
	empty := 0
	for {
		record, err := c.Read()
		if err == io.EOF {
			break
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			// What follows a stray quotation mark cannot be told apart any more.
			return &ListError{Line: p.Line + skipped, Err: fmt.Errorf("at byte %d: %s", p.Column, quotes(p.Err))}
		}
		if err != nil {
			return err
		}
		line, _ := c.FieldPos(0)
		line += skipped
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		switch {
		case l.fields == nil:
			if !l.header(line, record) {
				return nil
			}
		case strings.Join(record, "") == "":
			empty++
		case len(l.Units) == MostUnits:
			return &ListError{Line: line, Err: fmt.Errorf("there are more than %d units; give the list in parts", MostUnits)}
		default:
			l.row(line, record)
		}
		if len(l.faults) >= MostTold {
			return fmt.Errorf("and perhaps more below line %d", line)
		}
	}
	switch {
	case l.fields == nil:
		return errors.New("it is empty")
	case len(l.Units) == 0 && len(l.faults) == 0:
		return errors.New("it has a header and no units")
	}
	if empty > 0 {
		l.note("Rows without anything in them: %d, left out.", empty)
	}
	return nil
}

func quotes(err error) string {
	switch {
	case errors.Is(err, csv.ErrQuote):
		return `a quotation mark that nothing closes, or text behind a closing one (inside of quotes write "" for ")`
	case errors.Is(err, csv.ErrBareQuote):
		return `a quotation mark within a field that does not begin with one (put the field into quotes and write "" for ")`
	}
	return err.Error()
}

// header takes the names of the columns, and tells whether there can be units.
func (l *reading) header(line int, record []string) bool {
	l.fields = make([]string, len(record))
	l.names = append([]string(nil), record...)
	seen := map[string]int{}
	extra := 0
	for i, name := range record {
		field, known := columns[strings.ToLower(name)]
		switch {
		case name == "":
			l.fields[i] = "-"
			continue
		case !known:
			field = strings.ToLower(name)
			extra++
		default:
			l.fields[i] = field
		}
		if seen[field] > 0 {
			l.fault(line, i+1, "is there twice, the other in column %d", seen[field])
		}
		seen[field] = i + 1
		if why := tooMuch(name, MostReference); why != "" {
			l.fault(line, i+1, "the name %s", why)
		}
	}
	if extra > MostColumns {
		l.fault(line, 0, "%d columns of metadata; %d is the most", extra, MostColumns)
	}
	if seen["reference"] == 0 {
		l.fault(line, 0, "no column is called reference or shelfmark; there are: %s", strings.Join(record, ", "))
	}
	return len(l.faults) == 0
}

// row takes a unit.
func (l *reading) row(line int, record []string) {
	u := archive.Unit{}
	at := map[string]int{}
	before := len(l.faults)
	for i, value := range record {
		if value == "" {
			continue
		}
		if i >= len(l.fields) || l.fields[i] == "-" {
			l.fault(line, i+1, "%q stands in a column without a name", shortly(value))
			continue
		}
		at[l.fields[i]] = i + 1
		switch l.fields[i] {
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
			if err != nil {
				l.fault(line, i+1, "%q is no number of sheets", shortly(value))
			}
			u.Expected = n
		default:
			if u.Metadata == nil {
				u.Metadata = map[string]string{}
			}
			u.Metadata[l.names[i]] = value
			at[l.names[i]] = i + 1
		}
	}
	coded := u
	if u.Code == "" && u.Reference != "" { // unless it is planned already, under another code
		coded.Code = CodeFor(u.Reference)
	}
	// What is there twice is told also where there is more to correct.
	same := norm.NFC.String(u.Reference)
	switch first, other := l.references[same], l.codes[coded.Code]; {
	case first > 0:
		l.fault(line, at["reference"], "%q is in line %d too; a reference names one unit", shortly(u.Reference), first)
	case other > 0:
		l.fault(line, at["code"], "code %q is in line %d too; a code names one unit", shortly(coded.Code), other)
	case u.Reference != "":
		l.references[same], l.codes[coded.Code] = line, line
	}
	if len(l.faults) > before {
		return
	}
	if field, why := fault(coded); why != "" {
		column := at[field]
		if column == 0 { // it is not there at all
			column = slices.Index(l.fields, field) + 1
		}
		l.fault(line, column, "%s", why)
		return
	}
	l.Units, l.lines = append(l.Units, u), append(l.lines, line)
}

func shortly(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

const delimiters = ",;\t"

// divider finds what divides the columns: that of the three which is most often in
// the header, outside of quotes.
func divider(text string) rune {
	count := map[rune]int{}
	quoted, begun := false, false
	for _, r := range text {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted && (r == '\n' || r == '\r') && begun {
			break
		}
		begun = begun || r != '\n' && r != '\r'
		if !quoted {
			count[r]++
		}
	}
	best := ','
	for _, r := range delimiters {
		if count[r] > count[best] {
			best = r
		}
	}
	return best
}

// decode gives the text of a file whose encoding nobody tells, with \n for ends of
// lines.
func decode(b []byte) (string, []string, error) {
	var notes []string
	var text string
	little := bytes.HasPrefix(b, []byte{0xFF, 0xFE}) || half(b, 1)
	big := bytes.HasPrefix(b, []byte{0xFE, 0xFF}) || half(b, 0)
	switch {
	case little || big:
		order := unicode.LittleEndian
		if big {
			order = unicode.BigEndian
		}
		if len(b)%2 != 0 {
			return "", nil, errors.New("it is UTF-16 and cut short: an odd number of bytes")
		}
		d, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(b)
		if err != nil {
			return "", nil, err
		}
		text = string(d)
		if line, ok := lineWith(text, "\uFFFD"); ok {
			return "", nil, &ListError{Line: line, Err: errors.New("a character that is not whole in UTF-16")}
		}
		notes = append(notes, "The list is in UTF-16.")
	case utf8.Valid(b):
		text = strings.TrimPrefix(string(b), "\uFEFF")
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		for i := 0; i < len(b); {
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				line := bytes.Count(b[:i], []byte("\n")) + 1
				return "", nil, &ListError{Line: line, Err: errors.New("it says that it is UTF-8 and has bytes that are not")}
			}
			i += n
		}
	default:
		d, err := charmap.Windows1252.NewDecoder().Bytes(b)
		if err != nil {
			return "", nil, err
		}
		text = string(d)
		if line, ok := lineWith(text, "\uFFFD"); ok { // five bytes that mean nothing there
			return "", nil, &ListError{Line: line, Err: errors.New("bytes that are neither UTF-8 nor Windows-1252; save the list as UTF-8")}
		}
		notes = append(notes, "The list is not in UTF-8 and was read as Latin-1 (Windows-1252): look whether accents and signs are right, or save it as UTF-8.")
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return "", nil, &ListError{Line: strings.Count(text[:i], "\n") + 1, Err: errors.New("a zero byte: this is no text")}
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if !strings.Contains(text, "\n") { // as old spreadsheets end lines
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, notes, nil
}

// half tells whether text without a mark in front looks like UTF-16: in its first
// characters, unaccented as a header's are, the odd or the even bytes are zero.
func half(b []byte, odd int) bool {
	n := min(len(b), 16) &^ 1
	for i := 0; i < n; i++ {
		if (b[i] == 0) != (i%2 == odd) {
			return false
		}
	}
	return n >= 4
}

func lineWith(text, what string) (int, bool) {
	i := strings.Index(text, what)
	return strings.Count(text[:max(i, 0)], "\n") + 1, i >= 0
}
