package gui

import (
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/scan"
)

func TestDropAfter(t *testing.T) {
	pages := make([]workbench.PageInfo, 6)
	for i := range pages {
		pages[i].ID = scan.PageID(rune('a' + i))
	}
	for _, c := range []struct {
		chosen []int
		gap    int
		after  scan.PageID
		moves  bool
	}{
		{[]int{2}, 0, "", true}, {[]int{0}, 0, "", false}, {[]int{0}, 1, "", false},
		{[]int{0}, 2, "b", true}, {[]int{2}, 2, "b", false}, {[]int{2}, 3, "b", false}, {[]int{2}, 4, "d", true},
		{[]int{5}, 6, "e", false}, {[]int{0}, 6, "f", true},
		{[]int{1, 2}, 2, "a", false}, {[]int{1, 3}, 2, "a", true}, {[]int{1, 3}, 4, "c", true}, {[]int{0, 5}, 3, "c", true},
		{[]int{0, 1, 2, 3, 4, 5}, 3, "", false}, {nil, 3, "", false}, {[]int{1}, 99, "f", true},
	} {
		after, moves := dropAfter(pages, c.chosen, c.gap)
		if moves != c.moves || (moves && after != c.after) {
			t.Errorf("%v into gap %d: after %q, moves %v; want %q, %v", c.chosen, c.gap, after, moves, c.after, c.moves)
		}
	}
}

func TestFoldedTerms(t *testing.T) {
	terms := map[string]bool{"societe": true, "harbour": true, "strasse": true}
	for word, want := range map[string]bool{"Société,": true, "HARBOUR-master": true, "«harbour»": true, "harbours": false, "": false, "…": false, "Straße": false} {
		if anyTerm(word, terms) != want {
			t.Errorf("%q: %v", word, !want)
		}
	}
}

func TestNatural(t *testing.T) {
	names := []string{"page10.tif", "page2.tif", "Page1.tif", "page02b", "a", "page", "page2"}
	slices.SortFunc(names, natural)
	if got := strings.Join(names, " "); got != "a page Page1.tif page2 page2.tif page02b page10.tif" {
		t.Errorf("%s", got)
	}
}

func TestTitleOf(t *testing.T) {
	for _, c := range []struct {
		paths []scan.Path
		want  string
	}{
		{nil, ""}, {[]scan.Path{"/scans/Ledger 1843"}, "Ledger 1843"}, {[]scan.Path{"/scans/deed.tiff"}, "deed"},
		{[]scan.Path{"/scans/box 4/p1.tif", "/scans/box 4/p2.tif"}, "box 4"}, {[]scan.Path{"/s/new\nline"}, "new%0Aline"},
	} {
		if got := titleOf(c.paths); got != c.want {
			t.Errorf("%q: %q, want %q", c.paths, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{3 * time.Second: "a few seconds left", 47 * time.Second: "about 40 s left", 150 * time.Second: "about 3 min left", 100 * time.Minute: "about 2 h left"} {
		if got := remaining(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{12: "12 bytes", 45_600: "46 kB", 1_234_567: "1.2 MB", 412_000_000_000: "412.0 GB", 3_000_000_000_000: "3.0 TB"} {
		if got := bytesWords(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := progressWords(job.Snapshot{Stage: "Reading pages", Done: 12, Total: 40, ETA: 2 * time.Minute}); got != "Reading pages · 12 of 40 · about 2 min left" {
		t.Errorf("%q", got)
	}
}

func TestList(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"b10.tif", "b9.tif", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "z"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "broken")); err != nil {
		t.Fatal(err)
	}
	got, err := list(dir, false)
	if err != nil || len(got) != 3 || got[0].name != "z" || got[1].name != "b9.tif" || got[2].name != "b10.tif" {
		t.Errorf("%v, %v", got, err)
	}
	if got, _ := list(dir, true); len(got) != 1 {
		t.Errorf("folders: %v", got)
	}
	if _, err := list(filepath.Join(dir, "none"), true); err == nil {
		t.Error("a folder that is not there can be listed")
	}
	if _, err := freeAt(filepath.Join(dir, "not", "yet", "there")); err != nil {
		t.Errorf("free space of a folder to come: %v", err)
	}
}

// The cache never holds more than its budget, nor forgets the page in use.
func TestPageCache(t *testing.T) {
	var c pageCache
	big := parts.NewPyramid(image.NewGray(image.Rect(0, 0, 12000, 10000)))
	for _, k := range []string{"a", "b", "c", "d"} {
		c.put(k, big)
		if c.get(k) == nil {
			t.Errorf("%s is gone at once", k)
		}
	}
	if c.bytes > pageBudget || c.get("a") != nil || len(c.keys) != len(c.pages) {
		t.Errorf("%d bytes, keys %v", c.bytes, c.keys)
	}
}

// Words must be readable on what lies behind them: WCAG 2.1, 1.4.3 asks for a
// contrast of 4.5 to 1.
func TestContrast(t *testing.T) {
	for _, choice := range []string{"light", "dark"} {
		l := look{choice}
		for _, ground := range []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameInputBackground, parts.ColorPanel, theme.ColorNameHeaderBackground} {
			for _, ink := range []fyne.ThemeColorName{theme.ColorNameForeground, parts.ColorMuted, theme.ColorNamePrimary, theme.ColorNameSuccess, theme.ColorNameWarning, theme.ColorNameError} {
				if r := contrast(l, ink, ground); r < 4.5 {
					t.Errorf("%s: %s on %s has %.1f to 1", choice, ink, ground, r)
				}
			}
		}
		for _, ink := range []fyne.ThemeColorName{theme.ColorNameForeground, parts.ColorMuted, theme.ColorNamePrimary, theme.ColorNameWarning, theme.ColorNameError} {
			if r := contrast(l, ink, parts.ColorDesk); r < 4.5 {
				t.Errorf("%s: %s on the desk has %.1f to 1", choice, ink, r)
			}
		}
	}
}

// Who can see that a box is there to tick, or a field to fill: WCAG 2.1, 1.4.11 asks
// for 3 to 1.
func TestFieldsAreSeen(t *testing.T) {
	for _, choice := range []string{"light", "dark"} {
		for _, ground := range []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameInputBackground, theme.ColorNameOverlayBackground} {
			if r := contrast(look{choice}, theme.ColorNameInputBorder, ground); r < 3 {
				t.Errorf("%s: a field's edge on %s has %.1f to 1", choice, ground, r)
			}
		}
	}
}

func contrast(l look, a, b fyne.ThemeColorName) float64 {
	x, y := luminance(l, a), luminance(l, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of WCAG 2.1.
func luminance(l look, name fyne.ThemeColorName) float64 {
	r, g, b, _ := l.Color(name, theme.VariantLight).RGBA()
	lin := func(v uint32) float64 {
		c := float64(v) / 0xFFFF
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}
