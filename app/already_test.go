package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// readings are the pages' readings in the journal, oldest first.
func readings(t *testing.T, archive string) (out []map[string]any) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(archive, "journal", "*"))
	for _, file := range files {
		for line := range bytes.Lines(read(t, file)) {
			var entry struct {
				Event struct {
					Type string
					Data map[string]any
				}
			}
			if json.Unmarshal(line, &entry) == nil && entry.Event.Type == "page.processed" {
				out = append(out, entry.Event.Data)
			}
		}
	}
	return out
}

// TestReadAlready: what was read once under the same conditions is not read again, in
// another batch and after other options too; what is gone from the disk is.
func TestReadAlready(t *testing.T) {
	archive, ids := reader(t, "letter-1.jpg")
	again := func(read bool, args ...string) {
		t.Helper()
		before := len(readings(t, archive))
		recto(t, append([]string{"process", "--archive", archive}, args...)...).want(t, 0)
		now := readings(t, archive)
		if len(now) != before+1 {
			t.Fatalf("process %v: %d readings, want one more than %d", args, len(now), before)
		}
		if seconds, _ := now[before]["seconds"].(float64); seconds > 0 != read {
			t.Errorf("process %v: the worker took %v s", args, seconds)
		}
		if now[before]["key"] == nil || now[before]["words"].(float64) < 20 {
			t.Errorf("process %v: %v", args, now[before])
		}
	}
	text := func(id string) string {
		return recto(t, "text", "show", "--archive", archive, id).want(t, 0).stdout
	}
	first := text(ids[0])
	recto(t, "import", "--archive", archive, "--batch", "C", sample("letter-1.jpg")).want(t, 0)
	again(false)
	other := recto(t, "list", "pages", "--archive", archive, "--batch", "C").text(t, "pages.0.id")
	if got := text(other); !bytes.Equal(bytes.ReplaceAll([]byte(got), []byte(other), nil), bytes.ReplaceAll([]byte(first), []byte(ids[0]), nil)) {
		t.Errorf("the same image in another batch has another text:\n%s\n%s", got, first)
	}
	names := filepath.Join(t.TempDir(), "names")
	put(t, names, []byte("Zyxwell\n"))
	again(true, "--page", other, "--words", names)
	again(false, "--page", other)
	texts, _ := filepath.Glob(filepath.Join(archive, "texts", "*", "*.json"))
	for _, file := range texts {
		os.WriteFile(file, []byte("{}"), 0o644)
	}
	again(true, "--page", other)
	again(false, "--page", ids[0])
	recto(t, "document", "--archive", archive, "--batch", "C", "--title", "Again").want(t, 0)
}
