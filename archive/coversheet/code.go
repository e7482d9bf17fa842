package coversheet

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"recto/archive"
)

// What a unit may say of itself, in characters: more than anybody puts on a label,
// and little enough for a sheet, a catalogue and a window.
const (
	MostCode      = 20 // so that Code 128 reads at 150 dpi in black and white: 3 pixels a module
	MostReference = 200
	MostTitle     = 2000
	MostContainer = 200
	MostExpected  = 1_000_000 // sheets
	MostColumns   = 100       // of metadata
	MostValue     = 10_000
)

// ErrUnit means that a unit cannot have a cover sheet as it is.
var ErrUnit = errors.New("not a unit")

// alphabet is Crockford's: no I, L, O and U, which people take for 1, 0 and V.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var base = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

const hashed = 10 // characters of 5 bits: in 100,000 units two meet by chance once in 200,000 lists

// CodeFor makes the code of a reference: always the same, of eleven capital letters
// and digits, the last one a check character. Unicode forms and blanks at the ends
// make no difference.
func CodeFor(reference string) string {
	sum := sha256.Sum256([]byte("recto unit " + norm.NFC.String(strings.TrimSpace(reference))))
	body := base.EncodeToString(sum[:])[:hashed]
	return body + string(alphabet[check(body)])
}

// Mistyped tells of a code that has the form of [CodeFor]'s and the wrong check
// character. Other codes it cannot judge.
func Mistyped(code string) bool {
	if len(code) != hashed+1 || strings.Trim(code, alphabet) != "" {
		return false
	}
	return code[hashed] != alphabet[check(code[:hashed])]
}

// check is Luhn's algorithm with 32 digits instead of ten: it finds every single
// wrong character and all swapped neighbours but 0 and Z.
func check(body string) int {
	const n = len(alphabet)
	sum, factor := 0, 2
	for i := len(body) - 1; i >= 0; i-- {
		d := factor * strings.IndexByte(alphabet, body[i])
		sum += d/n + d%n
		factor = 3 - factor
	}
	return (n - sum%n) % n
}

// Check says what keeps a unit from having a cover sheet; it is ErrUnit.
func Check(u archive.Unit) error {
	if what, why := fault(u); why != "" {
		return fmt.Errorf("%w: %s: %s", ErrUnit, what, why)
	}
	return nil
}

// fault names the field that is wrong, as columns of a list are named, and why.
func fault(u archive.Unit) (field, why string) {
	for _, f := range []struct {
		name, text string
		most       int
	}{
		{"reference", u.Reference, MostReference}, {"title", u.Title, MostTitle}, {"container", u.Container, MostContainer},
	} {
		if why := tooMuch(f.text, f.most); why != "" {
			return f.name, why
		}
	}
	switch {
	case strings.TrimSpace(u.Reference) == "":
		return "reference", "is empty; every unit wants a reference (shelfmark)"
	case u.Code == "" || len(u.Code) > MostCode:
		return "code", fmt.Sprintf("%q: a code has 1 to %d characters", u.Code, MostCode)
	case strings.ContainsFunc(u.Code, func(r rune) bool { return r <= ' ' || r >= 0x7F }):
		return "code", fmt.Sprintf("%q: a code has unaccented letters, digits and signs, no blanks", u.Code)
	case u.Expected < 0 || u.Expected > MostExpected:
		return "expected", fmt.Sprintf("%d: give a number of sheets from 0 to %d", u.Expected, MostExpected)
	case len(u.Metadata) > MostColumns:
		return "metadata", fmt.Sprintf("%d columns; %d is the most", len(u.Metadata), MostColumns)
	}
	for name, value := range u.Metadata {
		if why := tooMuch(value, MostValue); why != "" {
			return name, why
		}
		if why := tooMuch(name, MostReference); why != "" {
			return "a column's name", why
		}
	}
	return "", ""
}

func tooMuch(text string, most int) string {
	if !utf8.ValidString(text) {
		return "is not UTF-8"
	}
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Sprintf("has %d characters; %d is the most", n, most)
	}
	return ""
}
