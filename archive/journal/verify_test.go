package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/archive"
)

// TestVerify damages a journal of three segments with two lines each.
func TestVerify(t *testing.T) {
	const all = "1:a 2:b 3:c 4:d 5:e 6:f"
	edit := func(name string, change func(lines []string) []string) func(string) error {
		return func(dir string) error {
			p := filepath.Join(dir, name)
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			return os.WriteFile(p, []byte(strings.Join(change(strings.SplitAfter(string(b), "\n")), "")), 0o600)
		}
	}
	for name, c := range map[string]struct {
		damage func(dir string) error
		codes  string // of the findings, with the places they name
		events string // what Replay still gives
		lines  int    // that Replay tells of
	}{
		"well":              {func(string) error { return nil }, "", all, 0},
		"one word changed":  {edit("000002.jsonl", func(l []string) []string { l[0] = strings.Replace(l[0], `"name":"c"`, `"name":"X"`, 1); return l }), CodeChanged + " journal/000002.jsonl line 1", "1:a 2:b 3:X 4:d 5:e 6:f", 0},
		"changed at a turn": {edit("000001.jsonl", func(l []string) []string { l[1] = strings.Replace(l[1], `"name":"b"`, `"name":"X"`, 1); return l }), CodeChanged + " journal/000001.jsonl line 2", "1:a 2:X 3:c 4:d 5:e 6:f", 0},
		"the last line":     {edit("000003.jsonl", func(l []string) []string { l[1] = strings.Replace(l[1], `"name":"f"`, `"name":"X"`, 1); return l }), CodeChanged + " journal/000003.jsonl line 2", "1:a 2:b 3:c 4:d 5:e 6:X", 0},
		"a space put in":    {edit("000001.jsonl", func(l []string) []string { l[0] = l[0][:1] + " " + l[0][1:]; return l }), CodeChanged + " journal/000001.jsonl line 1", all, 0},
		"line taken out":    {edit("000002.jsonl", func(l []string) []string { return l[1:] }), CodeBroken + " journal/000002.jsonl line 1", "1:a 2:b 4:d 5:e 6:f", 0},
		"line doubled":      {edit("000001.jsonl", func(l []string) []string { return []string{l[0], l[0], l[1]} }), CodeBroken + " journal/000001.jsonl line 2", "1:a 1:a 2:b 3:c 4:d 5:e 6:f", 0},
		"lines swapped":     {edit("000001.jsonl", func(l []string) []string { return []string{l[1], l[0]} }), CodeBroken + " journal/000001.jsonl line 1; " + CodeBroken + " journal/000001.jsonl line 2; " + CodeBroken + " journal/000002.jsonl line 1", "2:b 1:a 3:c 4:d 5:e 6:f", 0},
		"zeros in a line":   {edit("000002.jsonl", func(l []string) []string { l[0] = strings.Repeat("\x00", len(l[0])-1) + "\n"; return l }), CodeUnreadable + " journal/000002.jsonl line 1", "1:a 2:b 4:d 5:e 6:f", 1},
		"newline lost":      {edit("000001.jsonl", func(l []string) []string { l[0] = l[0][:len(l[0])-1]; return l }), CodeUnreadable + " journal/000001.jsonl line 1", "3:c 4:d 5:e 6:f", 1},
		"empty line":        {edit("000001.jsonl", func(l []string) []string { return []string{l[0], "\n", l[1]} }), CodeUnreadable + " journal/000001.jsonl line 2", all, 1},
		"a segment cut":     {edit("000001.jsonl", func(l []string) []string { return []string{l[0], l[1][:99]} }), CodeUnreadable + " journal/000001.jsonl line 2", "1:a 3:c 4:d 5:e 6:f", 1},
		"segment missing":   {func(dir string) error { return os.Remove(filepath.Join(dir, "000002.jsonl")) }, CodeMissing + " journal/000002.jsonl", "1:a 2:b 5:e 6:f", 1},
		"first missing":     {func(dir string) error { return os.Remove(filepath.Join(dir, "000001.jsonl")) }, CodeMissing + " journal/000001.jsonl", "3:c 4:d 5:e 6:f", 1},
		"strange file":      {func(dir string) error { return os.WriteFile(filepath.Join(dir, "1.jsonl"), nil, 0o600) }, CodeStrange + " journal/1.jsonl", all, 0},
		"a link for a file": {func(dir string) error {
			p := filepath.Join(dir, "000001.jsonl")
			return errors.Join(os.Remove(p), os.Symlink("/dev/zero", p))
		}, CodeUnreadable + " journal/000001.jsonl", "3:c 4:d 5:e 6:f", 1},
		"last line unreadable": {edit("000003.jsonl", func(l []string) []string { l[1] = "what?\n"; return l }), CodeUnreadable + " journal/000003.jsonl line 2", "1:a 2:b 3:c 4:d 5:e", 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t)
			j, _ := mustOpen(t, dir, segmentSize)
			for i, n := range []string{"a", "b", "c", "d", "e", "f"} {
				j.limit = segmentSize
				if i%2 == 0 && i > 0 {
					j.limit = 1
				}
				add(t, j, n)
			}
			j.Close()
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			j, r := mustOpen(t, dir, segmentSize)
			if r.Done != nil {
				t.Errorf("damage is not to be repaired away: %+v", r)
			}
			check := func(j *Journal, more string) {
				t.Helper()
				findings, err := j.Verify(t.Context())
				if err != nil {
					t.Error(err)
				}
				want := strings.Split(c.codes, "; ")
				if c.codes == "" {
					want = nil
				}
				if len(findings) != len(want) {
					t.Errorf("%+v, want %q", findings, want)
				}
				for i, f := range findings[:min(len(findings), len(want))] {
					parts := strings.SplitN(want[i], " ", 3)
					if f.Code != parts[0] || f.Path != parts[1] || len(parts) > 2 && !strings.HasPrefix(f.Message, parts[2]) || f.Remedy == "" {
						t.Errorf("%+v, want %q", f, want[i])
					}
					if (f.Severity == archive.Error) == (f.Code == CodeStrange) {
						t.Errorf("severity of %+v", f)
					}
				}
				events, err := told(t, j, 0)
				if events != c.events+more {
					t.Errorf("replay %q, want %q", events, c.events+more)
				}
				var d *Damage
				if errors.As(err, &d) != (c.lines > 0) || c.lines > 0 && (d.Lines != c.lines || !strings.Contains(err.Error(), "journal/")) {
					t.Errorf("replay: %v", err)
				}
			}
			check(j, "")
			reader, err := OpenReadOnly(dir)
			if err != nil {
				t.Fatal(err)
			}
			check(reader, "")
			// The chain goes on behind the damage, and what is new is sound.
			if end := j.End(); end != 6 {
				t.Errorf("end %d", end)
			}
			add(t, j, "g")
			check(j, " 7:g")
		})
	}
}

func TestVerifyIsBounded(t *testing.T) {
	dir := folder(t)
	os.Mkdir(dir, 0o777)
	os.WriteFile(filepath.Join(dir, "000001.jsonl"), []byte(strings.Repeat("?\n", 5000)), 0o600)
	j, _ := mustOpen(t, dir, segmentSize)
	findings, err := j.Verify(t.Context())
	if err != nil || len(findings) != maxFindings+1 || findings[maxFindings].Code != CodeMore {
		t.Errorf("%d findings, %v", len(findings), err)
	}
	if j.End() != 5000 {
		t.Errorf("end %d", j.End())
	}
}

func TestLongLine(t *testing.T) {
	dir := folder(t)
	j, _ := mustOpen(t, dir, segmentSize)
	add(t, j, "a")
	f, _ := os.OpenFile(filepath.Join(dir, "000001.jsonl"), os.O_WRONLY|os.O_APPEND, 0)
	for range 65 {
		f.WriteString(strings.Repeat("x", 1<<20))
	}
	f.WriteString("\n")
	f.Close()
	j, _ = mustOpen(t, dir, segmentSize)
	add(t, j, "b")
	events, err := told(t, j, 0)
	if d := (*Damage)(nil); events != "1:a 3:b" || !errors.As(err, &d) || !strings.Contains(d.Findings[0].Message, "longer than") {
		t.Errorf("%q, %v", events, err)
	}
	findings, err := j.Verify(t.Context())
	if err != nil || !slices.ContainsFunc(findings, func(f archive.Finding) bool { return f.Code == CodeUnreadable }) {
		t.Errorf("%+v, %v", findings, err)
	}
}
