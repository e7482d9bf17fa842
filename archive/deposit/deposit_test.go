package deposit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/archive"
	"recto/archive/bagit"
	"recto/scan"
)

func bag(t testing.TB, document string, seed uint64, n, size int) archive.Package {
	t.Helper()
	p, err := newBag(document, seed, n, size)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newBag is a package of n members of size bytes each, the same for the same seed.
func newBag(document string, seed uint64, n, size int) (archive.Package, error) {
	return bagit.NewPackage(context.Background(), bagit.Info{
		Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Agent: "Recto test", Identifier: document,
	}, func(yield func(archive.Member, error) bool) {
		for i := range n {
			content := make([]byte, size)
			r := rand.NewChaCha8([32]byte{byte(seed), byte(i)})
			r.Read(content)
			if !yield(archive.Member{Name: fmt.Sprintf("masters/%04d.tif", i+1), Open: func() (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(content)), nil
			}}, nil) {
				return
			}
		}
	})
}

func plan(t testing.TB, dir string) Plan {
	return Plan{Document: "doc-1", Format: "bagit", Package: bag(t, "doc-1", 1, 3, 70_000), To: Folder(dir), Name: "Letters"}
}

// steps records what is told.
type steps []archive.Delivery

func (s *steps) tell(d archive.Delivery) error { *s = append(*s, d); return nil }

func (s steps) names() (out []string) {
	for _, d := range s {
		out = append(out, d.Step)
	}
	return out
}

func list(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func valid(t testing.TB, dir string) {
	t.Helper()
	findings, err := bagit.Validate(context.Background(), dir, nil)
	if err != nil || len(findings) > 0 {
		t.Errorf("%s: %v %v", dir, findings, err)
	}
}

func TestDelivery(t *testing.T) {
	dir := t.TempDir()
	p := plan(t, dir)
	p.ID, p.Reason = "delivery-1", "page 3 is lost"
	progress := map[string]int64{}
	p.Progress = func(step string, done, total int64) {
		if done > total {
			t.Errorf("%s: %d of %d", step, done, total)
		}
		progress[step] = done
	}
	var told steps
	receipt, err := Run(t.Context(), p, func(d archive.Delivery) error {
		_, err := os.Lstat(filepath.Join(dir, "Letters"))
		if there := err == nil; there != (d.Step == Delivered) {
			t.Errorf("at step %s, is it there: %v", d.Step, there)
		}
		return told.tell(d)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := told.names(); !slices.Equal(got, []string{Built, Sent, Verified, Delivered}) {
		t.Errorf("steps %v", got)
	}
	d := receipt.Delivery
	if d.ID != "delivery-1" || d.Document != "doc-1" || d.Format != "bagit" || d.To != scan.Path(dir) || d.Reason != p.Reason ||
		d.Package != scan.Path(filepath.Join(dir, "Letters")) || d.Files != 3 || d.Bytes != 210_000 || len(d.Manifest) != 64 || d.Problem != nil {
		t.Errorf("%+v", d)
	}
	if receipt.Already || len(receipt.Findings) > 0 || progress[Built] != 210_000 || progress[Verified] < 210_000 {
		t.Errorf("%+v, progress %v", receipt, progress)
	}
	valid(t, filepath.Join(dir, "Letters"))
	if got := list(t, dir); !slices.Equal(got, []string{"Letters"}) {
		t.Errorf("left: %v", got)
	}
	t.Logf("read back cold: %v", receipt.Cold)
}

func TestAlreadyDelivered(t *testing.T) {
	dir := t.TempDir()
	if _, err := Run(t.Context(), plan(t, dir), new(steps).tell); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(dir, "Letters"))
	if err != nil {
		t.Fatal(err)
	}
	var told steps
	receipt, err := Run(t.Context(), plan(t, dir), told.tell)
	if err != nil {
		t.Fatal(err)
	}
	if !receipt.Already || receipt.Delivery.Package != scan.Path(filepath.Join(dir, "Letters")) || receipt.Delivery.Files != 3 {
		t.Errorf("%+v", receipt)
	}
	if got := told.names(); !slices.Equal(got, []string{Verified, Delivered}) {
		t.Errorf("steps %v", got)
	}
	after, err := os.Stat(filepath.Join(dir, "Letters"))
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Error("the package was touched")
	}
	if got := list(t, dir); !slices.Equal(got, []string{"Letters"}) {
		t.Errorf("left: %v", got)
	}
}

func TestNamesTaken(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Letters"), []byte("a file"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "Letters-2"), 0o755); err != nil {
		t.Fatal(err)
	}
	other := plan(t, dir)
	other.Document, other.Package = "doc-2", bag(t, "doc-2", 1, 3, 70_000)
	changed := plan(t, dir)
	changed.Package = bag(t, "doc-1", 2, 3, 70_000)
	for i, p := range []Plan{plan(t, dir), other, changed, plan(t, dir), other, changed} {
		receipt, err := Run(t.Context(), p, new(steps).tell)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("Letters-%d", 3+i%3); filepath.Base(string(receipt.Delivery.Package)) != want || receipt.Already != (i >= 3) {
			t.Errorf("%d: %+v, want %s", i, receipt, want)
		}
	}
	if got := list(t, dir); len(got) != 5 {
		t.Errorf("%v", got)
	}
}

func TestNameTakenMeanwhile(t *testing.T) {
	dir := t.TempDir()
	receipt, err := Run(t.Context(), plan(t, dir), func(d archive.Delivery) error {
		if d.Step == Verified {
			// An empty folder is what rename(2) would replace.
			return os.Mkdir(filepath.Join(dir, "Letters"), 0o755)
		}
		return nil
	})
	if err != nil || receipt.Delivery.Package != scan.Path(filepath.Join(dir, "Letters-2")) {
		t.Fatalf("%+v %v", receipt, err)
	}
	valid(t, filepath.Join(dir, "Letters-2"))
	if got := list(t, filepath.Join(dir, "Letters")); len(got) > 0 {
		t.Errorf("the other folder now holds %v", got)
	}
}

func TestDamagedCopyIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	if _, err := Run(t.Context(), plan(t, dir), new(steps).tell); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "Letters", "data", "masters", "0002.tif")
	if err := os.WriteFile(broken, []byte("broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, already := range []bool{false, true} {
		receipt, err := Run(t.Context(), plan(t, dir), new(steps).tell)
		if err != nil || receipt.Already != already || filepath.Base(string(receipt.Delivery.Package)) != "Letters-2" {
			t.Fatalf("%+v %v", receipt, err)
		}
		if len(receipt.Damaged) != 1 || receipt.Damaged[0].Name != "Letters" || archive.Valid(receipt.Damaged[0].Findings) {
			t.Errorf("%+v", receipt.Damaged)
		}
	}
	if b, err := os.ReadFile(broken); err != nil || string(b) != "broken" {
		t.Error("the damaged copy was touched")
	}
}

func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	mine, others := filepath.Join(dir, partial+"doc-1.old", "package", "data"), filepath.Join(dir, partial+"doc-11.old")
	live := filepath.Join(dir, partial+"doc-1.live")
	for _, d := range []string{mine, others, live} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := os.Open(live)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if free, err := tryLock(lock); err != nil || !free {
		t.Fatal(free, err)
	}
	if _, err := Run(t.Context(), plan(t, dir), new(steps).tell); err != nil {
		t.Fatal(err)
	}
	if got, want := list(t, dir), []string{filepath.Base(live), filepath.Base(others), "Letters"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestStoredWrong damages the package between writing and reading back, as a bad
// stick does.
func TestStoredWrong(t *testing.T) {
	for name, damage := range map[string]func(pkg string) error{
		"a byte": func(p string) error {
			return os.WriteFile(filepath.Join(p, "data/masters/0001.tif"), make([]byte, 70_000), 0o644)
		},
		"a file": func(p string) error { return os.Remove(filepath.Join(p, "data/masters/0001.tif")) },
		"a tag":  func(p string) error { return os.Truncate(filepath.Join(p, "bag-info.txt"), 0) },
		"all":    os.RemoveAll,
		"swapped": func(p string) error {
			if err := os.RemoveAll(p); err != nil {
				return err
			}
			_, err := bag(t, "doc-1", 9, 3, 70_000).Write(context.Background(), p, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var told steps
			_, err := Run(t.Context(), plan(t, dir), func(d archive.Delivery) error {
				if d.Step == Sent {
					if err := damage(string(d.Package)); err != nil {
						t.Fatal(err)
					}
				}
				return told.tell(d)
			})
			if err == nil || name != "all" && !errors.Is(err, ErrInvalid) {
				t.Errorf("%v", err)
			}
			if got := told.names(); !slices.Equal(got, []string{Built, Sent, Failed}) || told[2].Problem == nil || told[2].Package != "" {
				t.Errorf("steps %v", got)
			}
			if got := list(t, dir); len(got) > 0 {
				t.Errorf("left: %v", got)
			}
		})
	}
}

func TestJournalFails(t *testing.T) {
	boom := errors.New("boom")
	for i, step := range []string{Built, Sent, Verified, Delivered} {
		dir := t.TempDir()
		var told steps
		_, err := Run(t.Context(), plan(t, dir), func(d archive.Delivery) error {
			told.tell(d)
			if d.Step == step {
				return boom
			}
			return nil
		})
		if !errors.Is(err, boom) || len(told) != i+1 {
			t.Errorf("%s: %v %v", step, err, told.names())
		}
		want := []string{}
		if step == Delivered {
			want = []string{"Letters"}
		}
		if got := list(t, dir); !slices.Equal(got, want) {
			t.Errorf("%s: left %v", step, got)
		}
		receipt, err := Run(t.Context(), plan(t, dir), new(steps).tell)
		if err != nil || receipt.Already != (step == Delivered) {
			t.Errorf("%s, again: %+v %v", step, receipt, err)
		}
	}
}

func TestCancel(t *testing.T) {
	for _, at := range []string{Built, Verified} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		p := plan(t, dir)
		p.Progress = func(step string, _, _ int64) {
			if step == at {
				cancel()
			}
		}
		var told steps
		if _, err := Run(ctx, p, told.tell); !errors.Is(err, context.Canceled) || told[len(told)-1].Step != Failed {
			t.Errorf("%s: %v %v", at, err, told.names())
		}
		if got := list(t, dir); len(got) > 0 {
			t.Errorf("%s: left %v", at, got)
		}
	}
}

func TestBadPlans(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Plan)
		want   error
	}{
		"no folder":     {func(p *Plan) { p.To = Folder(filepath.Join(dir, "none")) }, ErrGone},
		"a file":        {func(p *Plan) { p.To = Folder(file) }, ErrGone},
		"no name":       {func(p *Plan) { p.Name = "" }, nil},
		"a hidden name": {func(p *Plan) { p.Name = ".x" }, nil},
		"a path":        {func(p *Plan) { p.Name = "../x" }, nil},
		"a long name":   {func(p *Plan) { p.Name = strings.Repeat("x", 250) }, nil},
		"a document":    {func(p *Plan) { p.Document = "../x" }, nil},
	} {
		p := plan(t, dir)
		c.change(&p)
		var told steps
		_, err := Run(t.Context(), p, told.tell)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if got := told.names(); !slices.Equal(got, []string{Failed}) {
			t.Errorf("%s: steps %v", name, got)
		}
	}
	if got := list(t, dir); !slices.Equal(got, []string{"file"}) {
		t.Errorf("left: %v", got)
	}
}
