package catalogue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

func TestProcess(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.batch("B", "p1", "p2", "p3", "p4")
	b.texts["t1"] = "Ein Wort"
	b.do(archive.PageProcessed, archive.Processed{Page: "p1", State: scan.Done, Text: "t1", TextSHA256: "s1", Words: 2, Confidence: 0.5,
		Languages: []string{"deu", "lat"}, Stored: image.Pt(31, 41),
		Recipe: scan.Recipe{scan.NewStep("deskew", scan.Deskew{Degrees: 1.25}, false)}, Measures: &scan.Measures{DPI: 300, Skew: -1.25}})
	b.do(archive.PageProcessed, archive.Processed{Page: "p2", State: scan.Blank})
	b.do(archive.PageProcessed, archive.Processed{Page: "p3", State: scan.Failed, Problem: scan.ProblemOf(scan.ErrTruncated)})
	b.do(archive.PageProcessed, archive.Processed{Page: "p4", State: scan.Done, Text: "missing", Words: 9})

	p := must[catalogue.Page](t)(b.c.Page(ctx, "p1"))
	if p.State != scan.Done || p.Recipe.Skew() != 1.25 || p.Measures.Skew != -1.25 || p.Confidence != 0.5 || p.Words != 2 || p.Text != "t1" || p.TextSHA256 != "s1" ||
		!slices.Equal(p.Languages, []string{"deu", "lat"}) || p.Pixels != image.Pt(31, 41) {
		t.Errorf("page %+v", p)
	}
	p = must[catalogue.Page](t)(b.c.Page(ctx, "p3"))
	if p.State != scan.Failed || p.Problem == nil || !errors.Is(p.Problem, scan.ErrTruncated) {
		t.Errorf("page %+v", p)
	}
	unread := must[[]catalogue.Unread](t)(b.c.Unread(ctx))
	if len(unread) != 1 || unread[0].Page != "p4" || unread[0].Text != "missing" || !strings.Contains(unread[0].Reason, "no such text tree") {
		t.Errorf("unread %+v", unread)
	}
	batch := must[catalogue.Batch](t)(b.c.Batch(ctx, "B"))
	if batch.Pages != 4 || batch.New != 0 || batch.Done != 2 || batch.Blank != 1 || batch.Failed != 1 {
		t.Errorf("batch %+v", batch)
	}

	b.texts["missing"] = "Da"
	b.do(archive.PageProcessed, archive.Processed{Page: "p4", State: scan.Done, Text: "missing", Words: 1})
	b.do(archive.PageProcessed, archive.Processed{Page: "p3", State: scan.New})
	if unread := must[[]catalogue.Unread](t)(b.c.Unread(ctx)); len(unread) != 0 {
		t.Errorf("unread %+v", unread)
	}
	if p = must[catalogue.Page](t)(b.c.Page(ctx, "p3")); p.Problem != nil {
		t.Errorf("an old problem stays: %+v", p)
	}
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p5"), First: true})
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p6")})
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p6")})
	bin := must[[]catalogue.Page](t)(b.c.Pages(ctx, "B", catalogue.Bin))
	if len(bin) != 1 || bin[0].ID != "p6" || bin[0].Number != 0 || !bin[0].Binned {
		t.Errorf("bin %+v", bin)
	}
	n := must[catalogue.Counts](t)(b.c.Counts(ctx))
	if want := (catalogue.Counts{Batches: 1, Pages: 5, Binned: 1, Events: len(b.journal), Texts: 2}); n != want {
		t.Errorf("counts %+v, want %+v", n, want)
	}
	b.sound()
	b.rebuilt()
}

func TestRejects(t *testing.T) {
	b := newBench(t)
	b.batch("B")
	reject := func(argument, path scan.Path) archive.Reject {
		return archive.Reject{Origin: scan.Origin{Argument: argument, Path: path, Absolute: path, Count: 1}, Problem: *scan.ProblemOf(scan.ErrEmpty)}
	}
	check := func(want ...scan.Path) {
		t.Helper()
		var got []scan.Path
		for _, r := range must[[]archive.Reject](t)(b.c.Rejects(context.Background(), "B")) {
			got = append(got, r.Origin.Path)
			if !errors.Is(&r.Problem, scan.ErrEmpty) {
				t.Errorf("problem %+v", r.Problem)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("rejects %q, want %q", got, want)
		}
	}
	b.do(archive.BatchImported, archive.Imported{Batch: "B", Arguments: []scan.Path{"/a", "/b\xfe"},
		Rejects: []archive.Reject{reject("/a", "/a/1"), reject("/a", "/a/2"), reject("/b\xfe", "/b\xfe")}})
	check("/a/1", "/a/2", "/b\xfe")
	b.do(archive.BatchImported, archive.Imported{Batch: "B", Arguments: []scan.Path{"/a"}, Rejects: []archive.Reject{reject("/a", "/a/2")}})
	check("/b\xfe", "/a/2")
	b.do(archive.BatchImported, archive.Imported{Batch: "B", Arguments: []scan.Path{"/b\xfe"}})
	check("/a/2")
	open := func() int { return must[catalogue.Batch](t)(b.c.Batch(context.Background(), "B")).Rejects }
	if open() != 1 {
		t.Errorf("%d open rejects", open())
	}
	for argument, want := range map[scan.Path]bool{"/a": true, "/b\xfe": true, "/a/2": false} {
		if got, err := b.c.Imported(context.Background(), "B", argument); err != nil || got != want {
			t.Errorf("%q imported: %v, %v", argument, got, err)
		}
	}

	// Dismissed, a source stays in the list with the reason, but counts no more: until
	// that is taken back, or it comes with another problem.
	dismissed := func(reason string) {
		t.Helper()
		if all := must[[]archive.Reject](t)(b.c.Rejects(context.Background(), "B")); len(all) != 1 || all[0].Dismissed != reason || open() == 0 != (reason != "") {
			t.Errorf("%d open, %+v, want the reason %q", open(), all, reason)
		}
	}
	again := archive.Imported{Batch: "B", Arguments: []scan.Path{"/a"}, Rejects: []archive.Reject{reject("/a", "/a/2")}}
	b.do(archive.RejectDismissed, archive.Dismissed{Batch: "B", Path: "/a/2", Reason: "a typo"})
	dismissed("a typo")
	b.do(archive.BatchImported, again)
	dismissed("a typo")
	b.do(archive.RejectDismissed, archive.Dismissed{Batch: "B", Path: "/a/2"})
	dismissed("")
	b.do(archive.RejectDismissed, archive.Dismissed{Batch: "B", Path: "/a/2", Reason: "a typo"})
	again.Rejects[0].Problem = *scan.ProblemOf(fmt.Errorf("half of it: %w", scan.ErrEmpty))
	b.do(archive.BatchImported, again)
	dismissed("")
	b.sound()
	b.rebuilt()
}

func TestDocuments(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.batch("B", "p1", "p2", "p3")
	made := archive.Document{ID: "D", Batch: "B", Key: "k", Title: "Findbuch", Language: "deu", Created: epoch,
		Leaves: []archive.Leaf{{Page: "p2", Label: "1r"}, {Page: "p1"}, {Page: "p2"}}}
	b.do(archive.DocumentMade, made)
	d := must[catalogue.Document](t)(b.c.Document(ctx, "D"))
	if got, want := fmt.Sprintf("%+v", d.Document), fmt.Sprintf("%+v", made); got != want {
		t.Errorf("document %s\nwant %s", got, want)
	}
	if d.State != archive.Incomplete || d.PDF != "" {
		t.Errorf("not yet written: %+v", d)
	}
	written := archive.Written{Document: "D", State: archive.Complete, File: "documents/D.pdf", Input: "i",
		Fixity: scan.Fixity{SHA256: "a", SHA512: "b", Size: 1 << 40}, Pages: 3}
	b.do(archive.DocumentWritten, written)
	d = must[catalogue.Document](t)(b.c.DocumentByKey(ctx, "k"))
	if d.State != archive.Complete || d.PDF != written.File || d.Fixity != written.Fixity || d.Input != "i" || d.Reasons != nil {
		t.Errorf("written: %+v", d)
	}
	b.do(archive.DocumentMade, archive.Document{ID: "E", Batch: "B", Created: epoch, Leaves: []archive.Leaf{{Page: "p3"}}})
	b.do(archive.DocumentWritten, archive.Written{Document: "E", State: archive.Incomplete, Reasons: []string{"page 1"}})
	if d := must[catalogue.Document](t)(b.c.Document(ctx, "E")); !slices.Equal(d.Reasons, []string{"page 1"}) {
		t.Errorf("incomplete: %+v", d)
	}
	made.Leaves = made.Leaves[:1]
	b.do(archive.DocumentMade, made)
	d = must[catalogue.Document](t)(b.c.Document(ctx, "D"))
	if len(d.Leaves) != 1 || d.State != archive.Incomplete || d.PDF != written.File {
		t.Errorf("made again: %+v", d)
	}
	if all := must[[]catalogue.Document](t)(b.c.Documents(ctx)); len(all) != 2 {
		t.Errorf("%d documents", len(all))
	}

	copied := archive.Copied{Document: "D", Directory: "/out/\xff", Name: "Findbuch", Files: []archive.File{{Path: "Findbuch.pdf", SHA256: "x"}}}
	b.do(archive.DocumentCopied, copied)
	copied.Files[0].SHA256 = "y"
	b.do(archive.DocumentCopied, copied)
	if events := must[[]archive.Event](t)(b.c.Events(ctx, "D", 2)); len(events) != 2 || events[0].Type != archive.DocumentCopied {
		t.Errorf("history %+v", events)
	}

	step := archive.Delivery{ID: "V", Document: "D", Format: "bagit", To: "/to", Package: "/to/\xfe", Step: "built", Files: 3, Bytes: 9, Manifest: "m"}
	b.do(archive.DeliveryStepped, step)
	b.do(archive.DeliveryStepped, archive.Delivery{ID: "V", Document: "D", Format: "bagit", To: "/to", Step: "failed", Problem: scan.ProblemOf(scan.ErrNoSpace)})
	b.do(archive.DeliveryStepped, archive.Delivery{ID: "V", Document: "D", Format: "bagit", To: "/to", Step: "delivered"})
	step.Step = "delivered"
	vs := must[[]catalogue.Delivery](t)(b.c.Deliveries(ctx, "D"))
	if len(vs) != 1 || vs[0].Delivery != step || !vs[0].Updated.Equal(epoch.Add(time.Duration(len(b.journal))*time.Second)) {
		t.Errorf("deliveries %+v, want %+v", vs, step)
	}
	if all := must[[]catalogue.Delivery](t)(b.c.Deliveries(ctx, "")); len(all) != 1 {
		t.Errorf("all deliveries %+v", all)
	}
	if of := must[[]catalogue.Delivery](t)(b.c.Deliveries(ctx, "E")); len(of) != 0 {
		t.Errorf("deliveries of E %+v", of)
	}
	b.sound()
	b.rebuilt()
}

func TestEvents(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.do(archive.ArchiveCreated, archive.Created{Archive: "a"})
	b.batch("B", "p1", "p2")
	b.do("page.perfumed", map[string]string{"page": "p1"})
	checked := b.do(archive.FixityChecked, archive.Checked{Files: 2})
	id := b.do(archive.PagesMoved, archive.Moved{Batch: "B", Pages: ids("p1"), After: "p2", Back: []archive.Place{{Page: "p1"}}})
	undo := b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: id})
	made := b.do(archive.DocumentMade, archive.Document{ID: "D", Batch: "B", Leaves: []archive.Leaf{{Page: "p1"}}})
	for _, c := range []struct {
		object string
		limit  int
		want   []string
	}{
		{"a", 0, []string{checked, "e1"}},
		{"B", 0, []string{made, undo, id, "e4", "e3", "e2"}},
		{"B", 2, []string{made, undo}},
		{"p1", 0, []string{made, undo, id, "e3"}},
		{"p2", 0, []string{"e4"}},
		{"D", 0, []string{made}},
		{"nobody", 0, nil},
		{"", 3, []string{made, undo, id}},
	} {
		var got []string
		for _, e := range must[[]archive.Event](t)(b.c.Events(ctx, c.object, c.limit)) {
			got = append(got, e.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("events of %q: %v, want %v", c.object, got, c.want)
		}
	}
	all := must[[]archive.Event](t)(b.c.Events(ctx, "", 0))
	slices.Reverse(all)
	if got, want := fmt.Sprint(all), fmt.Sprint(b.journal); got != want {
		t.Errorf("events came back as\n%s\nwant\n%s", got, want)
	}
	b.sound()
	b.rebuilt()
}

// TestOdd applies what no Recto writes: the rest of the history stays usable.
func TestOdd(t *testing.T) {
	for _, c := range []struct {
		name string
		kind archive.EventType
		data any
		odd  int
	}{
		{"another archive", archive.ArchiveCreated, archive.Created{Archive: "b"}, 1},
		{"a name twice", archive.BatchCreated, archive.Batch{ID: "N", Name: "name of B"}, 1},
		{"a batch without ID", archive.BatchCreated, archive.Batch{Name: "n"}, 1},
		{"nothing to dismiss", archive.RejectDismissed, archive.Dismissed{Batch: "B", Path: "/x", Reason: "r"}, 1},
		{"rejects of an unknown batch", archive.BatchImported, archive.Imported{Batch: "X"}, 1},
		{"a page of an unknown batch", archive.PageCaptured, archive.Captured{Page: page("X", "x")}, 1},
		{"a page twice", archive.PageCaptured, archive.Captured{Page: page("B", "p1")}, 1},
		{"a page without ID", archive.PageCaptured, archive.Captured{}, 1},
		{"a page behind an unknown one", archive.PageCaptured, archive.Captured{Page: page("B", "x"), After: "y"}, 1},
		{"a page behind itself", archive.PageCaptured, archive.Captured{Page: page("B", "x"), After: "x"}, 1},
		{"an unknown page processed", archive.PageProcessed, archive.Processed{Page: "x", State: scan.Done}, 1},
		{"an unknown state", archive.PageProcessed, archive.Processed{Page: "p1", State: "perfumed"}, 1},
		{"unknown pages moved", archive.PagesMoved, archive.Moved{Batch: "B", Pages: ids("x p2 q1 p2"), Back: []archive.Place{{Page: "p2", After: "p1"}}}, 2},
		{"moved behind an unknown page", archive.PagesMoved, archive.Moved{Batch: "B", Pages: ids("p1"), After: "q1"}, 1},
		{"moved behind itself", archive.PagesMoved, archive.Moved{Batch: "B", Pages: ids("p1 p2"), After: "p2"}, 1},
		{"moved in an unknown batch", archive.PagesMoved, archive.Moved{Batch: "X", Pages: ids("p1")}, 1},
		{"unknown pages turned", archive.PagesRotated, archive.Rotated{Batch: "B", Turns: []archive.Turn{{Page: "q1"}, {Page: "x"}}}, 2},
		{"unknown pages binned", archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("q1 p1")}, 1},
		{"leaves of unknown pages", archive.DocumentMade, archive.Document{ID: "D", Batch: "B", Leaves: []archive.Leaf{{Page: "x"}, {Page: "p1"}}}, 1},
		{"a document of an unknown batch", archive.DocumentMade, archive.Document{ID: "D", Batch: "X"}, 1},
		{"a document without ID", archive.DocumentMade, archive.Document{Batch: "B"}, 1},
		{"an unknown document written", archive.DocumentWritten, archive.Written{Document: "x"}, 1},
		{"an unknown document copied", archive.DocumentCopied, archive.Copied{Document: "x"}, 1},
		{"an unknown document delivered", archive.DeliveryStepped, archive.Delivery{ID: "V", Document: "x"}, 1},
		{"no data", archive.PageCaptured, nil, 1},
		{"data of another shape", archive.PagesMoved, []int{1}, 1},
		{"an unknown event", "page.perfumed", "x", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			ctx := context.Background()
			b.do(archive.ArchiveCreated, archive.Created{Archive: "a"})
			b.batch("B", "p1", "p2", "p3")
			b.batch("C", "q1")
			id := b.do(c.kind, c.data)
			if odd := b.odd(); len(odd) != c.odd {
				t.Errorf("oddities %q, want %d", odd, c.odd)
			}
			if undo, _ := b.top("B"); undo == id {
				b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: id})
				b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: id})
			}
			all := must[[]catalogue.Page](t)(b.c.Pages(ctx, "B", catalogue.All))
			must[[]catalogue.Batch](t)(b.c.Batches(ctx))
			for _, d := range must[[]catalogue.Document](t)(b.c.Documents(ctx)) {
				if c.kind == archive.DocumentMade && fmt.Sprint(d.Leaves) != fmt.Sprint(c.data.(archive.Document).Leaves) {
					t.Errorf("leaves %+v", d.Leaves)
				}
			}
			b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p9"), After: "p3"})
			if after := must[[]catalogue.Page](t)(b.c.Pages(ctx, "B", catalogue.All)); len(after) != len(all)+1 {
				t.Errorf("%d pages after %d", len(after), len(all))
			}
			b.checked()
			b.rebuilt()
		})
	}

	t.Run("an ID twice", func(t *testing.T) {
		b := newBench(t)
		b.batch("B", "p1")
		e := b.event(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p1")})
		e.ID = "e1"
		b.journal[len(b.journal)-1] = e
		if err := b.c.Apply(t.Context(), 3, e); err != nil {
			t.Fatal(err)
		}
		if odd := b.odd(); len(odd) != 1 || b.order("B") != "p1" {
			t.Errorf("oddities %q, order %s", odd, b.order("B"))
		}
		b.rebuilt()
	})

	t.Run("broken JSON", func(t *testing.T) {
		b := newBench(t)
		b.batch("B", "p1")
		e := b.event(archive.PagesBinned, nil)
		e.Data = json.RawMessage(`{"batch":`)
		if err := b.c.Apply(t.Context(), 3, e); err != nil {
			t.Fatal(err)
		}
		if odd := b.odd(); len(odd) != 1 {
			t.Errorf("oddities %q", odd)
		}
		b.checked()
	})

	t.Run("a batch told late", func(t *testing.T) {
		b := newBench(t)
		b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p1")})
		b.do(archive.BatchCreated, archive.Batch{ID: "B", Name: "known at last"})
		batch := must[catalogue.Batch](t)(b.c.BatchByName(context.Background(), "known at last"))
		if batch.ID != "B" || batch.Pages != 1 {
			t.Errorf("batch %+v", batch)
		}
		b.rebuilt()
	})
}
