package spool

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/scan"
)

func put(t *testing.T, s *Spool, name, content string) {
	t.Helper()
	p := filepath.Join(s.root, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRecover(t *testing.T) {
	s, b := open(t), batchID()
	var pages []scan.Page
	for i := range 3 {
		page, err := s.Append(t.Context(), b, Info{Name: "n", Sequence: i + 1}, sheet(random(uint64(i), 900)))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	in := "masters/" + string(b) + "/"
	lost := strings.TrimSuffix(pages[1].Master, ".tif") + ".json"
	os.Remove(filepath.Join(s.root, lost))
	orphan, foreign := in+scan.NewID()+".json", in+scan.NewID()
	put(t, s, orphan, "{}")
	put(t, s, foreign+".json", "{}")
	put(t, s, foreign+".xyz", "somebody's") // its sidecar may be of use to somebody
	put(t, s, in+"notes.txt", "somebody's")
	put(t, s, in+"upper/x.tif", "somebody's")
	put(t, s, "masters/old/x.tif", "somebody's")
	put(t, s, "masters/readme", "somebody's")
	put(t, s, "tmp/half.tif", "half")
	put(t, s, "tmp/deep/half.pdf", "half")
	half := "masters/tmp/" + scan.NewID() + ".tif"
	put(t, s, half, "half")
	put(t, s, "masters/tmp/notes.txt", "somebody's") // behind a link it may be anybody's folder
	outside := filepath.Join(t.TempDir(), "precious")
	os.WriteFile(outside, []byte("x"), 0o600)
	os.Symlink(filepath.Dir(outside), filepath.Join(s.root, "tmp", "link"))
	linked := in + scan.NewID() + ".tif"
	os.Symlink(outside, filepath.Join(s.root, linked))

	r, err := s.Recover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(r.Removed)
	slices.Sort(r.Strange)
	if want := []string{orphan, half, "tmp/deep", "tmp/half.tif", "tmp/link"}; !slices.Equal(r.Removed, want) {
		t.Errorf("removed %v, want %v", r.Removed, want)
	}
	if !slices.Equal(r.Mended, []string{pages[1].Master}) || r.Masters != 3 {
		t.Errorf("mended %v of %d masters", r.Mended, r.Masters)
	}
	want := []string{linked, foreign + ".xyz", in + "notes.txt", in + "upper", "masters/old", "masters/readme", "masters/tmp/notes.txt"}
	slices.Sort(want)
	if !slices.Equal(r.Strange, want) {
		t.Errorf("strange %v, want %v", r.Strange, want)
	}
	if len(r.Done()) != 2 {
		t.Errorf("%q", r.Done())
	}
	for _, name := range append(want, foreign+".json") {
		if _, err := os.Lstat(filepath.Join(s.root, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
	found := whole(t, s)
	for i, page := range pages {
		got := found[page.ID]
		if got.Fixity != page.Fixity || got.Format != page.Format || (i != 1 && got != page) {
			t.Errorf("page %d: %+v", i, got)
		}
	}
	if side, err := ReadSidecar(filepath.Join(s.root, lost)); err != nil || !side.Recovered || side.Batch.ID != b {
		t.Errorf("%+v, %v", side, err)
	}
	if again, err := s.Recover(t.Context()); err != nil || again.Done() != nil {
		t.Errorf("the second time: %+v, %v", again, err)
	}
}

// TestRecoveredStays kills an Append at every call, recovers, and pulls the plug:
// what was found after the recovery must still be there.
func TestRecoveredStays(t *testing.T) {
	found := 0
	for n := 1; n <= len(order)+1; n++ {
		s, b := open(t), batchID()
		p := &power{t: t, at: n, with: errDead}
		p.watch(s)
		s.Append(t.Context(), b, Info{}, sheet([]byte("page")))
		p.at = 0
		again, _ := Open(s.root)
		p.watch(again)
		if _, err := again.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := whole(t, again)
		found += len(before)
		p.cut(true)
		if after := whole(t, again); len(after) != len(before) {
			t.Errorf("cut off at call %d: %d pages were found, %d are left", n, len(before), len(after))
		}
	}
	if found != 2 {
		t.Errorf("%d pages were found, want those whose commit was the last or the last but one", found)
	}
}

// TestRecoverIsCutOff kills the recovery at every call; the next one finishes it.
func TestRecoverIsCutOff(t *testing.T) {
	for n := 1; ; n++ {
		s, b := open(t), batchID()
		page, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page")))
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(filepath.Join(s.root, strings.TrimSuffix(page.Master, ".tif")+".json"))
		put(t, s, "tmp/half.tif", "half") // an older version's
		put(t, s, "masters/tmp/"+scan.NewID()+".json", "half")
		put(t, s, "masters/"+string(b)+"/"+scan.NewID()+".json", "{}")
		p := &power{t: t, at: n, with: errDead}
		again, _ := Open(s.root)
		p.watch(again)
		_, err = again.Recover(t.Context())
		if len(p.calls) < n { // all calls have had their turn
			if n < 8 || err != nil {
				t.Errorf("%d calls, %v", n, err)
			}
			return
		}
		if err == nil {
			t.Errorf("call %d failed and nobody says so", n)
		}
		p.cut(true)
		if _, err := s.Recover(t.Context()); err != nil {
			t.Error(err)
		}
		if found := whole(t, s); len(found) != 1 || len(files(t, s)) != 2 {
			t.Errorf("cut off at %q: %v", p.calls[n-1], files(t, s))
		}
	}
}

func TestMastersWithBadSidecars(t *testing.T) {
	s, b := open(t), batchID()
	for _, bad := range []string{"", "\x00\x00", "other"} {
		page, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page "+bad)))
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(page.Master, ".tif") + ".json"
		if bad == "other" { // the sidecar of another page
			other, _ := ReadSidecar(filepath.Join(s.root, name))
			other.Page.ID = scan.PageID(scan.NewID())
			content, _ := other.encode()
			bad = string(content)
		}
		os.Remove(filepath.Join(s.root, name))
		put(t, s, name, bad)
		if r, err := s.Recover(t.Context()); err != nil || r.Done() != nil {
			t.Errorf("a damaged sidecar is evidence and stays: %+v, %v", r, err)
		}
	}
	n := 0
	for f, err := range s.Masters(t.Context()) {
		n++
		if err != nil || f.Problem == nil || errors.Is(f.Problem, fs.ErrNotExist) || !f.Recovered {
			t.Errorf("%+v, %v", f, err)
		} else if err := s.Check(t.Context(), f.Page); err != nil {
			t.Error(err)
		}
	}
	if n != 3 {
		t.Errorf("%d masters", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n = 0
	for _, err := range s.Masters(ctx) {
		cancel()
		if n++; n == 2 && !errors.Is(err, context.Canceled) || n > 2 {
			t.Errorf("master %d after the cancel: %v", n, err)
		}
	}
}

func TestTmpThatLeadsElsewhere(t *testing.T) {
	s, elsewhere := open(t), t.TempDir()
	os.WriteFile(filepath.Join(elsewhere, "precious"), nil, 0o600)
	os.Symlink(elsewhere, filepath.Join(s.root, "tmp"))
	if _, err := s.Recover(t.Context()); err == nil {
		t.Error("it was emptied")
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "precious")); err != nil {
		t.Error(err)
	}
}

func TestNothingYet(t *testing.T) {
	s := open(t)
	if r, err := s.Recover(t.Context()); err != nil || r.Done() != nil || len(files(t, s)) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if len(whole(t, s)) != 0 {
		t.Error("pages in an empty archive")
	}
	if _, err := Open(filepath.Join(s.root, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Open("/dev/null"); err == nil {
		t.Error("a file is no archive")
	}
}
