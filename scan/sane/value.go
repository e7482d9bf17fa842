package sane

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"recto/scan"
)

// valueType is a SANE_Value_Type (SANE Standard 1.06, 4.2.9.4).
type valueType int

const (
	typeBool valueType = iota
	typeInt
	typeFixed
	typeString
	typeButton
	typeGroup
)

var optionTypes = map[valueType]scan.OptionType{
	typeBool: scan.Switch, typeInt: scan.Integer, typeFixed: scan.Number,
	typeString: scan.Text, typeButton: scan.Button, typeGroup: scan.Group,
}

// units are the words for a SANE_Unit (4.2.9.5).
var units = []string{"", "px", "bit", "mm", "dpi", "%", "µs"}

// What a SANE_Option_Descriptor's cap has (4.2.9.7).
const (
	softSelect = 1 << iota
	hardSelect
	softDetect
	emulated
	automatic
	inactive
	advanced
)

// descriptor is a SANE_Option_Descriptor in Go's memory. Its strings are the bytes
// that the backend has, for it compares them.
type descriptor struct {
	index        int
	name         string
	title, help  string
	kind         valueType
	unit         int
	size         int // bytes
	capabilities int
	bounds       *bounds
	words        []int32
	strings      []string
}

type bounds struct{ min, max, step int32 }

func (d descriptor) active() bool   { return d.capabilities&inactive == 0 }
func (d descriptor) settable() bool { return d.capabilities&softSelect != 0 }
func (d descriptor) legible() bool {
	return d.active() && d.capabilities&softDetect != 0 && d.kind != typeButton && d.kind != typeGroup
}

// length is how many values a vector has; 1 for anything else.
func (d descriptor) length() int {
	if d.kind == typeInt || d.kind == typeFixed || d.kind == typeBool {
		return max(1, d.size/4)
	}
	return 1
}

// choices are the values that the option takes, none where there is no list.
func (d descriptor) choices() []string {
	var all []string
	for _, w := range d.words {
		all = append(all, d.word(w))
	}
	for _, s := range d.strings {
		all = append(all, readable(s))
	}
	return all
}

// word shows one number, a switch as yes or no.
func (d descriptor) word(w int32) string {
	switch d.kind {
	case typeBool:
		if w != 0 {
			return "yes"
		}
		return "no"
	case typeFixed:
		return decimal(w)
	}
	return strconv.Itoa(int(w))
}

// one is the scale of SANE_Fixed: 16 bits behind the point (4.2.2).
const one = 1 << 16

// decimal shows a SANE_Fixed with as few digits as give the same number again.
// Five always do, for half of 1/65536 is more than half of 1/100000.
func decimal(w int32) string {
	v := float64(w) / one
	for digits := 0; digits < 5; digits++ {
		s := strconv.FormatFloat(v, 'f', digits, 64)
		if back, err := fixed(s); err == nil && back == w {
			return s
		}
	}
	return strconv.FormatFloat(v, 'f', 5, 64)
}

func fixed(s string) (int32, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, err
	}
	v = math.Round(v * one)
	if !(v >= math.MinInt32 && v <= math.MaxInt32) {
		return 0, strconv.ErrRange
	}
	return int32(v), nil
}

// show is the value as text.
func (d descriptor) show(b []byte) string {
	if d.kind == typeString {
		if i := slices.Index(b, 0); i >= 0 {
			b = b[:i]
		}
		return readable(string(b))
	}
	var all []string
	for ; len(b) >= 4; b = b[4:] {
		all = append(all, d.word(int32(binary.NativeEndian.Uint32(b))))
	}
	return strings.Join(all, ",")
}

// parse makes the bytes that SANE takes of text, or says what it would take.
func (d descriptor) parse(text string) ([]byte, error) {
	if d.kind == typeString {
		return d.parseString(text)
	}
	parts := strings.Split(text, ",")
	if len(parts) != d.length() {
		return nil, d.refuse(text)
	}
	var b []byte
	for _, p := range parts {
		w, err := d.parseWord(strings.TrimSpace(p))
		if err != nil || !d.allows(w) {
			return nil, d.refuse(text)
		}
		b = binary.NativeEndian.AppendUint32(b, uint32(w))
	}
	return b, nil
}

func (d descriptor) parseWord(text string) (int32, error) {
	switch d.kind {
	case typeBool:
		switch strings.ToLower(text) {
		case "yes", "true", "on", "1":
			return 1, nil
		case "no", "false", "off", "0":
			return 0, nil
		}
		return 0, strconv.ErrSyntax
	case typeFixed:
		w, err := fixed(text)
		if err == nil { // "300" of a list means 300.00002, where that is how the list has it
			if i := slices.IndexFunc(d.words, func(x int32) bool { return near(x, w) }); i >= 0 && !slices.Contains(d.words, w) {
				w = d.words[i]
			}
			if d.bounds != nil && w > d.bounds.max && near(w, d.bounds.max) {
				w = d.bounds.max
			}
			if d.bounds != nil && w < d.bounds.min && near(w, d.bounds.min) {
				w = d.bounds.min
			}
		}
		return w, err
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil { // "300.0" is whole too
		v, bad := strconv.ParseFloat(text, 64)
		if bad != nil || v != math.Trunc(v) || math.Abs(v) > math.MaxInt32 {
			return 0, err
		}
		n = int64(v)
	}
	return int32(n), nil
}

// near tells whether two SANE_Fixed show as the same number with three digits.
func near(a, b int32) bool { return math.Abs(float64(a)-float64(b)) <= one/2000 }

// allows leaves values between two steps to the device, which rounds them.
func (d descriptor) allows(w int32) bool {
	switch {
	case len(d.words) > 0:
		return slices.Contains(d.words, w)
	case d.bounds != nil:
		return w >= d.bounds.min && w <= d.bounds.max
	}
	return true
}

func (d descriptor) parseString(text string) ([]byte, error) {
	value := text
	if len(d.strings) > 0 {
		i := slices.IndexFunc(d.strings, func(s string) bool { return readable(s) == text })
		if i < 0 {
			i = slices.IndexFunc(d.strings, func(s string) bool { return strings.EqualFold(readable(s), text) })
		}
		if i < 0 {
			return nil, d.refuse(text)
		}
		value = d.strings[i]
	}
	if len(value)+1 > max(d.size, 1) || strings.ContainsRune(value, 0) {
		return nil, d.refuse(text)
	}
	return append([]byte(value), 0), nil
}

// refuse says what the option takes instead of text.
func (d descriptor) refuse(text string) error {
	return fmt.Errorf("%w: %s does not take %q, but %s", scan.ErrOption, d.name, shorten(text), d.takes())
}

// takes says for people which values there are.
func (d descriptor) takes() string {
	unit := ""
	if d.unit > 0 && d.unit < len(units) {
		unit = " " + units[d.unit]
	}
	var what string
	switch {
	case len(d.words) > 0 || len(d.strings) > 0:
		what = strings.Join(d.choices(), ", ") + unit
	case d.kind == typeBool:
		what = "yes or no"
	case d.bounds != nil:
		what = d.word(d.bounds.min) + " to " + d.word(d.bounds.max) + unit
		if s := d.bounds.step; s != 0 {
			what += " in steps of " + d.word(s)
		}
	case d.kind == typeInt:
		what = "a whole number" + unit
	case d.kind == typeFixed:
		what = "a number" + unit
	case d.kind == typeButton:
		what = "being pressed"
	default:
		what = fmt.Sprintf("text of at most %d bytes", max(0, d.size-1))
	}
	if n := d.length(); n > 1 {
		what = fmt.Sprintf("%d values with commas between them, each %s", n, what)
	}
	if d.capabilities&automatic != 0 {
		what += ", or auto"
	}
	return what
}

func shorten(s string) string {
	if len(s) > 80 {
		return s[:77] + "..."
	}
	return s
}

// readable makes UTF-8 of a backend's string, which is ISO 8859-1 by the standard
// (4.2.4) and UTF-8 in newer backends.
func readable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	r := make([]rune, 0, len(s))
	for _, b := range []byte(s) {
		r = append(r, rune(b))
	}
	return string(r)
}

// option is the descriptor as the rest of the house has it.
func (d descriptor) option(group, value string) scan.Option {
	o := scan.Option{
		Name: d.name, Title: d.title, Help: d.help, Group: group, Type: optionTypes[d.kind], Value: value,
		Choices: d.choices(), Inactive: !d.active(), Advanced: d.capabilities&advanced != 0,
	}
	if d.kind == typeGroup {
		return scan.Option{Name: d.name, Title: d.title, Help: d.help, Type: scan.Group, Advanced: o.Advanced}
	}
	o.Fixed = !d.settable()
	if d.unit > 0 && d.unit < len(units) {
		o.Unit = units[d.unit]
	}
	if n := d.length(); n > 1 {
		o.Length = n
	}
	if b := d.bounds; b != nil {
		scale := 1.0
		if d.kind == typeFixed {
			scale = one
		}
		o.Range = &scan.Range{Min: float64(b.min) / scale, Max: float64(b.max) / scale, Step: float64(b.step) / scale}
	}
	return o
}

// float is the first number of a value.
func (d descriptor) float(b []byte) float64 {
	if len(b) < 4 {
		return 0
	}
	w := float64(int32(binary.NativeEndian.Uint32(b)))
	if d.kind == typeFixed {
		w /= one
	}
	return w
}
