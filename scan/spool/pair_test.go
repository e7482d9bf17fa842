package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/scan"
)

// pair is a camera's raw file with its JPEG.
func pair(raw, jpeg []byte) scan.Sheet {
	s, c := sheet(raw), sheet(jpeg)
	s.Origin.Path, s.Format = "no such folder/IMG_1.CR2", scan.RAW
	c.Origin.Path, c.Origin.Absolute, c.Format = "no such folder/IMG_1.JPG", "/no such folder/IMG_1.JPG", scan.JPEG
	s.Companion = &c
	return s
}

// pairOrder is what one Append of a small pair into a new archive does, call by call.
var pairOrder = []string{
	"mkdir masters", "syncdir root", "mkdir masters/tmp", "mkdir masters/B", "syncdir masters",
	"create masters/tmp/P.cr2", "write masters/tmp/P.cr2", "sync masters/tmp/P.cr2", "close masters/tmp/P.cr2",
	"create masters/tmp/P.jpg", "write masters/tmp/P.jpg", "sync masters/tmp/P.jpg", "close masters/tmp/P.jpg",
	"create masters/tmp/P.json", "write masters/tmp/P.json", "sync masters/tmp/P.json", "close masters/tmp/P.json",
	"rename masters/tmp/P.json", "rename masters/tmp/P.jpg", "syncdir masters/B", "rename masters/tmp/P.cr2", "syncdir masters/B",
}

func TestPair(t *testing.T) {
	s, b := open(t), batchID()
	p := &power{t: t}
	p.watch(s)
	raw, jpeg := random(1, 3*chunk), random(2, chunk+3)
	page, err := s.Append(t.Context(), b, Info{}, pair(raw, jpeg))
	if err != nil {
		t.Fatal(err)
	}
	p.calls = slices.Compact(p.calls) // several writes
	if !slices.Equal(p.calls, pairOrder) {
		t.Errorf("calls:\n%s\nwant:\n%s", strings.Join(p.calls, "\n"), strings.Join(pairOrder, "\n"))
	}
	stem := "masters/" + string(b) + "/" + string(page.ID)
	c := page.Companion
	if page.Master != stem+".cr2" || page.Format != scan.RAW || page.Fixity != digests(raw) || c.Master != stem+".working.jpg" || c.Fixity != digests(jpeg) {
		t.Errorf("%+v", page)
	}
	if file, format, fixity := page.Working(); file != c.Master || format != scan.JPEG || fixity != c.Fixity || page.RawAlone() {
		t.Errorf("works with %s", file)
	}
	for file, want := range map[string][]byte{page.Master: raw, c.Master: jpeg} {
		if got, err := os.ReadFile(filepath.Join(s.root, file)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", file, len(got), err)
		}
	}
	found := whole(t, s)
	if len(found) != 1 || found[page.ID] != page || len(files(t, s)) != 3 {
		t.Errorf("%v of %v", found, files(t, s))
	}
	if strange, err := s.Strange(); err != nil || strange != nil {
		t.Errorf("strange %v, %v", strange, err)
	}
	if r, err := s.Recover(t.Context()); err != nil || r.Done() != nil || r.Strange != nil || r.Masters != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	alone := pair(raw, nil)
	alone.Companion = nil
	if page, err = s.Append(t.Context(), b, Info{}, alone); err != nil || !page.RawAlone() || path.Ext(page.Master) != ".cr2" {
		t.Errorf("%+v, %v", page, err)
	}
	if file, _, _ := page.Working(); file != "" {
		t.Errorf("works with %s", file)
	}
}

// Each of both files is proved; what is wrong is told of the right one.
func TestPairCheck(t *testing.T) {
	for _, of := range []func(scan.Page) string{func(p scan.Page) string { return p.Master }, func(p scan.Page) string { return p.Companion.Master }} {
		s := open(t)
		page, err := s.Append(t.Context(), batchID(), Info{}, pair([]byte("raw"), []byte("jpeg")))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(s.root, of(page))
		os.Chmod(file, 0o600)
		os.WriteFile(file, []byte("other"), 0o600)
		if err := s.Check(t.Context(), page); !errors.Is(err, scan.ErrChanged) || !strings.Contains(err.Error(), of(page)) {
			t.Error(err)
		}
		os.Remove(file)
		if err := s.Check(t.Context(), page); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	s := open(t)
	page, _ := s.Append(t.Context(), batchID(), Info{}, pair([]byte("raw"), []byte("jpeg")))
	page.Companion.Master = "../elsewhere.jpg"
	if err := s.Check(t.Context(), page); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a companion out of the archive: %v", err)
	}
}

func TestPairRefuses(t *testing.T) {
	for name, change := range map[string]func(*scan.Sheet){
		"of a plain image":    func(s *scan.Sheet) { s.Format = scan.TIFF },
		"a raw as companion":  func(s *scan.Sheet) { s.Companion.Format = scan.RAW },
		"a PDF as companion":  func(s *scan.Sheet) { s.Companion.Format = scan.PDF },
		"an empty companion":  func(s *scan.Sheet) { *s.Companion = sheet(nil); s.Companion.Format = scan.JPEG },
		"a companion is gone": func(s *scan.Sheet) { s.Companion.Open = func() (io.ReadCloser, error) { return nil, fs.ErrNotExist } },
	} {
		s, in := open(t), pair([]byte("raw"), []byte("jpeg"))
		change(&in)
		if _, err := s.Append(t.Context(), batchID(), Info{}, in); err == nil || scan.ProblemOf(err).Kind == "" {
			t.Errorf("%s: %v", name, err)
		}
		if left := files(t, s); left != nil {
			t.Errorf("%s leaves %v", name, left)
		}
	}
}

// TestPairEveryCallFails refuses one call after the other.
func TestPairEveryCallFails(t *testing.T) {
	for n := 1; n <= len(pairOrder); n++ {
		s, b := open(t), batchID()
		cause := fmt.Errorf("call %d fails", n)
		p := &power{t: t, at: n, with: cause}
		p.watch(s)
		if _, err := s.Append(t.Context(), b, Info{}, pair([]byte("raw"), []byte("jpeg"))); !errors.Is(err, cause) {
			t.Errorf("at %q: %v", pairOrder[n-1], err)
		}
		if left := files(t, s); left != nil {
			t.Errorf("at %q leaves %v", pairOrder[n-1], left)
		}
	}
}

// TestPairPowerCut cuts the power at every call: what was told is whole, what was not
// leaves nothing.
func TestPairPowerCut(t *testing.T) {
	for n := 1; n <= len(pairOrder)+1; n++ {
		for _, forget := range []bool{false, true} {
			s, b := open(t), batchID()
			p := &power{t: t, at: n, with: errDead}
			p.watch(s)
			page, err := s.Append(t.Context(), b, Info{}, pair([]byte("raw"), []byte("jpeg")))
			p.cut(forget)
			s, _ = Open(s.root)
			if _, rerr := s.Recover(t.Context()); rerr != nil {
				t.Fatal(rerr)
			}
			found := whole(t, s)
			if err == nil && found[page.ID] != page {
				t.Errorf("call %d: told and lost", n)
			}
			for _, f := range found {
				if f.RawAlone() {
					t.Errorf("call %d: the companion is lost", n)
				}
			}
			if left := files(t, s); len(left) != 3*len(found) {
				t.Errorf("call %d: %d pages in %v", n, len(found), left)
			}
		}
	}
}

// A pair that has lost its sidecar is recovered with both files; a companion without
// its raw file is a leftover, unless people have heard of the page.
func TestPairRecover(t *testing.T) {
	s, b := open(t), batchID()
	var pages []scan.Page
	for i := range 3 {
		in := pair(random(uint64(i), 500), random(uint64(i)+9, 300))
		in.Companion.Origin.Modified = time.Now().UTC()
		page, err := s.Append(t.Context(), b, Info{}, in)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	sidecar := func(p scan.Page) string { return strings.TrimSuffix(p.Master, ".cr2") + ".json" }
	os.Remove(filepath.Join(s.root, sidecar(pages[0])))
	os.Remove(filepath.Join(s.root, pages[1].Master))
	os.Remove(filepath.Join(s.root, pages[2].Master))
	s.Told(func(id scan.PageID) bool { return id == pages[2].ID })
	strange := "masters/" + string(b) + "/notes.working.jpg"
	put(t, s, strange, "somebody's")
	r, err := s.Recover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(r.Removed)
	slices.Sort(r.Strange)
	want := []string{sidecar(pages[1]), pages[1].Companion.Master}
	kept := []string{sidecar(pages[2]), pages[2].Companion.Master, strange}
	slices.Sort(want)
	slices.Sort(kept)
	if !slices.Equal(r.Removed, want) || !slices.Equal(r.Strange, kept) || !slices.Equal(r.Mended, []string{pages[0].Master}) {
		t.Errorf("%+v", r)
	}
	got := whole(t, s)[pages[0].ID]
	if c := got.Companion; got.Format != scan.RAW || c.Master != pages[0].Companion.Master || c.Fixity != pages[0].Companion.Fixity || c.Format != scan.JPEG {
		t.Errorf("%+v", got)
	}
}
