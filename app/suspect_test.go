package main

import (
	"strings"
	"testing"
)

// seen gives the batch's pages in order.
func (s *scanner) seen() []map[string]any {
	s.t.Helper()
	var out []map[string]any
	for _, p := range recto(s.t, "list", "pages", "--archive", s.archive, "--batch", "B").want(s.t, 0).list(s.t, "pages") {
		out = append(out, p.(map[string]any))
	}
	return out
}

// suspicions are the concerns of a kind about a page.
func suspicions(page map[string]any, kind string) (out []map[string]any) {
	all, _ := page["concerns"].([]any)
	for _, c := range all {
		if concern := c.(map[string]any); concern["kind"] == kind {
			out = append(out, concern)
		}
	}
	return out
}

// Ten equal sheets from the feeder: nine are flagged, each with the page that it is
// like, and flags stop nothing. Somebody settles them with a reason.
func TestSuspectDuplicates(t *testing.T) {
	s := newScanner(t)
	s.scan(0, "--source", "adf", "--mode", "color", "--option", "test-picture=Color pattern", "--area", "0,0,150,150")
	pages := s.seen()
	if len(pages) != 10 {
		t.Fatalf("%d pages", len(pages))
	}
	first, flagged := "", []string{"page", "accept", "--archive", s.archive, "--reason", "the device's test pattern"}
	for _, p := range pages {
		switch c := suspicions(p, "duplicate"); {
		case len(c) == 0 && first == "":
			first = p["id"].(string)
		case len(c) != 1:
			t.Errorf("page %v: %v", p["number"], p["concerns"])
		default:
			flagged = append(flagged, p["id"].(string))
			if other, _ := c[0]["other"].(string); other == "" || other == p["id"] {
				t.Errorf("page %v is like %q", p["number"], other)
			}
		}
	}
	if first == "" || len(flagged) != 6+9 {
		t.Fatalf("first %q, flagged %d", first, len(flagged)-6)
	}
	recto(t, flagged...).want(t, 0)
	for _, p := range s.seen() {
		if len(suspicions(p, "duplicate")) > 0 && p["reviewed"] != "the device's test pattern" {
			t.Errorf("page %v is not settled: %v", p["number"], p)
		}
	}
	// A sheet that is scanned anew is like the one in the bin, which is no double; the
	// other equal ones are.
	recto(t, append([]string{"page", "bin", "--archive", s.archive}, flagged[6:]...)...).want(t, 0)
	s.scan(0, "--replace", first, "--mode", "color", "--option", "test-picture=Color pattern", "--area", "0,0,150,150")
	again := s.seen()
	if len(again) != 1 || len(suspicions(again[0], "duplicate")) != 0 {
		t.Errorf("scanned anew: %v", again)
	}
}

// A sheet of another length than those before it is flagged, with both lengths.
func TestSuspectDoubleFeed(t *testing.T) {
	s := newScanner(t)
	sheet := []string{"--source", "adf", "--mode", "gray", "--option", "test-picture=Grid"}
	s.scan(0, append(sheet, "--sheets", "4", "--area", "0,0,100,120")...)
	s.scan(0, append(sheet, "--sheets", "1", "--area", "0,0,100,180")...)
	pages := s.seen()
	for i, p := range pages[:4] {
		if c := suspicions(p, "double-feed"); len(c) != 0 {
			t.Errorf("page %d: %v", i+1, c)
		}
	}
	c := suspicions(pages[4], "double-feed")
	if len(c) != 1 || c[0]["other"] != pages[3]["id"] || !strings.Contains(c[0]["words"].(string), "180 mm") || !strings.Contains(c[0]["words"].(string), "120 mm") {
		t.Fatalf("%v", pages[4]["concerns"])
	}
	recto(t, "page", "accept", "--archive", s.archive, "--reason", "a folded plan", pages[4]["id"].(string)).want(t, 0)
	if last := s.seen()[4]; last["reviewed"] != "a folded plan" {
		t.Errorf("%v", last)
	}
}
