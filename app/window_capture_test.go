package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// captured is a part of what the Capture screen says of itself.
func captured(s map[string]any, name string) string {
	c, _ := s["capture"].(map[string]any)
	text, _ := c[name].(string)
	return text
}

func at(s map[string]any, counter string) bool {
	c, _ := s["capture"].(map[string]any)
	return screen("capture")(s) && c["running"] == false && captured(s, "counter") == counter
}

// TestWindowCapture scans with keys alone from SANE's own test device, through its
// feeder, its jam and its slowness, and finds it all again with the verbs.
func TestWindowCapture(t *testing.T) {
	env := testDevice(t)
	archive := archiveOf(t, filepath.Join(t.TempDir(), "a"))
	profile := func(name string, args ...string) {
		recto(t, append([]string{"profile", "save", "--archive", archive, name, "--device", "sane:test:0", "--resolution", "60", "--mode", "gray", "--depth", "8"}, args...)...).want(t, 0)
	}
	profile("A feeder", "--source", "adf", "--option", "test-picture=Grid", "--series", "1r") // key 6, behind Recto's own five
	profile("B jam", "--option", "read-return-value=SANE_STATUS_JAMMED")
	profile("C slow", "--option", "read-delay=yes", "--option", "read-delay-duration=200000", "--option", "read-limit=yes", "--option", "read-limit-size=64")
	recto(t, "batch", "create", "--archive", archive, "--shelfmark", "W 1", "--expected", "12", "--profile", "A feeder").want(t, 0)

	w := openWindow(t, archive, env...)
	w.until("the batch", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 1.0 })
	w.keys("F3")
	w.until("a device that is ready", func(s map[string]any) bool { return at(s, "0 of 12 sheets") && captured(s, "dot") == "Ready" })
	w.keys("space")
	s := w.until("ten sheets, until the feeder is empty", func(s map[string]any) bool { return at(s, "10 of 12 sheets") && s["number"] == 10.0 })
	if captured(s, "count") != "2 short" || captured(s, "label") != "6r" || captured(s, "trouble") != "" {
		t.Errorf("after the feeder: %v", s["capture"])
	}
	last := s["page"]
	w.keys("r")
	w.until("the last sheet again", func(s map[string]any) bool {
		return at(s, "10 of 12 sheets") && s["page"] != last && s["number"] == 10.0
	})
	w.keys("c")
	w.until("old and new", func(s map[string]any) bool {
		c, _ := s["capture"].(map[string]any)
		return c["compare"] == true
	})
	w.keys("Escape", "Left", "BackSpace")
	w.until("one sheet less", func(s map[string]any) bool { return at(s, "9 of 12 sheets") })
	w.keys("ctrl+z")
	w.until("it is back", func(s map[string]any) bool { return at(s, "10 of 12 sheets") })

	w.keys("7")
	w.until("the profile that jams", func(s map[string]any) bool { return screen("capture")(s) && captured(s, "profile") == "B jam" })
	w.keys("space")
	s = w.until("the jam", func(s map[string]any) bool { return at(s, "10 of 12 sheets") && captured(s, "trouble") == "Paper jam" })
	if s["dialog"] != nil {
		t.Errorf("the jam hides the sheets: %v", s)
	}

	w.keys("8")
	w.until("the slow profile", func(s map[string]any) bool { return screen("capture")(s) && captured(s, "profile") == "C slow" })
	w.keys("space")
	w.until("it scans", func(s map[string]any) bool {
		c, _ := s["capture"].(map[string]any)
		return c["running"] == true
	})
	w.keys("Escape")
	w.until("it has stopped", func(s map[string]any) bool {
		said, _ := s["message"].(string)
		return at(s, "10 of 12 sheets") && strings.HasPrefix(said, "Stopped; nothing was captured") && captured(s, "trouble") == ""
	})

	w.keys("s")
	w.until("the question", func(s map[string]any) bool { return s["dialog"] == "sign" })
	w.typed("two leaves are lost")
	w.keys("Return")
	w.until("the signature", func(s map[string]any) bool { return captured(s, "count") == "signed off" })
	w.close()
	w.calm()

	pages := recto(t, "list", "pages", "--archive", archive, "--batch", "W 1").want(t, 0).list(t, "pages")
	if len(pages) != 10 {
		t.Errorf("the verbs see %d pages", len(pages))
	}
	if bin := recto(t, "list", "bin", "--archive", archive, "--batch", "W 1").want(t, 0).list(t, "pages"); len(bin) != 1 || bin[0].(map[string]any)["id"] != last {
		t.Errorf("the bin: %v", bin)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}
