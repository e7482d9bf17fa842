package spool

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"image"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"recto/scan"
)

func open(t *testing.T) *Spool {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func batchID() scan.BatchID { return scan.BatchID(scan.NewID()) }

func sheet(b []byte) scan.Sheet {
	return scan.Sheet{
		Origin: scan.Origin{Path: "no such folder/letter <1>.tif", Count: 1, Size: int64(len(b))},
		Format: scan.TIFF, Pixels: image.Pt(20, 30), DPI: 300, Orientation: 6,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
	}
}

func random(seed uint64, n int) []byte {
	b := make([]byte, n)
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	rand.NewChaCha8(key).Read(b)
	return b
}

func digests(b []byte) scan.Fixity {
	h256, h512 := sha256.Sum256(b), sha512.Sum512(b)
	return scan.Fixity{SHA256: hex.EncodeToString(h256[:]), SHA512: hex.EncodeToString(h512[:]), Size: int64(len(b))}
}

// files lists everything below the folders of the spool, folders left out.
func files(t *testing.T, s *Spool) []string {
	t.Helper()
	var out []string
	if _, apart, _ := Where(s.root); apart { // WalkDir follows no links
		err := filepath.WalkDir(s.abs("masters")+"/", func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && d.Name() != markFile {
				rel, _ := filepath.Rel(s.root, p)
				out = append(out, rel)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	err := filepath.WalkDir(s.root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(s.root, p)
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// whole gives the pages that Masters finds; each of them must be complete.
func whole(t *testing.T, s *Spool) map[scan.PageID]scan.Page {
	t.Helper()
	pages := map[scan.PageID]scan.Page{}
	for f, err := range s.Masters(t.Context()) {
		if err == nil && f.Problem == nil {
			err = s.Check(t.Context(), f.Page)
		}
		if err = errors.Join(err, f.Problem); err != nil {
			t.Fatalf("half a page is seen: %v", err)
		}
		pages[f.Page.ID] = f.Page
	}
	return pages
}

func TestAppend(t *testing.T) {
	for _, size := range []int{1, 4096, chunk - 1, chunk, chunk + 1, 3*chunk + 5} {
		s, b, content := open(t), batchID(), random(1, size)
		in := sheet(content)
		in.Origin.Path = "caf\xe9/\n.tif"
		in.Origin.Modified = time.Date(1999, 12, 31, 23, 59, 59, 123456789, time.UTC)
		page, err := s.Append(t.Context(), b, Info{Name: "box 7", Title: "Letters & <drafts>", Sequence: 3, Operator: "ada"}, in)
		if err != nil {
			t.Fatal(err)
		}
		if page.Fixity != digests(content) {
			t.Errorf("%d bytes: fixity %+v", size, page.Fixity)
		}
		f, err := s.Open(page)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		info, _ := f.Stat()
		f.Close()
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: the master differs (%v)", size, err)
		}
		if info.Mode().Perm()&0o222 != 0 {
			t.Errorf("master has mode %v", info.Mode())
		}
		name := strings.TrimSuffix(page.Master, ".tif") + ".json"
		side, err := ReadSidecar(filepath.Join(s.root, name))
		if err != nil {
			t.Fatal(err)
		}
		if side.Page != page || side.Batch != (Batch{ID: b, Name: "box 7", Title: "Letters & <drafts>"}) || side.Sequence != 3 || side.Recovered {
			t.Errorf("sidecar %+v\nof page %+v", side, page)
		}
		if text, _ := os.ReadFile(filepath.Join(s.root, name)); !bytes.Contains(text, []byte("\n    \"title\": \"Letters & <drafts>\"")) {
			t.Errorf("sidecar is not for people:\n%s", text)
		}
		if n := len(files(t, s)); n != 2 {
			t.Errorf("%d files after one page: %v", n, files(t, s))
		}
		if err := s.Check(t.Context(), page); err != nil {
			t.Error(err)
		}
	}
}

func TestAppendConcurrently(t *testing.T) {
	s, b := open(t), batchID()
	var wg sync.WaitGroup
	var mu sync.Mutex
	pages := map[scan.PageID]bool{}
	for i := range 8 {
		wg.Go(func() {
			for j := range 4 {
				page, err := s.Append(t.Context(), b, Info{}, sheet(random(uint64(10*i+j), 5000)))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				pages[page.ID] = true
				mu.Unlock()
				if i == 0 { // what is under way is no leftover
					if r, err := s.Recover(t.Context()); err != nil || len(r.Removed) > 0 {
						t.Errorf("%+v, %v", r, err)
					}
				}
			}
		})
	}
	wg.Wait()
	if found := whole(t, s); len(found) != 32 || len(pages) != 32 {
		t.Errorf("%d pages on disk, %d told", len(found), len(pages))
	}
}

type reader struct {
	io.Reader
	stat func() (fs.FileInfo, error)
}

func (reader) Close() error                   { return nil }
func (r reader) Stat() (fs.FileInfo, error)   { return r.stat() }
func from(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(r), nil }

func TestAppendRefuses(t *testing.T) {
	content := random(2, 2*chunk)
	ctx, cancel := context.WithCancel(t.Context())
	source := filepath.Join(t.TempDir(), "source.tif")
	rewrite := func(n int) {
		if err := os.WriteFile(source, random(3, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rewrite(chunk + 7)
	info, _ := os.Stat(source)
	fromFile := func(during func()) scan.Sheet {
		in := sheet(nil)
		in.Open = func() (io.ReadCloser, error) {
			f, err := os.Open(source)
			once := sync.OnceFunc(during)
			return reader{readFunc(func(b []byte) (int, error) { once(); return f.Read(b) }), f.Stat}, err
		}
		return in
	}
	cases := map[string]struct {
		batch scan.BatchID
		sheet func() scan.Sheet
		ctx   context.Context
		want  error
	}{
		"batch leads out":  {batch: "../../etc"},
		"batch is empty":   {batch: "-"},
		"upper case batch": {batch: scan.BatchID(strings.ToUpper(scan.NewID()))},
		"a PDF": {sheet: func() scan.Sheet { in := sheet(content); in.Format = scan.PDF; return in },
			want: scan.ErrUnsupported},
		"no format": {sheet: func() scan.Sheet { in := sheet(content); in.Format = "/../x"; return in },
			want: scan.ErrUnsupported},
		"empty": {sheet: func() scan.Sheet { return sheet(nil) }, want: scan.ErrEmpty},
		"cannot be opened": {sheet: func() scan.Sheet {
			in := sheet(content)
			in.Open = func() (io.ReadCloser, error) { return nil, fs.ErrPermission }
			return in
		}, want: scan.ErrUnreadable},
		"ends with an I/O error": {sheet: func() scan.Sheet {
			in := sheet(content)
			in.Open = func() (io.ReadCloser, error) {
				return from(io.MultiReader(bytes.NewReader(content), readFunc(func([]byte) (int, error) { return 0, syscall.EIO })))
			}
			return in
		}, want: scan.ErrUnreadable},
		"ends too early by its own word": {sheet: func() scan.Sheet {
			in := sheet(content)
			in.Open = func() (io.ReadCloser, error) {
				return from(io.MultiReader(bytes.NewReader(content[:100]), readFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF })))
			}
			return in
		}, want: scan.ErrUnreadable},
		"never gives anything": {sheet: func() scan.Sheet {
			in := sheet(content)
			in.Open = func() (io.ReadCloser, error) { return from(readFunc(func([]byte) (int, error) { return 0, nil })) }
			return in
		}, want: scan.ErrUnreadable},
		"says what is wrong": {sheet: func() scan.Sheet {
			in := sheet(content)
			in.Open = func() (io.ReadCloser, error) { return nil, scan.ErrPassword }
			return in
		}, want: scan.ErrPassword},
		"cancelled before": {ctx: func() context.Context { c, f := context.WithCancel(t.Context()); f(); return c }(), want: context.Canceled},
		"cancelled in the middle": {ctx: ctx, sheet: func() scan.Sheet {
			in := sheet(content)
			in.Open = func() (io.ReadCloser, error) {
				return from(io.MultiReader(bytes.NewReader(content), readFunc(func([]byte) (int, error) { cancel(); return 0, io.EOF })))
			}
			return in
		}, want: context.Canceled},
		"source grows":   {sheet: func() scan.Sheet { return fromFile(func() { rewrite(2 * chunk) }) }, want: ErrSourceChanged},
		"source shrinks": {sheet: func() scan.Sheet { return fromFile(func() { rewrite(100) }) }, want: ErrSourceChanged},
		"source rewritten in place": {sheet: func() scan.Sheet {
			return fromFile(func() { rewrite(chunk + 7); os.Chtimes(source, time.Time{}, time.Unix(1, 0)) })
		}, want: ErrSourceChanged},
		"file is another than was found": {sheet: func() scan.Sheet {
			in := sheet(content)
			in.Origin = scan.Origin{Path: scan.Path(source), Size: info.Size() + 1, Modified: info.ModTime()}
			return in
		}, want: ErrSourceChanged},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rewrite(chunk + 7)
			s, b, in := open(t), batchID(), sheet(content)
			if c.batch != "" {
				b = c.batch
			}
			if c.sheet != nil {
				in = c.sheet()
			}
			if c.ctx == nil {
				c.ctx = t.Context()
			}
			before := runtime.NumGoroutine()
			_, err := s.Append(c.ctx, b, Info{}, in)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), "letter <1>.tif") && !strings.Contains(err.Error(), source) {
				t.Errorf("%v: says nothing of the source", err)
			}
			if left := files(t, s); left != nil {
				t.Errorf("left behind: %v", left)
			}
			n := runtime.NumGoroutine()
			for end := time.Now().Add(time.Second); n > before && time.Now().Before(end); n = runtime.NumGoroutine() {
				time.Sleep(time.Millisecond) // one that has done its work may still be on its way out
			}
			if n > before {
				t.Errorf("%d goroutines, %d before", n, before)
			}
		})
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

func TestUnchangedSourceFile(t *testing.T) {
	source := filepath.Join(t.TempDir(), "p.tif")
	if err := os.WriteFile(source, random(4, 70000), 0o600); err != nil {
		t.Fatal(err)
	}
	info, _ := os.Stat(source)
	in := sheet(nil)
	in.Origin = scan.Origin{Path: scan.Path(source), Size: info.Size(), Modified: info.ModTime().UTC()}
	in.Open = func() (io.ReadCloser, error) { return os.Open(source) }
	s := open(t)
	if _, err := s.Append(t.Context(), batchID(), Info{}, in); err != nil {
		t.Error(err)
	}
}

func TestRenameNeverReplaces(t *testing.T) {
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	for name, rename := range map[string]func(string, string) error{"renameat2": disk{}.rename, "link": linkOver} {
		os.WriteFile(a, []byte("new"), 0o600)
		os.WriteFile(b, []byte("old"), 0o600)
		if err := rename(a, b); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s onto a taken name: %v", name, err)
		}
		if old, _ := os.ReadFile(b); string(old) != "old" {
			t.Errorf("%s replaced a file", name)
		}
		if err := rename(a, c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(a); err == nil {
			t.Errorf("%s left the old name", name)
		}
		os.Remove(c)
	}
}

func TestCheck(t *testing.T) {
	s, content := open(t), random(5, 3000)
	page, err := s.Append(t.Context(), batchID(), Info{}, sheet(content))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(s.root, page.Master)
	damage := func(b []byte) {
		os.Remove(name)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flipped := slices.Clone(content)
	flipped[1500] ^= 1
	damage(flipped)
	if err := s.Check(t.Context(), page); !errors.Is(err, scan.ErrChanged) || !strings.Contains(err.Error(), "sha256") || strings.Contains(err.Error(), "size") {
		t.Errorf("one bit flipped: %v", err)
	}
	damage(content[:2000])
	if err := s.Check(t.Context(), page); !errors.Is(err, scan.ErrChanged) || !strings.Contains(err.Error(), "size 2000, was 3000") {
		t.Errorf("truncated: %v", err)
	}
	os.Remove(name)
	if err := s.Check(t.Context(), page); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, scan.ErrChanged) {
		t.Errorf("missing: %v", err)
	}
	if err := os.Symlink("/dev/zero", name); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context(), page); !errors.Is(err, scan.ErrUnreadable) {
		t.Errorf("a link to an endless file: %v", err)
	}
	os.Remove(name)
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context(), page); !errors.Is(err, scan.ErrUnreadable) {
		t.Errorf("a pipe: %v", err)
	}
	for _, m := range []string{"", "masters", "/etc/passwd", "../x", "masters/../../x", "journal/000001.jsonl", "masters//x"} {
		page.Master = m
		if _, err := s.Open(page); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("master %q: %v", m, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	page.Master = "masters/x"
	os.WriteFile(filepath.Join(s.root, "masters", "x"), content, 0o600)
	if err := s.Check(cancelled, page); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestReadSidecarRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"empty": "", "zeros": strings.Repeat("\x00", 500), "no JSON": "hello", "another JSON": `{"a":1}`, "cut": `{"format":1,"page":{"id":"`,
		"newer": `{"format":2,"page":{"id":"0193aaaa-0000-7000-8000-000000000000"}}`, "huge": strings.Repeat(" ", maxSidecar+1),
		"bad id": `{"format":1,"page":{"id":"../x"}}`,
	} {
		p := filepath.Join(dir, name)
		os.WriteFile(p, []byte(content), 0o600)
		if _, err := ReadSidecar(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadSidecar(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func BenchmarkAppend(b *testing.B) {
	root, err := os.MkdirTemp(".", "bench") // not in /tmp, which may be in memory
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(root)
	s, _ := Open(root)
	batch, in := batchID(), sheet(random(6, 1<<20))
	for b.Loop() {
		if _, err := s.Append(b.Context(), batch, Info{}, in); err != nil {
			b.Fatal(err)
		}
	}
}
