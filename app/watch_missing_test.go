package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A watch on a folder that is not there says so with what to do about a folder, and
// leaves no batch behind.
func TestWatchMissing(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "archive")
	recto(t, "init", archive).want(t, 0)
	none := filepath.Join(t.TempDir(), "none")
	got := recto(t, "watch", "--archive", archive, "--batch", "B", none, "--json").want(t, 1)
	if !strings.Contains(got.stdout, none) || !strings.Contains(got.stdout, "it is not there") || !strings.Contains(got.stdout, "drive is connected") || strings.Contains(got.stdout, "dismiss") {
		t.Error(got.stdout)
	}
	if list := recto(t, "list", "--archive", archive, "--json").want(t, 0); strings.Contains(list.stdout, `"B"`) {
		t.Error(list.stdout)
	}
}
