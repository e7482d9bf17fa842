package gui

import (
	"context"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/ocr"
	"recto/scan"
)

// onPage is a desk with a page of text open.
func onPage(t *testing.T, core *fakeCore) *desk {
	t.Helper()
	d := newDesk(t, core)
	d.press("F4", "Enter")
	d.onScreen("page")
	if len(d.page.words) == 0 {
		t.Fatal("the page has no text")
	}
	return d
}

// types is what the driver does with characters, then Enter or whatever.
func (d *desk) types(text string, chords ...string) {
	d.t.Helper()
	for _, r := range text {
		d.win.Canvas().Focused().TypedRune(r)
	}
	d.press(chords...)
}

// at is the word under the cursor.
func (d *desk) at() *ocr.Word {
	d.t.Helper()
	i := d.page.text.Cursor()
	if i < 0 || i >= len(d.page.words) {
		d.t.Fatalf("no word is under the cursor: %d", i)
	}
	return d.page.words[i]
}

// inArchive is the text of the page that is shown as the archive has it.
func (d *desk) inArchive() *ocr.Text {
	d.t.Helper()
	p, _ := d.page.page()
	t, err := d.core.Text(d.t.Context(), p.ID)
	if err != nil || t == nil {
		d.t.Fatal(t, err)
	}
	return t
}

func (d *desk) edits() (n int) {
	for _, c := range d.core.calls {
		if c == "EditText" {
			n++
		}
	}
	return n
}

// Every correction by its key: what is shown is what the archive has, and the cursor
// stays with the word.
func TestCorrectByKeys(t *testing.T) {
	d := onPage(t, newFake(1, 8))
	before := d.snapshot()
	if before.Doubtful == 0 || before.Corrected != 0 {
		t.Fatalf("%+v", before)
	}
	d.press("Alt+Down")
	word, i, n := d.at().Text, d.page.text.Cursor(), len(d.page.words)
	d.press("Enter")
	if !d.snapshot().Editing || d.page.entry.Text != word {
		t.Fatalf("Enter edits nothing: %+v", d.snapshot())
	}
	d.types("Kirche", "Enter") // the word was chosen: typing replaces it
	if w := d.at(); w.Text != "Kirche" || !w.Corrected || w.AsRead() != word || d.page.text.Cursor() != i || d.snapshot().Editing {
		t.Fatalf("after typing: %+v, %+v", w, d.snapshot())
	}
	if s := d.snapshot(); s.Doubtful != before.Doubtful-1 || s.Corrected != 1 || !strings.Contains(d.page.note.String(), "1 corrected") || !strings.Contains(d.page.about.String(), "was read as “"+word+"”") {
		t.Errorf("%+v; %q; %q", s, d.page.note, d.page.about)
	}
	d.press("Alt+Enter") // corrected already: on to the next
	if !d.at().Doubtful(doubtful) || d.edits() != 1 {
		t.Errorf("once more Alt+Enter: on %+v with %d edits", d.at(), d.edits())
	}
	d.press("Alt+Enter")
	if w := d.at(); !w.Checked || w.Corrected {
		t.Errorf("accepted: %+v", w)
	}
	d.press("Right", "U")
	if w := d.at(); !w.Unreadable || d.snapshot().Word < 0 {
		t.Errorf("unreadable: %+v", w)
	}
	d.press("Alt+Enter")
	if w := d.at(); w.Unreadable || !w.Checked {
		t.Errorf("that is taken back: %+v", w)
	}
	d.press("Right")
	a, b := d.at().Text, d.page.words[d.page.text.Cursor()+1].Text
	d.press("M")
	if w := d.at(); w.Text != a+b || len(d.page.words) != n-1 {
		t.Errorf("%q and %q are merged to %q", a, b, w.Text)
	}
	d.press("S")
	d.page.entry.CursorColumn = len([]rune(a))
	d.press("Enter")
	if w := d.at(); w.Text != a || d.page.words[d.page.text.Cursor()+1].Text != b || len(d.page.words) != n {
		t.Errorf("split again: %q", w.Text)
	}
	d.press("Enter")
	d.types("two words", "Enter")
	if w := d.at(); w.Text != "two" || len(d.page.words) != n+1 {
		t.Errorf("two of one: %q, %d words", w.Text, len(d.page.words))
	}
	d.press("Enter", "Backspace", "Enter")
	if w := d.at(); w.Text != "words" || len(d.page.words) != n {
		t.Errorf("the word is gone: now on %q", w.Text)
	}
	if got, want := d.inArchive().Plain(), d.page.tree.Plain(); got != want {
		t.Errorf("the archive has\n%s, shown is\n%s", got, want)
	}
	for range d.edits() {
		d.press("Ctrl+Z")
	}
	if s := d.snapshot(); s.Doubtful != before.Doubtful || s.Corrected != 0 || s.Words != before.Words || d.page.words[i].Text != word {
		t.Errorf("all undone: %+v", s)
	}
	d.press("Ctrl+Y")
	if d.page.words[i].Text != "Kirche" || !strings.HasPrefix(d.said, "Done again: correct a word") {
		t.Errorf("done again: %q; %q", d.page.words[i].Text, d.said)
	}
}

// Typing letters while no word is edited is no editing, and Esc leaves the word alone.
func TestEditIsLeft(t *testing.T) {
	d := onPage(t, newFake(1, 8))
	d.press("Alt+Down")
	word := d.at().Text
	d.press("Enter")
	d.types("x", "Esc")
	if s := d.snapshot(); s.Editing || s.Screen != "page" || d.at().Text != word || d.edits() != 0 {
		t.Errorf("after Esc: %+v, %q, %d edits", s, d.at().Text, d.edits())
	}
	d.press("K")
	if d.snapshot().Editing {
		t.Error("a letter begins to edit")
	}
	d.press("Enter") // left as it is, and looked at
	d.press("Enter")
	if w := d.at(); !w.Checked || d.edits() != 1 {
		t.Errorf("%+v, %d edits", w, d.edits())
	}
	d.press("Enter", "Enter")
	if d.edits() != 1 {
		t.Error("a word that was checked already is corrected")
	}
	// What was typed is not lost to a click elsewhere, to another page or screen.
	for _, leave := range []func(){
		func() { d.page.text.SetCursor(0); d.page.text.OnCursor(0) },
		func() { d.page.tapped(1, 1) },
		func() { d.press("PgDn", "PgUp") },
		func() { d.press("F4", "F6") },
	} {
		d.page.cursorTo(3)
		d.press("Enter")
		d.types("typed")
		n := d.edits()
		leave()
		if d.snapshot().Editing || d.edits() != n+1 || d.page.words[3].Text != "typed" {
			t.Errorf("editing %v, %d edits, %q", d.snapshot().Editing, d.edits()-n, d.page.words[3].Text)
		}
		d.press("Ctrl+Z")
	}
}

// Tab and Alt+Down go on to the next doubtful word and edit it.
func TestEditGoesOn(t *testing.T) {
	d := onPage(t, newFake(1, 8))
	d.press("Alt+Down", "Enter")
	var seen []int
	for range 3 {
		seen = append(seen, d.page.editAt)
		d.types("w")
		d.page.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
		d.settle()
		if !d.snapshot().Editing {
			t.Fatal("Tab ends editing")
		}
	}
	if !d.page.entry.AcceptsTab() {
		t.Error("Tab goes to another field")
	}
	d.press("Alt+Down")
	if slices.Sort(seen); len(slices.Compact(seen)) != 3 || d.snapshot().Corrected != 3 || !d.snapshot().Editing {
		t.Errorf("edited %v, %+v", seen, d.snapshot())
	}
	// The word that follows one that goes is not jumped over.
	d.press("Esc")
	i := d.page.text.Cursor()
	if !d.page.edit("x", "", ocr.Unreadable(d.page.places[i+1]), ocr.Set(d.page.places[i], "")) {
		t.Fatal("not prepared")
	}
}

// While the picture of another page is still there, its words are not drawn on it.
func TestBoxesAreOfThePicture(t *testing.T) {
	d := onPage(t, newFake(1, 3))
	if len(d.page.view.Marks) == 0 {
		t.Fatal("no boxes")
	}
	d.page.cache = pageCache{}
	d.core.fail["View"] = context.Canceled // it does not come
	d.press("PgDn")
	if s := d.snapshot(); s.Number != 2 || s.Words == 0 || len(d.page.view.Marks) != 0 {
		t.Errorf("%+v, %d boxes", s, len(d.page.view.Marks))
	}
}

// Where the page was read again while a word was edited, no other word is changed.
func TestEditOfOtherText(t *testing.T) {
	d := onPage(t, newFake(1, 3))
	d.press("Alt+Down", "Enter")
	d.types("typed")
	p, _ := d.page.page()
	if _, err := d.core.EditText(t.Context(), p.ID, "somebody else", ocr.Set(d.page.places[0], "two words")); err != nil {
		t.Fatal(err)
	}
	d.page.reload()
	n := d.edits()
	d.press("Enter")
	if m := d.top(); m == nil || m.title != "Text has changed" || d.edits() != n || strings.Contains(d.page.tree.Plain(), "typed") {
		t.Errorf("%+v, %d edits", d.snapshot(), d.edits()-n)
	}
}

// What was asked for is not asked for any more when the field has gone.
func TestSplitLeft(t *testing.T) {
	d := onPage(t, newFake(1, 3))
	d.press("Alt+Down", "S")
	if d.said != whereToSplit {
		t.Fatalf("the window says %q", d.said)
	}
	d.press("Esc")
	if d.said != "" || d.page.entry != nil {
		t.Errorf("afterwards it says %q", d.said)
	}
}

// The corrected text stays where it is in sight.
func TestEditDoesNotScroll(t *testing.T) {
	d := onPage(t, newFake(1, 8))
	d.win.Resize(fyne.NewSize(700, 420))
	at := len(d.page.words) - 60 // above the last lines, which move up when one gets shorter
	d.page.cursorTo(at)
	view := d.page.view.View()
	y := d.page.text.Offset()
	if y == 0 {
		t.Fatal("the text fits: nothing is tested")
	}
	d.press("Enter")
	d.types("x", "Enter")
	if d.page.text.Offset() != y || d.page.view.View() != view {
		t.Errorf("the text goes from %v to %v, the picture from %v to %v", y, d.page.text.Offset(), view, d.page.view.View())
	}
	d.press("Ctrl+Z")
	if d.page.text.Offset() != y || d.page.text.Cursor() != at {
		t.Errorf("undo: at %v, cursor %d", d.page.text.Offset(), d.page.text.Cursor())
	}
}

// After a failure the window shows what the archive has.
func TestCorrectionFails(t *testing.T) {
	core := newFake(1, 8)
	d := onPage(t, core)
	d.press("Alt+Down")
	word := d.at().Text
	core.fail["EditText"] = scan.ErrNoSpace
	d.press("Enter")
	d.types("long lost", "Enter")
	if m := d.top(); m == nil || m.title != "Disk full" || !strings.Contains(d.lastError, "full") || d.said != "" {
		t.Fatalf("%+v", d.snapshot())
	}
	d.press("Esc")
	if d.at().Text != word || d.snapshot().Busy {
		t.Errorf("shown is %q; %+v", d.at().Text, d.snapshot())
	}
	delete(core.fail, "EditText")
	// What cannot be done is said, and what was typed can be mended.
	d.press("Enter")
	d.page.entry.SetText("a\x01b")
	d.press("Enter")
	if d.top() == nil || d.page.entry == nil {
		t.Errorf("a control character is taken: %+v", d.snapshot())
	}
}

// The text of a page that somebody goes on to while the last correction is on its way is
// shown when that is done; before, nothing can be added to what is not there yet.
func TestTextAfterEdit(t *testing.T) {
	core := newFake(1, 8)
	d := onPage(t, core)
	var flying []func()
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	all := len(d.page.words)
	d.page.cursorTo(0)
	d.press("Enter")
	d.types("one", "PgDn")
	land := func(i int) {
		f := flying[i]
		flying = slices.Delete(flying, i, i+1)
		f()
	}
	for len(flying) > 1 { // all but the correction, which is slow
		land(1)
	}
	if d.page.at != 1 || len(d.page.waiting) != 1 || len(d.page.words) != 0 {
		t.Fatalf("%+v", d.snapshot())
	}
	if d.page.note.String() != "" {
		t.Errorf("of the page before it says %q", d.page.note)
	}
	if d.page.edit("add a line", "", ocr.AddLine(image.Rect(10, 10, 200, 40), 0, "alone")) || len(d.page.words) != 0 {
		t.Errorf("a line is added to a text that is not there: %+v", d.snapshot())
	}
	for len(flying) > 0 {
		land(0)
	}
	if s := d.snapshot(); d.edits() != 1 || len(d.page.words) < all/2 || s.Busy {
		t.Errorf("%d words are shown of page 2; %+v", len(d.page.words), s)
	}
}

// Whoever quits in the middle of a word is not told of work that is going on: the word is
// kept, and the window closes then.
func TestQuitWhileTyping(t *testing.T) {
	core := newFake(1, 8)
	d := onPage(t, core)
	closed := false
	d.win.SetOnClosed(func() { closed = true })
	var flying []func()
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	var patience []func()
	d.bridge.later = func(_ time.Duration, f func()) { patience = append(patience, f) }
	d.page.cursorTo(0)
	d.press("Enter")
	d.types("one", "Ctrl+Q")
	if d.top() != nil || closed || len(flying) != 1 {
		t.Fatalf("closed: %v; %+v", closed, d.snapshot())
	}
	patience[0]() // an archive that takes long over it
	if d.top() == nil || closed {
		t.Fatalf("after a moment nothing is asked; closed: %v; %+v", closed, d.snapshot())
	}
	d.press("Escape", "Ctrl+Q")
	flying[0]()
	if d.edits() != 1 || !closed {
		t.Errorf("%d edits, closed: %v; %+v", d.edits(), closed, d.snapshot())
	}
}

// The picture of another page is covered while that of this one is fetched.
func TestPictureIsFetched(t *testing.T) {
	d := onPage(t, newFake(1, 8))
	d.page.cache = pageCache{}
	var flying []func()
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	d.press("PgDn")
	if len(d.page.message.Objects) == 0 {
		t.Error("the picture of page 1 stands beside the text of page 2")
	}
	for len(flying) > 0 {
		f := flying[0]
		flying = flying[1:]
		f()
	}
	if len(d.page.message.Objects) != 0 || d.page.shownKey != viewKey(d.page.pages[1]) {
		t.Error("the picture of page 2 is covered")
	}
}

// Between Arrange and the page nobody loses the page that they are at.
func TestThereAndBack(t *testing.T) {
	d := onPage(t, newFake(1, 8))
	d.press("PgDn", "PgDn", "F4")
	want := d.page.pages[2].ID
	if got := d.arrange.chosen(); len(got) != 1 || got[0] != want {
		t.Errorf("Arrange has chosen %v, the page was %s", got, want)
	}
	d.press("F6")
	if p, _ := d.page.page(); p.ID != want {
		t.Errorf("back again the page is %d", p.Number)
	}
	d.press("F4", "Right", "F6")
	if p, _ := d.page.page(); p.ID != d.page.pages[3].ID {
		t.Errorf("chosen was page 4, shown is %d", p.Number)
	}
}

// Changes reach the archive one after the other, in their order, whatever else is slow;
// those that follow a failure are not made.
func TestCorrectionsWait(t *testing.T) {
	core := newFake(1, 8)
	d := onPage(t, core)
	var flying []func()
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	land := func() {
		f := flying[0]
		flying = flying[1:]
		f()
	}
	d.page.cursorTo(0)
	d.press("Enter")
	d.types("one", "Enter")
	d.press("Right", "Enter")
	d.types("two", "Enter")
	d.press("Right", "U")
	if len(flying) != 1 || d.page.words[1].Text != "two" || !d.snapshot().Busy {
		t.Fatalf("%d under way at once, shown is %q", len(flying), d.page.words[1].Text)
	}
	d.page.reload() // nothing older is shown meanwhile
	if d.page.words[0].Text != "one" {
		t.Error("looking again takes back what was typed")
	}
	land()
	if d.edits() != 1 || len(flying) != 1 {
		t.Errorf("%d edits, %d under way", d.edits(), len(flying))
	}
	core.fail["EditText"] = errors.New("the disk is gone")
	land()
	if d.top() == nil || !strings.Contains(d.lastError, "disk is gone") || len(d.page.waiting) != 0 {
		t.Fatalf("%+v", d.snapshot())
	}
	for len(flying) > 0 {
		land()
	}
	if d.page.words[0].Text != "one" || d.page.words[1].Text == "two" || d.page.words[2].Unreadable {
		t.Errorf("shown: %q %q %v", d.page.words[0].Text, d.page.words[1].Text, d.page.words[2].Unreadable)
	}
}

func TestPageDone(t *testing.T) {
	d := onPage(t, newFake(1, 3))
	n := d.snapshot().Doubtful
	d.press("Ctrl+Enter")
	if s := d.snapshot(); s.Number != 2 || d.edits() != 1 || !strings.HasPrefix(d.said, count(n, "doubtful word", "doubtful words")) {
		t.Errorf("%+v, %d edits", s, d.edits())
	}
	d.press("PgUp")
	if s := d.snapshot(); s.Doubtful != 0 || d.page.counts.checked != n {
		t.Errorf("%+v, %+v", s, d.page.counts)
	}
	d.press("Ctrl+Z")
	if d.snapshot().Doubtful != n {
		t.Error("not taken back")
	}
}

// The text as it was read can be looked at, not changed.
func TestRawText(t *testing.T) {
	d := onPage(t, newFake(1, 3))
	if d.reg.byID("text.raw").can() {
		t.Error("there is nothing to compare yet")
	}
	d.press("Alt+Down")
	word := d.at().Text
	d.press("Enter")
	d.types("x", "Enter", "T")
	if s := d.snapshot(); !s.Raw || d.at().Text != word || !strings.HasPrefix(d.page.note.String(), "As it was read") || d.reg.byID("text.edit").can() || d.reg.byID("text.done").can() {
		t.Errorf("%+v, %q", s, d.at().Text)
	}
	d.press("T")
	if d.snapshot().Raw || d.at().Text != "x" {
		t.Errorf("%+v", d.snapshot())
	}
}

// A missed word goes into its line, a missed line where it belongs.
func TestAddMissed(t *testing.T) {
	d := onPage(t, newFake(1, 3))
	d.press("Alt+Down", "L")
	if s := d.snapshot(); !s.Drawing || !strings.HasPrefix(d.page.head.String(), "Draw a box") || d.reg.byID("text.edit").can() {
		t.Fatalf("%+v, %q", s, d.page.head)
	}
	d.press("Esc")
	if s := d.snapshot(); s.Drawing || s.Screen != "page" || strings.HasPrefix(d.page.head.String(), "Draw") {
		t.Fatalf("Esc leaves it: %+v", s)
	}
	n := len(d.page.words)
	d.press("L")
	d.page.boxed(image.Rect(200, 1650, 500, 1690))
	if d.snapshot().Dialog != "add-line" {
		t.Fatalf("%+v", d.snapshot())
	}
	d.types("below all", "Enter")
	if w := d.at(); w.Text != "below" || !w.Added || len(d.page.words) != n+2 {
		t.Errorf("%+v, %d words", w, len(d.page.words)-n)
	}
	first := d.page.words[0].Box
	d.press("L")
	d.page.boxed(image.Rect(first.Min.X-100, first.Min.Y, first.Min.X-10, first.Max.Y))
	d.types("Anno", "Enter")
	if d.page.words[0].Text != "Anno" || d.page.text.Cursor() != 0 || d.page.places[1].Line != 0 || d.page.places[1].Word != 1 {
		t.Errorf("%q comes first; %q, %q", d.page.words[0].Text, d.at().Text, d.said)
	}
	if d.inArchive().Plain() != d.page.tree.Plain() {
		t.Error("the archive has something else")
	}
}

// A part is read again in the languages and the layout that are asked for.
func TestReadPart(t *testing.T) {
	core := newFake(1, 3)
	d := onPage(t, core)
	d.press("Alt+Down", "Ctrl+R")
	if d.snapshot().Dialog != "read-part" {
		t.Fatalf("%+v", d.snapshot())
	}
	d.win.Canvas().Focused().(*parts.Entry).SetText("deu+lat")
	d.press("Enter")
	if len(core.regions) != 1 || !strings.HasSuffix(core.regions[0], " deu+lat 7") {
		t.Fatalf("%q", core.regions)
	}
	if w := d.at(); w.Text != "REREAD" || d.edits() != 1 || d.inArchive().Plain() != d.page.tree.Plain() {
		t.Errorf("%+v", w)
	}
	d.press("R")
	if !d.snapshot().Drawing {
		t.Fatal("R draws nothing")
	}
	d.page.boxed(image.Rect(100, 100, 900, 700))
	d.press("Enter")
	if len(core.regions) != 2 || !strings.Contains(core.regions[1], "(100,100)-(900,700)") {
		t.Errorf("%q", core.regions)
	}
	core.fail["ReadRegion"] = ocr.ErrMissingLanguage
	d.press("Ctrl+R", "Enter")
	if m := d.top(); m == nil || m.id != "error" || d.page.reading {
		t.Errorf("%+v", d.snapshot())
	}
}

// Nothing can be corrected where the archive is only looked at.
func TestLookingCorrectsNothing(t *testing.T) {
	core := newFake(1, 3)
	d := newDesk(t, nil)
	d.window.use(core, opened{looking: true})
	d.core = core
	d.settle()
	d.press("F4", "Enter", "Alt+Down")
	for _, chord := range []string{"Enter", "Alt+Enter", "U", "M", "S", "Ctrl+Enter", "R", "L", "Ctrl+Z", "Shift+P", "Ctrl+H"} {
		d.press(chord)
		if s := d.snapshot(); s.Editing || s.Drawing || s.Dialog != "" || d.edits() != 0 {
			t.Errorf("%s: %+v", chord, s)
		}
	}
	if !strings.Contains(d.said, "only looked at") {
		t.Errorf("%q", d.said)
	}
}

// allOf lists an object and all that it is made of.
func allOf(o fyne.CanvasObject) []fyne.CanvasObject { return test.LaidOutObjects(o) }

func labelOf(o fyne.CanvasObject) string {
	if l, ok := o.(*widget.Label); ok {
		return l.Text
	}
	return ""
}
