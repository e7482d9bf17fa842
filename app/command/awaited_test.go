package command

import (
	"strings"
	"testing"

	"recto/app/workbench"
)

// Each thing that a watch waits for is told once.
func TestAwaitedWords(t *testing.T) {
	var a awaitedWords
	for i, x := range []struct {
		st   workbench.WatchStatus
		want string // of each line, with bars between them
	}{
		{workbench.WatchStatus{}, ""},
		{workbench.WatchStatus{Slow: []string{"a: empty"}}, "Awaited, and taken once complete:|  a: empty"},
		{workbench.WatchStatus{Slow: []string{"a: empty"}, Taken: 1}, ""},
		{workbench.WatchStatus{Slow: []string{"a: empty", "b: cut"}}, "Awaited, and taken once complete:|  b: cut"},
		{workbench.WatchStatus{Slow: []string{"b: cut"}}, ""},
		{workbench.WatchStatus{Slow: []string{"b: cut"}, Problem: "in: gone"}, "in: gone. Connect its drive, or mend its name or your right to read it; the watch goes on by itself then"},
		{workbench.WatchStatus{Slow: []string{"b: cut"}, Problem: "in: gone", Taken: 2}, ""},
		{workbench.WatchStatus{Slow: []string{"b: cut"}}, "Awaited, and taken once complete:|  b: cut"},
		{workbench.WatchStatus{}, "Nothing is awaited now; watching."},
		{workbench.WatchStatus{Taken: 3}, ""},
		{workbench.WatchStatus{Problem: "in: gone"}, "in: gone. Connect its drive, or mend its name or your right to read it; the watch goes on by itself then"},
		{workbench.WatchStatus{}, "Nothing is awaited now; watching."},
	} {
		if got := strings.ReplaceAll(a.of(x.st), "\n", "|"); got != x.want {
			t.Errorf("%d: %q, want %q", i, got, x.want)
		}
	}
}
