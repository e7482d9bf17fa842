package catalogue_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// capture appends n pages to a batch in one call.
func (b *bench) capture(batch scan.BatchID, n int) {
	b.t.Helper()
	from := len(b.journal)
	for i := range n {
		b.event(archive.PageCaptured, archive.Captured{Page: page(batch, scan.PageID(fmt.Sprintf("%s%d", batch, i)))})
	}
	if err := b.c.Apply(context.Background(), int64(len(b.journal)), b.journal[from:]...); err != nil {
		b.t.Fatal(err)
	}
}

// timed tells how long something took: work that grows with the square of the
// batch shows here, but no machine is too slow to pass.
func timed(t *testing.T, what string, do func()) {
	t.Helper()
	start := time.Now()
	do()
	t.Logf("%s: %v", what, time.Since(start).Round(100*time.Microsecond))
}

func TestLargeBatch(t *testing.T) {
	const n = 10_000
	ctx := context.Background()
	b := newBench(t)
	b.batch("B")
	timed(t, "capture", func() { b.capture("B", n) })
	timed(t, "one more", func() { b.do(archive.PageCaptured, archive.Captured{Page: page("B", "last")}) })
	var all []catalogue.Page
	timed(t, "list", func() { all = must[[]catalogue.Page](t)(b.c.Pages(ctx, "B", catalogue.All)) })
	if len(all) != n+1 || all[n].ID != "last" || all[n].Number != n+1 {
		t.Fatalf("%d pages, last %+v", len(all), all[len(all)-1])
	}
	timed(t, "one page", func() { must[catalogue.Page](t)(b.c.Page(ctx, "last")) })
	timed(t, "batch", func() { must[catalogue.Batch](t)(b.c.Batch(ctx, "B")) })

	// Every second page to the start, and back.
	var odd []scan.PageID
	for i := 1; i < n; i += 2 {
		odd = append(odd, all[i].ID)
	}
	before := b.order("B")
	for _, pages := range [][]scan.PageID{odd, ids(strings.Join(strings.Fields(before)[n/2:], " "))} {
		var back []archive.Place
		timed(t, "places", func() { back = must[[]archive.Place](t)(b.c.Places(ctx, "B", pages)) })
		var event string
		timed(t, fmt.Sprintf("move %d", len(pages)), func() {
			event = b.do(archive.PagesMoved, archive.Moved{Batch: "B", Pages: pages, Back: back})
		})
		if p := must[catalogue.Page](t)(b.c.Page(ctx, pages[0])); p.Number != 1 {
			t.Errorf("the first page moved is number %d", p.Number)
		}
		timed(t, "undo", func() { b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: event}) })
		if after := b.order("B"); after != before {
			t.Error("undoing does not bring the order back")
		}
	}
	b.sound()
}

func TestConcurrency(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := newBench(t)
	b.batch("B")
	var readers sync.WaitGroup
	reader := func(read func() error) {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := read(); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	reader(func() error {
		pages, err := b.c.Pages(ctx, "B", catalogue.Live)
		for i, p := range pages {
			if p.Number != i+1 {
				return fmt.Errorf("page %d has number %d", i+1, p.Number)
			}
		}
		return err
	})
	reader(func() error {
		total, hits, err := b.c.Search(ctx, "wort", 1000, 0)
		if err == nil && total != len(hits) {
			return fmt.Errorf("%d hits of %d", len(hits), total)
		}
		return err
	})
	reader(func() error {
		for _, err := range b.c.AllPages(ctx) {
			if err != nil {
				return err
			}
			if _, err := b.c.Counts(ctx); err != nil {
				return err
			}
			break
		}
		return nil
	})
	reader(func() error { // one that gives up again and again
		short, stop := context.WithTimeout(ctx, time.Millisecond)
		defer stop()
		_, _, _ = b.c.Search(short, "wo*", 1000, 0)
		return nil
	})
	for i := range 100 {
		id := scan.PageID(fmt.Sprintf("p%d", i))
		b.do(archive.PageCaptured, archive.Captured{Page: page("B", id), First: i%2 == 0})
		b.read(id, "Ein Wort")
	}
	cancel()
	readers.Wait()
	b.sound()
	b.rebuilt()
}

func BenchmarkCapture10000(b *testing.B) {
	for b.Loop() {
		bench := newBench(b)
		bench.batch("B")
		bench.capture("B", 10_000)
	}
}

func BenchmarkSearch20000(b *testing.B) {
	const pages, size = 20_000, 250
	bench := newBench(b)
	bench.batch("B")
	bench.capture("B", pages)
	r := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(r, 1.1, 4, 50_000)
	from := len(bench.journal)
	for i := range pages {
		var text strings.Builder
		for j := range size {
			fmt.Fprintf(&text, "w%x", zipf.Uint64())
			text.WriteString(map[bool]string{true: "\n", false: " "}[j%10 == 9])
		}
		path := fmt.Sprint("t", i)
		bench.texts[path] = text.String()
		bench.event(archive.PageProcessed, archive.Processed{Page: scan.PageID(fmt.Sprintf("B%d", i)), State: scan.Done, Text: path})
	}
	start := time.Now()
	for i := from; i < len(bench.journal); i += 1000 {
		if err := bench.c.Apply(context.Background(), int64(i+1000), bench.journal[i:i+1000]...); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d texts indexed in %v", pages, time.Since(start))
	start = time.Now()
	bench.checked()
	b.Logf("checked in %v", time.Since(start))
	start = time.Now()
	again, err := catalogue.Open(context.Background(), bench.path, catalogue.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("opened in %v", time.Since(start))
	if err := again.Close(); err != nil {
		b.Fatal(err)
	}
	start = time.Now()
	if err := bench.c.Backup(context.Background(), filepath.Join(b.TempDir(), "backup.db")); err != nil {
		b.Fatal(err)
	}
	b.Logf("backed up in %v", time.Since(start))
	for _, c := range []struct{ name, query string }{{"rare", "wfff"}, {"usual", "w40"}, {"common", "w0"}, {"phrase", `"w0 w1"`}, {"prefix", "w1*"}, {"letter", "w*"}} {
		b.Run(c.name, func(b *testing.B) {
			total := 0
			for b.Loop() {
				if total, _, err = bench.c.Search(context.Background(), c.query, 50, 0); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(total), "hits")
		})
	}
}
