package separate

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"recto/scan"
)

// stack makes pages of words: "a", "a." blank, "aT" with patch T, "a=X" with the QR
// code X, "a?" with an unread code, "a|" where a unit begins already, "a1" and "a2"
// front and back of one sheet.
func stack(words string) []Page {
	var out []Page
	sheet := 0
	for _, w := range strings.Fields(words) {
		p := Page{}
		if w, text, is := strings.Cut(w, "="); is {
			p.Codes = append(p.Codes, scan.Code{Kind: scan.QR, Text: text})
			p.ID = scan.PageID(w)
		} else {
			p.ID = scan.PageID(w)
		}
		id := string(p.ID)
		for id != "" {
			switch id[len(id)-1] {
			case '.':
				p.Blank = true
			case 'T':
				p.Codes = append(p.Codes, scan.Code{Kind: scan.PatchT})
			case '?':
				p.Codes = append(p.Codes, scan.Code{Kind: scan.QR, Unread: true})
			case '|':
				p.Start = true
			case '1':
				sheet++
				p.Side, p.Sheet = scan.Front, fmt.Sprint(sheet)
			case '2':
				p.Side, p.Sheet = scan.Back, fmt.Sprint(sheet)
			default:
				p.ID = scan.PageID(id)
				id = ""
				continue
			}
			id = id[:len(id)-1]
		}
		if p.Sheet != "" {
			p.ID += scan.PageID(map[scan.Side]string{scan.Front: "1", scan.Back: "2"}[p.Side])
		}
		out = append(out, p)
	}
	return out
}

func TestDivide(t *testing.T) {
	patch := Rules{Patch: true}
	codes := Rules{Codes: []scan.CodeKind{scan.QR}, Known: func(s string) bool { return s == "K" }}
	both := Rules{Patch: true, Codes: codes.Codes, Known: codes.Known}
	both2 := both
	both2.Sides = 2
	for _, c := range []struct {
		name, stack string
		rules       Rules
		want        string // units by their first pages with cause and code; (separators); !empty
	}{
		{"nothing asked for", "a bT c=K d. e", Rules{}, ""},
		{"patch", "a b sT c d", patch, "c:patch-t (s)"},
		{"patch kept", "a b sT c d", Rules{Patch: true, Keep: true}, "s:patch-t"},
		{"patch first and last", "sT a b tT", patch, "a:patch-t (s) [t]"},
		{"two patches", "a sT tT b", patch, "b:patch-t (s t)"},
		{"patch in a row of units", "aT b cT d e", patch, "b:patch-t d:patch-t (a c)"},
		{"patch does not ask for codes", "a=K b", patch, ""},
		{"cover sheet", "s=RECTO1:U7 a b t=RECTO1:U8 c", codes, "a:qr:U7 c:qr:U8 (s t)"},
		{"planned code without prefix", "s=K a", codes, "a:qr:K (s)"},
		{"any other code is content", "a b=4006381333931 c", codes, ""},
		{"pattern", "a s=HStA/12 b", Rules{Codes: codes.Codes, Pattern: regexp.MustCompile(`^HStA/`)}, "b:qr:HStA/12 (s)"},
		{"pattern kept: a sticker on the first page", "a b=ASN12 c d=ASN13", Rules{Codes: codes.Codes, Pattern: regexp.MustCompile(`^ASN`), Keep: true}, "b:qr:ASN12 d:qr:ASN13"},
		{"cover sheet with a patch sheet behind it", "s=RECTO1:U7 tT a", both, "a:qr:U7 (s t)"},
		{"cover sheet without sheets", "s=RECTO1:U7 t=RECTO1:U8 a u=RECTO1:U9", codes, "a:qr:U8 (s t) [u] !U7 !U9"},
		{"unread separates nothing", "a s? b", codes, ""},
		{"both sides: the empty back goes too", "a1 a2 s1=RECTO1:U s2. b1 b2", codes, "b1:qr:U (s1 s2)"},
		{"both sides", "a1 a2 s1T s2. b1 b2", patch, "b1:patch-t (s1 s2)"},
		{"both sides: what is on the back stays", "a1 a2 s1T s2 b1 b2", patch, "s2:patch-t (s1)"},
		{"both sides: printed on the back", "a1 a2 s1. s2T b1 b2", patch, "b1:patch-t (s1 s2)"},
		{"kept with its back", "a1 a2 s1T s2. b1", Rules{Patch: true, Keep: true}, "s1:patch-t"},
		{"a person has said what begins with the cover sheet", "a s|=RECTO1:U7 tT b", both, "(s t)"},
		{"blank", "a b x. c y. z. d", Rules{Blank: true}, "c:blank d:blank (x y z)"},
		{"blank in front and behind", "x. a b y.", Rules{Blank: true}, "(x) [y]"},
		{"a jam behind the separators", "a sT t=RECTO1:U7", both, "[s t] !U7"},
		{"both sides: the last one waits with its back", "a1 a2 s1T s2.", patch, "[s1 s2]"},
		{"blank sheets, not blank sides", "a1 a2. b1. b2. c1 c2", Rules{Blank: true}, "c1:blank (b1 b2)"},
		{"a blank front alone is a side", "a1 a2 b1. b2 c1", Rules{Blank: true}, ""},
		{"every two", "a b c d e", Rules{Every: 2}, "a:count c:count e:count"},
		{"every two, and patches", "a b c sT d e f", Rules{Every: 2, Patch: true}, "a:count c:count d:patch-t f:count (s)"},
		{"what begins already stays", "a b| c d", patch, ""},
		{"two images a sheet, in files: the back of a cover sheet", "s=RECTO1:U7 b. a c. t=RECTO1:U8 e. d f", both2, "a:qr:U7 d:qr:U8 (s b t e)"},
		{"a cover sheet photographed alone, and a blank leaf", "s=RECTO1:U7 b. a t=RECTO1:U8 e. d", both2, "b:qr:U7 e:qr:U8 (s t)"},
		{"two images a sheet, in files: cover and patch sheet", "a b s=RECTO1:U7 b. tT c. d e", both2, "d:qr:U7 (s b t c)"},
		{"one image a sheet: a blank one behind the cover is a page", "s=RECTO1:U7 b. a c", both, "b:qr:U7 (s)"},
		{"two images a sheet, in files: blank sheets, not sides", "a b. c d. e. f. g h", Rules{Blank: true, Sides: 2}, "g:blank (e f)"},
		{"done before: separators are in the bin, starts stay", "a c| d sT e", patch, "e:patch-t (s)"},
		{"every two, counted from what begins already", "a b| c d e", Rules{Every: 2}, "a:count d:count"},
	} {
		if got := told(Divide(stack(c.stack), c.rules)); got != c.want {
			t.Errorf("%s: %s\n got %q\nwant %q", c.name, c.stack, got, c.want)
		}
	}
}

func told(d Division) string {
	var out []string
	for _, c := range d.Cuts {
		s := string(c.Page) + ":" + c.Cause
		if c.Code != "" {
			s += ":" + c.Code
		}
		out = append(out, s)
	}
	if len(d.Separators) > 0 {
		var ids []string
		for _, s := range d.Separators {
			ids = append(ids, string(s))
		}
		out = append(out, "("+strings.Join(ids, " ")+")")
	}
	if len(d.Waiting) > 0 {
		out = append(out, fmt.Sprint(d.Waiting))
	}
	for _, e := range d.Empty {
		out = append(out, "!"+e.Code)
	}
	return strings.Join(out, " ")
}

func TestConcerns(t *testing.T) {
	r := Rules{Patch: true, Codes: []scan.CodeKind{scan.QR}, Known: func(s string) bool { return s == "U7" }}
	for _, c := range []struct {
		code scan.Code
		want scan.ConcernKind
	}{
		{scan.Code{Kind: scan.QR, Text: "RECTO1:U7"}, ""},
		{scan.Code{Kind: scan.QR, Text: "RECTO1:U8"}, scan.CodeUnknown},
		{scan.Code{Kind: scan.QR, Text: "4006381333931"}, ""},
		{scan.Code{Kind: scan.QR, Unread: true}, scan.CodeUnread},
		{scan.Code{Kind: scan.DataMatrix, Unread: true}, scan.CodeUnread}, // half a QR code looks like one
		{scan.Code{Kind: scan.PatchT, Unread: true}, scan.CodeUnread},
		{scan.Code{Kind: scan.AnyCode, Unread: true}, scan.CodeUnread},
		{scan.Code{Kind: scan.AnyPatch, Unread: true}, scan.CodeUnread},
		{scan.Code{Kind: scan.Code39, Unread: true}, ""}, // nobody asked for those
		{scan.Code{Kind: scan.PatchT}, ""},
	} {
		got := r.Concerns([]scan.Code{c.code})
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Kind != c.want || got[0].Words == "") {
			t.Errorf("%+v: %+v, want %q", c.code, got, c.want)
		}
	}
	// A second, torn code beside one that reads does not matter.
	if got := r.Concerns([]scan.Code{{Kind: scan.QR, Text: "RECTO1:U7"}, {Kind: scan.QR, Unread: true}}); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	if got := (Rules{}).Concerns([]scan.Code{{Kind: scan.QR, Unread: true}, {Kind: scan.PatchT, Unread: true}}); len(got) > 0 {
		t.Errorf("nothing asked for: %+v", got)
	}
}
