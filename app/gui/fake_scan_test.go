package gui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"recto/app/job"
	"recto/app/workbench"
	"recto/archive"
	"recto/archive/coversheet"
	"recto/scan"
)

// fakeScanner is a scanner that does what its script says.
type fakeScanner struct {
	devices    []scan.Device
	devicesErr error
	options    []scan.Option
	optionsErr error
	script     []fakeRun // one a run; after the last: one sheet each
	hold       chan struct{}
	requests   []workbench.CaptureRequest
	set        []scan.Setting // that the device was asked with last
	profiles   []archive.Profile
	word       string
	units      []archive.Unit
	made       int
	noLook     bool // the quick look takes for ever
	watch      []workbench.WatchStatus
}

// fakeRun is what one pressing of the button gives.
type fakeRun struct {
	sheets int
	err    error
	odd    scan.ConcernKind // of the last sheet
	notes  []string
}

func withScanner(f *fakeCore) *fakeCore {
	f.scanner = fakeScanner{
		devices: []scan.Device{{ID: "sane:epson2:libusb:001:004", Kind: "sane", Vendor: "Epson", Model: "GT-20000"}, {ID: "escl:http://10.0.0.7/eSCL", Kind: "escl", Vendor: "Brother", Model: "ADS-3600W", Note: "asleep"}},
		options: []scan.Option{
			{Name: "source", Title: "Scan source", Group: "Standard", Type: scan.Text, Choices: []string{"Flatbed", "Automatic Document Feeder"}, Value: "Flatbed"},
			{Name: "mode", Title: "Scan mode", Group: "Standard", Type: scan.Text, Choices: []string{"Lineart", "Gray", "Color"}, Value: "Color"},
			{Name: "resolution", Title: "Resolution", Group: "Standard", Type: scan.Integer, Unit: "dpi", Range: &scan.Range{Min: 75, Max: 1200, Step: 25}, Value: "300"},
			{Name: "preview-fast", Title: "Fast preview", Group: "Standard", Type: scan.Switch, Value: "no"},
			{Name: "brightness", Title: "Brightness", Group: "Enhancement", Type: scan.Number, Unit: "%", Range: &scan.Range{Min: -100, Max: 100}, Value: "0", Advanced: true},
			{Name: "gamma", Title: "Gamma table", Group: "Enhancement", Type: scan.Integer, Length: 4, Value: "0,80,170,255", Advanced: true},
			{Name: "firmware", Title: "Firmware", Group: "Enhancement", Type: scan.Text, Value: "1.02", Fixed: true},
		},
		profiles: archive.ShippedProfiles(),
	}
	return f
}

func (f *fakeCore) Devices(ctx context.Context) ([]scan.Device, error) {
	if err := f.step(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.did("Devices")
	return slices.Clone(f.scanner.devices), f.scanner.devicesErr
}

func (f *fakeCore) DeviceOptions(_ context.Context, device string, set []scan.Setting) ([]scan.Option, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.did("DeviceOptions"); err != nil {
		return nil, err
	}
	if f.scanner.optionsErr != nil {
		return nil, f.scanner.optionsErr
	}
	f.scanner.set = slices.Clone(set)
	out := slices.Clone(f.scanner.options)
	for _, s := range set {
		for i := range out {
			if out[i].Name != s.Name {
				continue
			}
			if r := out[i].Range; r != nil && out[i].Length < 2 {
				v, err := strconv.ParseFloat(s.Value, 64)
				if err != nil || v < r.Min || v > r.Max {
					return nil, fmt.Errorf("%s = %q: %w", s.Name, s.Value, scan.ErrOption)
				}
			}
			out[i].Value = s.Value
		}
	}
	return out, nil
}

func (f *fakeCore) PreviewScan(ctx context.Context, t scan.Ticket) (image.Image, error) {
	if err := f.step(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return image.NewGray(image.Rect(0, 0, 210, 297)), f.did("PreviewScan")
}

// place is where a page stands in a batch, -1: nowhere.
func (b *fakeBatch) place(id scan.PageID) int {
	return slices.IndexFunc(b.pages, func(p workbench.PageInfo) bool { return p.ID == id })
}

func (f *fakeCore) Capture(ctx context.Context, r workbench.CaptureRequest, p *job.Progress) (res workbench.CaptureResult, err error) {
	f.mu.Lock()
	f.scanner.requests = append(f.scanner.requests, r)
	err = f.did("Capture")
	run := fakeRun{sheets: 1}
	if len(f.scanner.script) > 0 {
		run, f.scanner.script = f.scanner.script[0], f.scanner.script[1:]
	}
	b := f.batches[r.Batch]
	hold := f.scanner.hold
	at := len(b.pages)
	label := f.following(b)
	switch {
	case r.First:
		at = 0
	case r.After != "":
		at = b.place(r.After) + 1
	case r.Replace != "":
		at = b.place(r.Replace)
	}
	if at < len(b.pages) {
		label = ""
	}
	if r.Label != "" {
		label = r.Label
	}
	f.mu.Unlock()
	if err != nil {
		return res, err
	}
	p.Stage("Scanning", 0)
	for n := range run.sheets {
		if err = f.step(ctx); err != nil {
			break
		}
		if hold != nil {
			select {
			case <-hold:
			case <-ctx.Done():
			}
			if err = ctx.Err(); err != nil {
				break
			}
		}
		f.mu.Lock()
		f.scanner.made++
		pg := workbench.PageInfo{Page: scan.Page{ID: scan.PageID(fmt.Sprintf("%s-s%04d", b.info.Name, f.scanner.made)), Batch: r.Batch, Pixels: image.Pt(1240, 1754), DPI: 150, Label: label,
			Origin: scan.Origin{Capture: &scan.Capture{Side: r.Side, Sheet: n + 1}}}, State: scan.New}
		label = archive.NextLabel(label)
		if r.Replace != "" {
			old := b.pages[at]
			pg.Label, pg.Replaces = old.Label, old.ID
			b.bin = append(b.bin, old)
			b.pages[at] = pg
		} else {
			b.pages = slices.Insert(b.pages, at, pg)
			at++
		}
		b.moved = time.Now()
		f.number(b)
		i := b.place(pg.ID)
		shown := b.pages[i]
		res.Added = append(res.Added, pg.ID)
		f.mu.Unlock()
		p.Step()
		if r.Captured != nil {
			r.Captured(shown)
		}
		if f.scanner.noLook {
			continue
		}
		f.mu.Lock()
		look := &b.pages[b.place(pg.ID)]
		look.Inspection = &scan.Inspection{Sharpness: 0.82, Skew: 0.4, By: "fake"}
		if run.odd != "" && n == run.sheets-1 {
			look.Concerns = []scan.Concern{{Kind: run.odd, Words: "412 mm long; the others are 297 mm."}}
			look.Inspection.Blank = run.odd == scan.SuspectBlank
			res.Concerns = append(res.Concerns, *look)
		}
		shown = *look
		f.mu.Unlock()
		if r.Inspected != nil {
			r.Inspected(shown)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		err = run.err
	}
	res.Notes = run.notes
	if r.Side == scan.Back && err == nil {
		if d := f.piles(b); d.Fronts > 0 && d.Fronts == d.Backs {
			f.weave(b, d)
			res.Notes = append(res.Notes, fmt.Sprintf("%d backs were put between %d fronts", d.Backs, d.Fronts))
		}
	}
	res.Batch = f.info(b)
	return res, err
}

func (f *fakeCore) piles(b *fakeBatch) (d workbench.DuplexState) {
	side := func(i int) scan.Side {
		if c := b.pages[i].Origin.Capture; c != nil {
			return c.Side
		}
		return ""
	}
	i := len(b.pages) - 1
	for ; i >= 0 && side(i) == scan.Back; i-- {
		d.Backs++
	}
	for ; i >= 0 && side(i) == scan.Front; i-- {
		d.Fronts++
	}
	return d
}

// weave puts the backs between the fronts; their side is forgotten, so that the
// next pile begins anew.
func (f *fakeCore) weave(b *fakeBatch, d workbench.DuplexState) {
	start := len(b.pages) - d.Fronts - d.Backs
	fronts, backs := slices.Clone(b.pages[start:start+d.Fronts]), slices.Clone(b.pages[start+d.Fronts:])
	slices.Reverse(backs)
	b.pages = b.pages[:start]
	for i := range max(len(fronts), len(backs)) {
		for _, pile := range [][]workbench.PageInfo{fronts, backs} {
			if i < len(pile) {
				pile[i].Origin.Capture = nil
				b.pages = append(b.pages, pile[i])
			}
		}
	}
	f.number(b)
}

func (f *fakeCore) Watch(ctx context.Context, r workbench.WatchRequest, _ *job.Progress) (workbench.CaptureResult, error) {
	f.mu.Lock()
	err := f.did("Watch")
	states, hold := f.scanner.watch, f.scanner.hold
	f.mu.Unlock()
	if err != nil {
		return workbench.CaptureResult{}, err
	}
	for _, s := range states {
		r.Status(s)
	}
	if hold != nil {
		<-ctx.Done()
	}
	return workbench.CaptureResult{}, nil
}

func (f *fakeCore) Duplex(_ context.Context, id scan.BatchID) (workbench.DuplexState, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.piles(f.batches[id]), f.did("Duplex")
}

func (f *fakeCore) Tail(_ context.Context, id scan.BatchID, n int) ([]workbench.PageInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.batches[id]
	return slices.Clone(b.pages[max(len(b.pages)-n, 0):]), f.did(fmt.Sprintf("Tail %d", n))
}

func (f *fakeCore) following(b *fakeBatch) string {
	if len(b.pages) == 0 {
		return b.info.Series
	}
	return archive.NextLabel(b.pages[len(b.pages)-1].Label)
}

func (f *fakeCore) NextLabel(_ context.Context, id scan.BatchID) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.following(f.batches[id]), f.did("NextLabel")
}

func (f *fakeCore) Versions(_ context.Context, id scan.PageID) ([]workbench.PageInfo, error) {
	var out []workbench.PageInfo
	for id != "" {
		p, ok := f.find(id)
		if !ok {
			return out, workbench.ErrNotFound
		}
		out = append(out, p)
		id = p.Replaces
	}
	return out, f.did("Versions")
}

func (f *fakeCore) Profiles(context.Context) ([]archive.Profile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.scanner.profiles), f.did("Profiles")
}

func (f *fakeCore) SaveProfile(_ context.Context, p archive.Profile, word string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.scanner.profiles, func(q archive.Profile) bool { return q.Name == p.Name })
	if (p.Locked || (i >= 0 && f.scanner.profiles[i].Locked)) && (f.scanner.word == "" || word != f.scanner.word) {
		return fmt.Errorf("%w: that is not the supervisor's word", workbench.ErrLocked)
	}
	if i < 0 {
		f.scanner.profiles = append(f.scanner.profiles, p)
	} else {
		f.scanner.profiles[i] = p
	}
	return f.did("SaveProfile")
}

func (f *fakeCore) RemoveProfile(_ context.Context, name, word string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scanner.profiles = slices.DeleteFunc(f.scanner.profiles, func(q archive.Profile) bool { return q.Name == name })
	return f.did("RemoveProfile")
}

func (f *fakeCore) SetSupervisor(_ context.Context, old, word string) error {
	if old != f.scanner.word {
		return workbench.ErrLocked
	}
	f.scanner.word = word
	return nil
}

func (f *fakeCore) HasSupervisor(context.Context) (bool, error) { return f.scanner.word != "", nil }

func (f *fakeCore) CreateBatch(_ context.Context, r workbench.BatchRequest) (workbench.BatchInfo, error) {
	f.mu.Lock()
	err := f.did("CreateBatch")
	name := *r.Shelfmark
	if name == "" {
		name = *r.Title
	}
	id := scan.BatchID("b-" + name)
	if f.batches[id] != nil {
		err = workbench.ErrTaken
	}
	if err != nil {
		f.mu.Unlock()
		return workbench.BatchInfo{}, err
	}
	f.batches[id] = &fakeBatch{info: archive.Batch{ID: id, Name: name, Created: time.Now()}, moved: time.Now()}
	f.order = append(f.order, id)
	f.mu.Unlock()
	return f.DescribeBatch(context.Background(), id, r)
}

func (f *fakeCore) DescribeBatch(_ context.Context, id scan.BatchID, r workbench.BatchRequest) (workbench.BatchInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.batches[id]
	text := func(to, from *string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	if r.Profile != nil && *r.Profile != b.info.Profile {
		for _, p := range f.scanner.profiles {
			if p.Name == *r.Profile {
				b.info.Sides, b.info.Series = max(p.Sides, 1), p.Series
			}
		}
	}
	text(&b.info.Shelfmark, r.Shelfmark)
	text(&b.info.Title, r.Title)
	text(&b.info.Container, r.Container)
	text(&b.info.Profile, r.Profile)
	text(&b.info.Series, r.Series)
	if r.Expected != nil {
		b.info.Expected = *r.Expected
	}
	if r.Sides != nil {
		b.info.Sides = *r.Sides
	}
	return f.info(b), f.did("DescribeBatch")
}

func (f *fakeCore) SignBatch(_ context.Context, id scan.BatchID, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.batches[id]
	b.sign = nil
	if reason != "" {
		b.sign = &archive.Signed{Batch: id, Count: f.info(b).Count(), Reason: reason}
	}
	return f.did("SignBatch")
}

func (f *fakeCore) Batch(_ context.Context, name string) (workbench.BatchInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.did("Batch"); err != nil {
		return workbench.BatchInfo{}, err
	}
	b := f.batches[scan.BatchID(name)]
	if b == nil {
		return workbench.BatchInfo{}, workbench.ErrNotFound
	}
	return f.info(b), nil
}

func (f *fakeCore) LabelPages(_ context.Context, ids []scan.PageID, first string) error {
	return f.change("LabelPages", ids, "label", func(b *fakeBatch) {
		for _, id := range ids {
			b.pages[b.place(id)].Label = first
			first = archive.NextLabel(first)
		}
	})
}

func (f *fakeCore) AcceptPages(_ context.Context, ids []scan.PageID, reason string) error {
	return f.change("AcceptPages", ids, "accept", func(b *fakeBatch) {
		for _, id := range ids {
			b.pages[b.place(id)].Reviewed = reason
		}
	})
}

func (f *fakeCore) Review(_ context.Context, id scan.BatchID) ([]workbench.PageInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []workbench.PageInfo
	for _, p := range f.batches[id].pages {
		if len(p.Concerns) > 0 && p.Reviewed == "" {
			out = append(out, p)
		}
	}
	return out, f.did("Review")
}

func (f *fakeCore) ReplacePage(_ context.Context, old, page scan.PageID) error {
	return f.change("ReplacePage", []scan.PageID{old, page}, "replace", func(b *fakeBatch) {
		p := b.pages[b.place(page)]
		b.pages = slices.Delete(b.pages, b.place(page), b.place(page)+1)
		i := b.place(old)
		p.Label, p.Replaces = b.pages[i].Label, old
		b.bin = append(b.bin, b.pages[i])
		b.pages[i] = p
	})
}

func (f *fakeCore) ReversePages(_ context.Context, ids []scan.PageID) error {
	return f.change("ReversePages", ids, "reverse", func(b *fakeBatch) {
		in, _ := pick(b.pages, ids)
		slices.Reverse(in)
		for i := range b.pages {
			if slices.Contains(ids, b.pages[i].ID) {
				b.pages[i], in = in[0], in[1:]
			}
		}
	})
}

func (f *fakeCore) Interleave(_ context.Context, id scan.BatchID) (string, error) {
	f.mu.Lock()
	b := f.batches[id]
	d := f.piles(b)
	f.mu.Unlock()
	if d.Backs == 0 {
		return "", fmt.Errorf("%w: there are no backs at the end", workbench.ErrUsage)
	}
	return fmt.Sprintf("%d backs were put between %d fronts", d.Backs, d.Fronts),
		f.change("Interleave", []scan.PageID{b.pages[0].ID}, "interleave", func(b *fakeBatch) { f.weave(b, d) })
}

// Separate begins a unit at every page that carries a code.
func (f *fakeCore) Separate(_ context.Context, id scan.BatchID) (out workbench.CaptureResult, err error) {
	err = f.change("Separate", []scan.PageID{f.batches[id].pages[0].ID}, "divide", func(b *fakeBatch) {
		for i, p := range b.pages {
			if p.Inspection != nil && len(p.Inspection.Codes) > 0 && p.Start == nil {
				b.pages[i].Start = &archive.Start{Cause: "code", Code: p.Inspection.Codes[0].Text}
				out.Divided++
			}
		}
	})
	return out, err
}

func (f *fakeCore) SplitAt(_ context.Context, page scan.PageID, s archive.Start) error {
	return f.change("SplitAt", []scan.PageID{page}, "split", func(b *fakeBatch) { b.pages[b.place(page)].Start = &s })
}

func (f *fakeCore) MergeAt(_ context.Context, page scan.PageID) error {
	return f.change("MergeAt", []scan.PageID{page}, "merge", func(b *fakeBatch) { b.pages[b.place(page)].Start = nil })
}

func (f *fakeCore) Units(context.Context) ([]archive.Unit, error) { return f.scanner.units, nil }

func (f *fakeCore) PlanUnits(_ context.Context, units []archive.Unit) ([]archive.Unit, error) {
	f.scanner.units = append(f.scanner.units, units...)
	return units, f.did("PlanUnits")
}

func (f *fakeCore) PlanList(_ context.Context, file string) ([]archive.Unit, []string, error) {
	b, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer b.Close()
	l, err := coversheet.ReadCSV(b)
	if err != nil {
		return nil, nil, workbench.About(file, err)
	}
	f.scanner.units = append(f.scanner.units, l.Units...)
	return l.Units, l.Notes, f.did("PlanList")
}

func (f *fakeCore) SaveCoverSheets(_ context.Context, path string, names []string, o workbench.SheetOptions) ([]archive.Unit, []string, error) {
	if err := f.did("SaveCoverSheets"); err != nil {
		return nil, nil, err
	}
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, nil, workbench.ErrFileThere
	}
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(to, "%%PDF-fake %v %s", names, o.Paper)
	return nil, []string{"A note of the sheets."}, to.Close()
}
