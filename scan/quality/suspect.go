package quality

import (
	"fmt"
	"math"
	"slices"

	"recto/scan"
)

// Rules say what a page must be like not to be suspected. Zero values do not ask.
type Rules struct {
	LeastDPI      float64
	MostSkew      float64 // degrees, either way
	LeastSharp    float64 // 0 to 1, as of [Sharpness]
	MostLength    float64 // share by which a sheet may be longer or shorter than those before it; 0: 0.08
	BlanksWelcome bool    // blank pages are ordinary here
}

// legible is the least that letters of 4 mm can be guessed at in: 6 pixels of their height,
// in dots an inch.
const legible = 40

// Page is a page that was looked at.
type Page struct {
	ID         scan.PageID
	Inspection scan.Inspection
}

const (
	neighbours      = 8    // before a page, at most, that its length is compared with
	fewest          = 3    // of these, below which nothing can be said
	sameWidth       = 0.03 // share
	usualMostLength = 0.08
)

// Suspect tells what somebody should look at about a page: in a fixed order, each
// kind at most once. before are the pages before it in their order, the last of them
// nearest; like holds the pages that it may be a second capture of, and may be nil or
// hold the page itself. Nothing is changed.
func Suspect(rules Rules, page Page, before []Page, like *Index) []scan.Concern {
	var out []scan.Concern
	say := func(kind scan.ConcernKind, other scan.PageID, format string, args ...any) {
		out = append(out, scan.Concern{Kind: kind, Words: fmt.Sprintf(format, args...), Other: other})
	}
	in := page.Inspection
	if in.Blank && !rules.BlanksWelcome {
		say(scan.SuspectBlank, "", "Nothing is on it.")
	}
	if words, other := length(rules, in, before); words != "" {
		say(scan.SuspectDoubleFeed, other, "%s", words)
	}
	if like != nil && !in.Blank {
		if id, score, ok := like.other(page.ID, in.Signature); ok {
			say(scan.SuspectDuplicate, id, "It looks like a page captured before (%.0f %% alike): the same sheet twice?", 100*score)
		}
	}
	if !in.Blank && in.Sharpness < rules.LeastSharp {
		say(scan.SuspectBlurred, "", "Its edges are soft: sharpness %.2f; at least %.2f is asked for.", in.Sharpness, rules.LeastSharp)
	}
	switch {
	case in.DPI > 0 && in.DPI < legible:
		say(scan.SuspectLowDPI, "", "%s dpi: nothing that is printed or written can be read on it.", short(in.DPI))
	case in.DPI > 0 && in.DPI < rules.LeastDPI*0.995: // devices round
		say(scan.SuspectLowDPI, "", "%s dpi; at least %s are asked for.", short(in.DPI), short(rules.LeastDPI))
	}
	if rules.MostSkew > 0 && !in.Blank && math.Abs(in.Skew) > rules.MostSkew {
		way := "clockwise"
		if in.Skew < 0 {
			way = "anticlockwise"
		}
		say(scan.SuspectSkew, "", "Askew by %.1f degrees %s; at most %s are asked for.", math.Abs(in.Skew), way, short(rules.MostSkew))
	}
	return out
}

// length says that a sheet is longer or shorter than those before it: two were drawn
// in one upon the other, or one was cut off. other is the page before it. A feeder
// pulls sheets along their height; their width tells whether they are of one kind.
func length(rules Rules, in scan.Inspection, before []Page) (words string, other scan.PageID) {
	if in.Pixels.X <= 0 || in.Pixels.Y <= 0 {
		return "", ""
	}
	var lengths []int
	for _, p := range slices.Backward(before) {
		b := p.Inspection
		if b.Pixels.X <= 0 || b.Pixels.Y <= 0 || !near(b.DPI, in.DPI) || !near(float64(b.Pixels.X), float64(in.Pixels.X)) {
			continue
		}
		if lengths = append(lengths, b.Pixels.Y); len(lengths) == neighbours {
			break
		}
	}
	if len(lengths) < fewest {
		return "", ""
	}
	slices.Sort(lengths)
	usual := lengths[(len(lengths)-1)/2] // of an even number the shorter: a sheet too long is the graver case
	most := rules.MostLength
	if most <= 0 {
		most = usualMostLength
	}
	is := in.Pixels.Y
	if math.Abs(float64(is)/float64(usual)-1) <= most {
		return "", ""
	}
	measure := func(px int) string {
		if in.DPI > 0 {
			return fmt.Sprintf("%.0f mm", float64(px)/in.DPI*25.4)
		}
		return fmt.Sprintf("%d pixels", px)
	}
	why := "Two sheets at once?"
	if is < usual {
		why = "Cut off, or another kind of paper?"
	}
	return fmt.Sprintf("%s long; the sheets before it are %s. %s", measure(is), measure(usual), why), before[len(before)-1].ID
}

// near tells whether two numbers differ by 3 % at most; an unknown resolution, 0, is
// near to itself only.
func near(a, b float64) bool { return a == b || math.Abs(a-b) <= sameWidth*max(a, b) }

// short writes a number without needless decimals.
func short(v float64) string { return fmt.Sprintf("%.4g", v) }
