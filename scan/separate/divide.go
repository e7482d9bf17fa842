package separate

import (
	"regexp"
	"slices"
	"strings"

	"recto/scan"
)

// Rules say what separates the units of a stack.
type Rules struct {
	Patch   bool              // patch codes T, 2 and 3 begin a unit (Kodak's document separators)
	Codes   []scan.CodeKind   // barcodes that may begin one
	Pattern *regexp.Regexp    // what their text must match; nil: only cover sheets and what Known knows
	Known   func(string) bool // whether a text names a unit that was planned; nil knows nothing
	Blank   bool              // an empty sheet begins a unit
	Every   int               // a unit every so many pages; 0: no
	Sides   int               // images that a sheet gives, for pages of which nobody knows what they show; 2: front, back
	Keep    bool              // separators stay in the unit that they begin, empty sheets in the one before
}

// Page is what dividing looks at.
type Page struct {
	ID    scan.PageID
	Side  scan.Side // where it is known
	Sheet string    // names its sheet: two pages of one sheet follow each other; empty: not known
	Blank bool
	Codes []scan.Code
	Start bool // a unit begins here already
}

// Cut is the beginning of a unit.
type Cut struct {
	Page  scan.PageID // its first page
	Cause string      // "patch-t", "qr", "blank", "count" ...
	Code  string      // text of the code, without the prefix of cover sheets
	Sheet scan.PageID // the separator; the page itself where there is none
}

// Division is what came of dividing.
type Division struct {
	Cuts       []Cut
	Separators []scan.PageID // pages that are no content: to be taken out unless Rules.Keep
	Waiting    []scan.PageID // separators at the end: what they begin may come with the next sheets
	Empty      []Cut         // separators with a code behind which no page follows; Page is the separator
}

// Divide finds where units begin in pages, which are a batch's in order. It changes
// nothing and is deterministic. Units that begin already stay; with Rules.Keep a unit
// begins with its separator, unless that is an empty sheet; otherwise with the first
// page behind it.
func Divide(pages []Page, r Rules) Division {
	var out Division
	var open *Cut // a separator whose first page has not come yet
	said := false // somebody has said already which unit begins with it
	tail := 0     // where in out.Separators that and those beside it begin
	count := 0    // pages of the unit so far
	from := 0     // behind the last separator
	for i := 0; i < len(pages); i++ {
		p := pages[i]
		cut, is := r.separator(p)
		back := -1
		if !is && i+1 < len(pages) && p.sheetOf(pages[i+1]) && p.Blank { // printed on the back
			if cut, is = r.separator(pages[i+1]); is {
				back = i + 1
			}
		}
		switch empty := !is && r.Blank && p.Blank; {
		case empty && i+1 < len(pages) && pages[i+1].Blank && (p.sheetOf(pages[i+1]) || r.paired(pages, i, from)):
			cut, is, back = Cut{Cause: "blank", Sheet: p.ID}, true, i+1
		case empty && !r.loose(p) && (p.Sheet == "" || p.Side == ""):
			cut, is = Cut{Cause: "blank", Sheet: p.ID}, true
		}
		if is {
			if back < 0 && i+1 < len(pages) && pages[i+1].Blank && (p.sheetOf(pages[i+1]) || r.backed(pages, i)) {
				back = i + 1 // the empty back goes with its sheet
			}
			from = max(i, back) + 1
			if open != nil && open.Code != "" && cut.Code != "" && open.Code != cut.Code {
				out.Empty = append(out.Empty, Cut{Page: open.Sheet, Cause: open.Cause, Code: open.Code, Sheet: open.Sheet})
			}
			if open != nil && cut.Code == "" {
				cut.Cause, cut.Code = open.Cause, open.Code // a patch sheet behind a cover sheet says no less
			}
			if r.Keep && cut.Cause != "blank" {
				if !p.Start {
					cut.Page = p.ID
					out.Cuts = append(out.Cuts, cut)
				}
				open, count = nil, 1
				if back >= 0 {
					i, count = back, 2
				}
				continue
			}
			if open == nil {
				tail, said = len(out.Separators), false
			}
			said = said || p.Start || back >= 0 && pages[back].Start
			if cut.Cause != "blank" || !r.Keep {
				out.Separators = append(out.Separators, p.ID)
				if back >= 0 {
					out.Separators = append(out.Separators, pages[back].ID)
				}
			}
			if back >= 0 {
				i = back
			}
			open = &cut
			continue
		}
		switch {
		case p.Start:
			count = 0
		case open != nil:
			// Empty sheets in front of everything separate nothing.
			if !said && (open.Cause != "blank" || len(out.Cuts) > 0 || begun(pages[:i], out.Separators)) {
				open.Page = p.ID
				out.Cuts = append(out.Cuts, *open)
			}
			count = 0
		case r.Every > 0 && count == r.Every, r.Every > 0 && count == 0 && i == 0:
			out.Cuts = append(out.Cuts, Cut{Page: p.ID, Cause: "count", Sheet: p.ID})
			count = 0
		}
		open = nil
		count++
	}
	if open != nil && open.Code != "" {
		out.Empty = append(out.Empty, Cut{Page: open.Sheet, Cause: open.Cause, Code: open.Code, Sheet: open.Sheet})
	}
	if open != nil {
		out.Separators, out.Waiting = out.Separators[:tail], slices.Clone(out.Separators[tail:])
	}
	return out
}

// begun tells whether there is content among pages.
func begun(pages []Page, separators []scan.PageID) bool {
	return slices.ContainsFunc(pages, func(p Page) bool { return !slices.Contains(separators, p.ID) })
}

// sheetOf tells whether next is the other side of p's sheet.
func (p Page) sheetOf(next Page) bool {
	return p.Sheet != "" && p.Sheet == next.Sheet && p.Side == scan.Front && next.Side == scan.Back
}

// loose tells whether a page is one of two that its sheet gives, and nobody knows which.
func (r Rules) loose(p Page) bool { return r.Sides == 2 && p.Side == "" }

// paired tells whether loose pages that are counted by twos from a place make a sheet
// of i and the one behind.
func (r Rules) paired(pages []Page, i, from int) bool {
	return r.loose(pages[i]) && r.loose(pages[i+1]) && (i-from)%2 == 0
}

// backed tells whether the page behind a loose separator is its back: only then do it
// and what follows, up to the next separator, make an even number of images. A cover
// sheet that was photographed alone may have a blank leaf behind it, which must stay.
func (r Rules) backed(pages []Page, i int) bool {
	end := i + 1
	for ; end < len(pages) && r.loose(pages[end]); end++ {
		if _, is := r.separator(pages[end]); is {
			break
		}
	}
	return r.loose(pages[i]) && end > i+1 && (end-i)%2 == 0
}

// separator finds what on a page begins a unit: a barcode rather than a patch code,
// because it says which.
func (r Rules) separator(p Page) (Cut, bool) {
	for _, c := range p.Codes {
		if text, begins := r.Begins(c); begins && !c.Kind.Patch() {
			return Cut{Cause: string(c.Kind), Code: text, Sheet: p.ID}, true
		}
	}
	for _, c := range p.Codes {
		if _, begins := r.Begins(c); begins {
			return Cut{Cause: string(c.Kind), Sheet: p.ID}, true
		}
	}
	return Cut{}, false
}

// Begins tells whether a code begins a unit, and what it says without the prefix of
// cover sheets.
func (r Rules) Begins(c scan.Code) (text string, begins bool) {
	switch {
	case c.Unread:
		return "", false
	case c.Kind.Patch():
		return "", r.Patch && (c.Kind == scan.PatchT || c.Kind == scan.Patch2 || c.Kind == scan.Patch3)
	case !slices.Contains(r.Codes, c.Kind):
		return "", false
	}
	if text, cover := strings.CutPrefix(c.Text, scan.CoverPrefix); cover {
		return text, true
	}
	known := r.Known != nil && r.Known(c.Text)
	return c.Text, known || r.Pattern != nil && r.Pattern.MatchString(c.Text)
}

// Concerns tells which codes of a page somebody has to look at: those that cannot be
// read where one was to be expected, and cover sheets of units that nobody planned.
func (r Rules) Concerns(codes []scan.Code) []scan.Concern {
	var out []scan.Concern
	for _, c := range codes {
		switch text, begins := r.Begins(c); {
		case c.Unread && c.Kind.Patch() && r.Patch, c.Unread && !c.Kind.Patch() && slices.ContainsFunc(r.Codes, func(k scan.CodeKind) bool { return akin(k, c.Kind) }):
			if !slices.ContainsFunc(codes, func(o scan.Code) bool { _, reads := r.Begins(o); return reads }) {
				out = append(out, scan.Concern{Kind: scan.CodeUnread, Words: "There is a separator (" + string(c.Kind) + ") that cannot be read: cut off, smeared or torn."})
			}
		case begins && !c.Kind.Patch() && strings.HasPrefix(c.Text, scan.CoverPrefix) && (r.Known == nil || !r.Known(text)):
			out = append(out, scan.Concern{Kind: scan.CodeUnknown, Words: "The cover sheet names a unit that nobody has planned: " + text + "."})
		}
	}
	return slices.CompactFunc(out, func(a, b scan.Concern) bool { return a.Kind == b.Kind && a.Words == b.Words })
}

// akin tells whether what is left of a code of one kind may be taken for one of the
// other: half a QR code has the edges of a DataMatrix, and bars are bars.
func akin(a, b scan.CodeKind) bool {
	square := func(k scan.CodeKind) bool { return k == scan.QR || k == scan.DataMatrix }
	return a == scan.AnyCode || b == scan.AnyCode || square(a) == square(b)
}
