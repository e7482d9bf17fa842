package catalogue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// bench is a catalogue under test with the journal that made it.
type bench struct {
	t       testing.TB
	c       *catalogue.Catalogue
	journal []archive.Event
	texts   map[string]string
	path    string
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, texts: map[string]string{}}
	b.path = filepath.Join(t.TempDir(), "catalogue.db")
	b.c = b.open(b.path)
	return b
}

func (b *bench) open(path string) *catalogue.Catalogue {
	b.t.Helper()
	c, err := catalogue.Open(b.t.Context(), path, catalogue.Options{Text: b.text})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			b.t.Error(err)
		}
	})
	return c
}

func (b *bench) text(path string) (string, error) {
	text, ok := b.texts[path]
	if !ok {
		return "", errors.New("no such text tree")
	}
	return text, nil
}

// event makes an event whose ID and time follow from its place in the journal.
func (b *bench) event(kind archive.EventType, data any) archive.Event {
	b.t.Helper()
	j, err := json.Marshal(data)
	if err != nil {
		b.t.Fatal(err)
	}
	n := len(b.journal) + 1
	e := archive.Event{ID: fmt.Sprintf("e%d", n), Time: epoch.Add(time.Duration(n) * time.Second), Actor: "tester", Type: kind, Data: j}
	b.journal = append(b.journal, e)
	return e
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)

// do applies one event and gives its ID.
func (b *bench) do(kind archive.EventType, data any) string {
	b.t.Helper()
	e := b.event(kind, data)
	if err := b.c.Apply(b.t.Context(), int64(len(b.journal)), e); err != nil {
		b.t.Fatal(err)
	}
	return e.ID
}

// batch makes a batch with pages p1 ... pn.
func (b *bench) batch(id scan.BatchID, pages ...scan.PageID) {
	b.t.Helper()
	b.do(archive.BatchCreated, archive.Batch{ID: id, Name: "name of " + string(id), Key: "key of " + string(id), Created: epoch})
	for _, p := range pages {
		b.do(archive.PageCaptured, archive.Captured{Page: page(id, p)})
	}
}

func page(batch scan.BatchID, id scan.PageID) scan.Page {
	return scan.Page{
		ID: id, Batch: batch, Master: "masters/" + string(id) + ".tif", Format: scan.TIFF,
		Fixity: scan.Fixity{SHA256: "sha256 of " + string(id), SHA512: "sha512 of " + string(id), Size: 7},
		Origin: scan.Origin{Argument: "/scans", Path: scan.Path(id + ".tif"), Absolute: scan.Path("/scans/" + string(id) + ".tif"), Count: 1, Size: 7},
		Pixels: image.Pt(30, 40), DPI: 300.5, Orientation: 6, Captured: epoch, Operator: "tester",
	}
}

// order is the batch's pages as text: binned ones in brackets.
func (b *bench) order(batch scan.BatchID) string {
	b.t.Helper()
	pages, err := b.c.Pages(b.t.Context(), batch, catalogue.All)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	number := 0
	for _, p := range pages {
		if p.Binned {
			out = append(out, "("+string(p.ID)+")")
			continue
		}
		out = append(out, string(p.ID))
		if number++; p.Number != number {
			b.t.Errorf("page %s has number %d and is the %d. of %s", p.ID, p.Number, number, batch)
		}
	}
	return strings.Join(out, " ")
}

func (b *bench) dump(c *catalogue.Catalogue) string {
	b.t.Helper()
	var s strings.Builder
	if err := c.Dump(b.t.Context(), &s); err != nil {
		b.t.Fatal(err)
	}
	return s.String()
}

// rebuilt checks that the journal, applied at once to an empty catalogue, gives
// the same content.
func (b *bench) rebuilt() {
	b.t.Helper()
	c, err := catalogue.Open(b.t.Context(), filepath.Join(b.t.TempDir(), "rebuilt.db"), catalogue.Options{Text: b.text})
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Apply(b.t.Context(), int64(len(b.journal)), b.journal...); err != nil {
		b.t.Fatal(err)
	}
	if live, anew := b.dump(b.c), b.dump(c); live != anew {
		b.t.Errorf("a rebuild differs:\n%s", difference(live, anew))
	}
}

// difference gives the lines that only one of two texts has.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out strings.Builder
	for _, l := range x {
		if !slices.Contains(y, l) {
			fmt.Fprintf(&out, "- %s\n", l)
		}
	}
	for _, l := range y {
		if !slices.Contains(x, l) {
			fmt.Fprintf(&out, "+ %s\n", l)
		}
	}
	return out.String()
}

// odd gives the reasons of all oddities.
func (b *bench) odd() []string {
	b.t.Helper()
	all, err := b.c.Oddities(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, o := range all {
		out = append(out, o.Event+": "+o.Reason)
	}
	return out
}

// sound checks the file and that the history had nothing odd.
func (b *bench) sound() {
	b.t.Helper()
	if odd := b.odd(); len(odd) > 0 {
		b.t.Errorf("oddities: %q", odd)
	}
	b.checked()
}

func (b *bench) checked() {
	b.t.Helper()
	findings, err := b.c.Check(b.t.Context())
	if err != nil || len(findings) > 0 {
		b.t.Errorf("check: %v, %v", findings, err)
	}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestCapture(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.do(archive.ArchiveCreated, archive.Created{Archive: "a", Format: 1})
	b.batch("B", "p1", "p2")
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p3"), After: "p1"})
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p4"), First: true})
	twin := page("B", "p5")
	twin.Fixity, twin.Origin.Absolute = page("B", "p2").Fixity, "/scans/\xff\n.tif"
	twin.Origin.Index, twin.Origin.Nth = 3, 1
	b.do(archive.PageCaptured, archive.Captured{Page: twin, Recovered: true})
	b.batch("C")
	other := page("C", "p6")
	other.Fixity = twin.Fixity
	b.do(archive.PageCaptured, archive.Captured{Page: other})

	if got, want := b.order("B"), "p4 p1 p3 p2 p5"; got != want {
		t.Errorf("order %s, want %s", got, want)
	}
	got := must[catalogue.Page](t)(b.c.Page(ctx, "p5"))
	if got.DuplicateOf != "p2" || got.Number != 5 || got.State != scan.New || got.ByHand != nil {
		t.Errorf("page %+v", got)
	}
	if a, b := fmt.Sprintf("%+v", got.Page), fmt.Sprintf("%+v", twin); a != b {
		t.Errorf("page came back as\n%s\nwant\n%s", a, b)
	}
	if p := must[catalogue.Page](t)(b.c.Page(ctx, "p6")); p.DuplicateOf != "" {
		t.Errorf("a page of another batch counts as duplicate: %+v", p)
	}
	if ps := must[[]catalogue.Page](t)(b.c.FindOrigin(ctx, "B", twin.Origin)); len(ps) != 1 || ps[0].ID != "p5" {
		t.Errorf("by origin: %+v", ps)
	}
	respelt := twin.Origin
	respelt.Path = "../elsewhere"
	if ps := must[[]catalogue.Page](t)(b.c.FindOrigin(ctx, "B", respelt)); len(ps) != 1 {
		t.Errorf("by another spelling of its path: %+v", ps)
	}
	wrong := twin.Origin
	wrong.Nth = 0
	if ps := must[[]catalogue.Page](t)(b.c.FindOrigin(ctx, "B", wrong)); len(ps) != 0 {
		t.Errorf("by another origin: %+v", ps)
	}
	if p := must[catalogue.Page](t)(b.c.LastPage(ctx, "B")); p.ID != "p5" {
		t.Errorf("last page %s", p.ID)
	}
	if _, err := b.c.Page(ctx, "nobody"); !errors.Is(err, catalogue.ErrNotFound) {
		t.Errorf("unknown page: %v", err)
	}
	var all []string
	for p, err := range b.c.AllPages(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(p.ID, p.Number))
	}
	if got, want := strings.Join(all, " "), "p41 p12 p33 p24 p55 p61"; got != want {
		t.Errorf("all pages %s, want %s", got, want)
	}
	batch := must[catalogue.Batch](t)(b.c.BatchByName(ctx, "name of B"))
	if batch.ID != "B" || batch.Pages != 5 || batch.New != 5 || !batch.Touched.Equal(epoch.Add(7*time.Second)) {
		t.Errorf("batch %+v", batch)
	}
	if b := must[catalogue.Batch](t)(b.c.BatchByKey(ctx, "key of C")); b.ID != "C" || b.Pages != 1 {
		t.Errorf("batch by key %+v", b)
	}
	if _, err := b.c.BatchByKey(ctx, ""); !errors.Is(err, catalogue.ErrNotFound) {
		t.Errorf("batch by no key: %v", err)
	}
	if pos := must[int64](t)(b.c.Position(ctx)); pos != int64(len(b.journal)) {
		t.Errorf("position %d", pos)
	}
	if a := must[archive.Created](t)(b.c.Archive(ctx)); a.Archive != "a" || a.Format != 1 {
		t.Errorf("archive %+v", a)
	}
	b.sound()
	b.rebuilt()
}
