package coversheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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
	mostTold  = 20 // faults of one list
)

// ListError is a fault of a list, with its place.
type ListError struct {
	Line   int // of the file, from 1
	Column int // from 1; 0: the whole line
	Name   string
	Why    string
}

func (e *ListError) Error() string {
	switch {
	case e.Column == 0:
		return fmt.Sprintf("line %d: %s", e.Line, e.Why)
	case e.Name == "":
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Why)
	}
	return fmt.Sprintf("line %d, column %d (%s): %s", e.Line, e.Column, e.Name, e.Why)
}

// ErrList means that a list cannot be read as one.
var ErrList = errors.New("not a list of units")

// columns are the names of a list's columns, in any case, and the field they fill.
// All others are metadata.
var columns = map[string]string{
	"reference": "reference", "shelfmark": "reference", "title": "title", "container": "container",
	"expected": "expected", "sheets": "expected", "code": "code",
}

// ReadCSV reads a list of units (RFC 4180): a first row that names the columns, then
// a row a unit. Reference or shelfmark must be there; title, container, expected or
// sheets, and code may be; any other column becomes metadata under its name. A unit
// without code gets [CodeFor] its reference. Columns are divided by comma, semicolon
// or tab; the text is UTF-8, UTF-16 or, where it can be neither, Windows-1252, of
// which Latin-1 is a part. The notes tell what was found out of this and may be
// wrong, a sentence each. An error joins *ListErrors (errors.Join), the first twenty,
// and is ErrList; then there are no units.
func ReadCSV(r io.Reader) ([]archive.Unit, []string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("list: %w", err)
	}
	if len(raw) > MostBytes {
		return nil, nil, fmt.Errorf("%w: it has more than %d MB", ErrList, MostBytes>>20)
	}
	text, notes, err := decode(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	l := list{notes: notes, codes: map[string]int{}, references: map[string]int{}}
	if err := l.read(text); err != nil {
		l.faults = append(l.faults, err)
	}
	if len(l.faults) > 0 {
		return nil, l.notes, fmt.Errorf("%w: %w", ErrList, errors.Join(l.faults...))
	}
	return l.units, l.notes, nil
}

// list is a list that is being read.
type list struct {
	units      []archive.Unit
	notes      []string
	faults     []error
	names      []string // of the columns as they are written
	fields     []string // that they fill; empty for metadata, "-" for none
	codes      map[string]int
	references map[string]int // the lines that have them
}

func (l *list) note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

func (l *list) fault(line, column int, format string, args ...any) {
	e := &ListError{Line: line, Column: column, Why: fmt.Sprintf(format, args...)}
	if column > 0 && column <= len(l.names) {
		e.Name = l.names[column-1]
	}
	l.faults = append(l.faults, e)
}

// read fills the list. What it returns ends it; what it puts into faults does not.
func (l *list) read(text string) error {
	skipped := 0 // lines in front of the header
	delimiter, told := ',', false
	if first, rest, _ := strings.Cut(text, "\n"); len(strings.TrimRight(first, "\r")) == 5 && strings.EqualFold(first[:4], "sep=") {
		delimiter, told = rune(first[4]), true // a spreadsheet's own way of saying so
		text, skipped = rest, 1
		if !strings.ContainsRune(delimiters, delimiter) {
			return &ListError{Line: 1, Why: fmt.Sprintf("columns are divided by comma, semicolon or tab, not by %q", delimiter)}
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
	empty, made := 0, 0
	for {
		record, err := c.Read()
		if err == io.EOF {
			break
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			// What follows a stray quotation mark cannot be told apart any more.
			return &ListError{Line: p.Line + skipped, Why: fmt.Sprintf("at byte %d: %s", p.Column, quotes(p.Err))}
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
		case len(l.units) == MostUnits:
			return &ListError{Line: line, Why: fmt.Sprintf("there are more than %d units; give the list in parts", MostUnits)}
		default:
			if l.row(line, record) {
				made++
			}
		}
		if len(l.faults) >= mostTold {
			return fmt.Errorf("and perhaps more below line %d", line)
		}
	}
	switch {
	case l.fields == nil:
		return errors.New("it is empty")
	case len(l.units) == 0 && len(l.faults) == 0:
		return errors.New("it has a header and no units")
	}
	if empty > 0 {
		l.note("Rows without anything in them: %d, left out.", empty)
	}
	if made > 0 {
		l.note("Units without a code of their own: %d; they got one made of the reference.", made)
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
func (l *list) header(line int, record []string) bool {
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

// row takes a unit, and tells whether its code had to be made.
func (l *list) row(line int, record []string) (made bool) {
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
	if u.Code == "" && u.Reference != "" {
		u.Code, made = CodeFor(u.Reference), true
	}
	if len(l.faults) > before {
		return made
	}
	if field, why := fault(u); why != "" {
		column := at[field]
		if column == 0 { // it is not there at all
			for i, f := range l.fields {
				if f == field {
					column = i + 1
				}
			}
		}
		l.fault(line, column, "%s", why)
		return made
	}
	same := norm.NFC.String(u.Reference)
	if other := l.references[same]; other > 0 {
		l.fault(line, at["reference"], "%q is in line %d too; a reference names one unit", shortly(u.Reference), other)
		return made
	}
	if other := l.codes[u.Code]; other > 0 {
		l.fault(line, at["code"], "code %q is in line %d too; a code names one unit", u.Code, other)
		return made
	}
	l.references[same], l.codes[u.Code] = line, line
	l.units = append(l.units, u)
	return made
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
			return "", nil, &ListError{Line: line, Why: "a character that is not whole in UTF-16"}
		}
		notes = append(notes, "The list is in UTF-16.")
	case utf8.Valid(b):
		text = strings.TrimPrefix(string(b), "\uFEFF")
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		for i := 0; i < len(b); {
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				line := bytes.Count(b[:i], []byte("\n")) + 1
				return "", nil, &ListError{Line: line, Why: "it says that it is UTF-8 and has bytes that are not"}
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
			return "", nil, &ListError{Line: line, Why: "bytes that are neither UTF-8 nor Windows-1252; save the list as UTF-8"}
		}
		notes = append(notes, "The list is not in UTF-8 and was read as Latin-1 (Windows-1252): look whether accents and signs are right, or save it as UTF-8.")
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return "", nil, &ListError{Line: strings.Count(text[:i], "\n") + 1, Why: "a zero byte: this is no text"}
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
