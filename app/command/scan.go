package command

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"strconv"
	"strings"
	"time"

	"recto/app/workbench"
	"recto/scan"
)

// The verbs that capture: devices, scan, watch.

type devicesVerb struct {
	asJSON
	Options string   `placeholder:"ID" xor:"what" help:"Tell what this device has to set."`
	Forget  string   `placeholder:"ID" xor:"what" help:"Forget the certificate of this network scanner: it was reset, and the next one is to be trusted."`
	Set     []string `sep:"none" placeholder:"NAME=VALUE" help:"Set this first: it may change what else there is to set."`
}

func (devicesVerb) Help() string {
	return "Example:  recto devices\n" +
		"          recto devices --options sane:epson2:libusb:001:004 --set mode=Color\n\n" +
		"A network scanner that does not announce itself is named by hand: escl:http://10.0.0.7/eSCL"
}

func (v devicesVerb) Run(s *session) error {
	if v.Options != "" {
		set, err := parseSettings(v.Set)
		if err != nil {
			return err
		}
		options, err := workbench.DeviceOptions(s.ctx, v.Options, set)
		if err != nil {
			return err
		}
		s.optionLines(options)
		if s.json {
			s.print(map[string]any{"device": v.Options, "options": list(options), "failures": []failure{}})
		}
		return nil
	}
	if v.Forget != "" {
		if err := workbench.ForgetDevice(v.Forget); err != nil {
			return err
		}
		s.say("The certificate of %s is forgotten.", v.Forget)
		if s.json {
			s.print(map[string]any{"devices": []any{}, "failures": []failure{}})
		}
		return nil
	}
	found, err := workbench.Devices(s.ctx)
	if err != nil && s.ctx.Err() != nil {
		return err
	}
	failures := []failure{}
	if err != nil {
		failures = append(failures, s.failureOf("", err))
	}
	for _, d := range found {
		s.say("%s\n    %s", d.ID, strings.TrimSpace(d.Vendor+" "+d.Model+" "+d.Serial+" "+d.Note))
	}
	if len(found) == 0 {
		s.say("No device was found. A folder or a camera's folder needs none: recto import, recto watch.")
	}
	s.complain(failures)
	if s.json {
		s.print(map[string]any{"devices": list(found), "failures": failures})
	}
	return exit(0, len(failures) > 0)
}

func (v devicesVerb) nothing(_ *session, failures []failure) any {
	if v.Options != "" {
		return map[string]any{"device": v.Options, "options": []any{}, "failures": failures}
	}
	return map[string]any{"devices": []any{}, "failures": failures}
}

func (s *session) optionLines(options []scan.Option) {
	group := ""
	for _, o := range options {
		if o.Type == scan.Group {
			continue
		}
		if o.Group != group {
			group = o.Group
			s.say("%s", group)
		}
		takes := string(o.Type)
		switch {
		case len(o.Choices) > 0:
			takes = strings.Join(o.Choices, "|")
		case o.Range != nil:
			takes = fmt.Sprintf("%g..%g", o.Range.Min, o.Range.Max)
			if o.Range.Step != 0 {
				takes += fmt.Sprintf(" by %g", o.Range.Step)
			}
		}
		state := ""
		if o.Inactive {
			state = "  (not now)"
		} else if o.Fixed {
			state = "  (fixed)"
		}
		value := o.Value
		if n := strings.Count(value, ",") + 1; n > 8 { // a gamma table has thousands
			value = fmt.Sprintf("%d values", n)
		}
		s.say("  %-26s %-14s %s %s%s", o.Name, value, takes, o.Unit, state)
	}
}

// parseSettings reads NAME=VALUE flags.
func parseSettings(words []string) ([]scan.Setting, error) {
	var out []scan.Setting
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, usage("%q is not NAME=VALUE", w)
		}
		out = append(out, scan.Setting{Name: name, Value: value})
	}
	return out, nil
}

// onDevice is what is asked of a device.
type onDevice struct {
	Device     string   `placeholder:"ID" help:"The device (see recto devices); without it the profile's."`
	Profile    string   `placeholder:"NAME" help:"Capture profile (see recto profile list); without it the batch's."`
	Source     string   `placeholder:"S" help:"flatbed, adf, duplex, or in the device's own words."`
	Mode       string   `placeholder:"M" help:"color, gray, lineart, or in the device's own words."`
	Depth      depth    `placeholder:"N" help:"Bits a sample: 1, 8 or 16."`
	Resolution dots     `placeholder:"DPI" help:"Dots an inch."`
	Area       area     `placeholder:"X,Y,W,H" help:"Part of the glass in millimetres."`
	Option     []string `sep:"none" placeholder:"NAME=VALUE" help:"Any other option of the device (see recto devices --options ID)."`
}

func (o onDevice) ticket() (scan.Ticket, error) {
	set, err := parseSettings(o.Option)
	return scan.Ticket{Device: o.Device, Source: o.Source, Mode: o.Mode, Depth: int(o.Depth), DPI: float64(o.Resolution), Area: scan.Area(o.Area), Options: set}, err
}

type scanVerb struct {
	inArchive
	onDevice
	Batch   string `placeholder:"NAME" help:"Name or ID of the batch; one that is not there is made; without it a new one."`
	Sheets  sheets `placeholder:"N" help:"Stop after so many sheets; without it one from a glass, all from a feeder."`
	After   string `placeholder:"PAGE" xor:"place" help:"Put the pages behind this one."`
	Before  string `placeholder:"PAGE" xor:"place" help:"Put the pages in front of this one."`
	First   bool   `xor:"place" help:"Put the pages to the start of the batch."`
	Replace string `placeholder:"PAGE" xor:"place" help:"Scan this page anew: the old one goes to the bin, the new one takes its place and label."`
	Label   string `placeholder:"L" help:"Folio or page label of the first page: 1r, iv, 12bis; those after it follow."`
	Fronts  bool   `xor:"side" help:"Duplex by hand, first part: the fronts of all sheets."`
	Preview string `placeholder:"FILE" help:"Only have a quick look, into this PNG file; nothing is kept."`
	Backs   bool   `xor:"side" help:"Duplex by hand, second part: the pile turned over, the last sheet first; the backs are put between the fronts."`
}

func (scanVerb) Help() string {
	return "Example:  recto scan --archive ~/archive --device sane:test:0 --profile Letters --batch 'HStA 12/7'\n\n" +
		"Each page is safe on the disk before it is told. What was scanned before an error stays; scan again to go on with the next sheet."
}

func (v scanVerb) Run(s *session) error {
	t, err := v.ticket()
	if err != nil {
		return err
	}
	t.Sheets = int(v.Sheets)
	if v.Replace != "" && t.Sheets > 1 {
		return usage("--replace scans one sheet anew; leave --sheets out")
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	b, err := w.Batch(s.ctx, v.Batch)
	if v.Batch != "" && err != nil && !errors.Is(err, workbench.ErrNotFound) {
		return err
	}
	if v.Preview != "" {
		return v.preview(s, w, workbench.CaptureRequest{Batch: b.ID, Profile: v.Profile, Ticket: t})
	}
	r := workbench.CaptureRequest{Batch: b.ID, New: batchToMake(v.Batch, v.Profile), Profile: v.Profile, Ticket: t, After: scan.PageID(v.After), First: v.First,
		Replace: scan.PageID(v.Replace), Label: v.Label, Captured: s.captured()}
	if v.Before != "" {
		before, err := w.Page(s.ctx, scan.PageID(v.Before))
		if err != nil {
			return err
		}
		if before.Batch != b.ID {
			return workbench.About(v.Before, fmt.Errorf("%w: page %s is in another batch", workbench.ErrUsage, v.Before))
		}
		if r.After, err = w.PageBefore(s.ctx, before.ID, []scan.PageID{before.ID}); err != nil {
			return err
		}
		r.First = r.After == ""
	}
	switch {
	case v.Fronts:
		r.Side = scan.Front
	case v.Backs:
		r.Side = scan.Back
	}
	p, stop := s.watch()
	got, err := w.Capture(s.ctx, r, p)
	stop()
	return s.tellCapture(w, got, err, false)
}

// preview has a quick look at what lies on the glass.
func (v scanVerb) preview(s *session, w *workbench.Workbench, r workbench.CaptureRequest) error {
	t, err := w.Orders(s.ctx, r)
	if err != nil {
		return err
	}
	img, err := w.PreviewScan(s.ctx, t)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(v.Preview, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return workbench.About(v.Preview, fmt.Errorf("%w: %w", workbench.ErrUsage, err))
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		return workbench.About(v.Preview, err)
	}
	s.say("A quick look is in %s; nothing was kept.", scan.Path(v.Preview).Line())
	if s.json {
		out := noCapture([]failure{}).(map[string]any)
		out["preview"] = scan.Path(v.Preview).String()
		s.print(out)
	}
	return nil
}

func (scanVerb) nothing(_ *session, failures []failure) any { return noCapture(failures) }

func noCapture(failures []failure) any {
	return map[string]any{"batch": nil, "pages": []any{}, "failures": failures, "concerns": []any{}, "notes": []any{}, "divided": 0}
}

// batchToMake describes the batch that pages go into where there is none.
func batchToMake(name, profile string) *workbench.BatchRequest {
	if name == "" {
		name = "Scan " + time.Now().Format("2006-01-02 15.04.05.000")
	}
	r := &workbench.BatchRequest{Shelfmark: &name}
	if profile != "" && profile != "-" {
		r.Profile = &profile
	}
	return r
}

// captured tells a log of each page that is safe.
func (s *session) captured() func(workbench.PageInfo) {
	if s.tty {
		return nil
	}
	return func(p workbench.PageInfo) { s.note("captured %s %s", p.ID, p.Origin.Path.Line()) }
}

// tellCapture tells what became of a run. Without a single page it is a failure,
// unless nothing had to come.
func (s *session) tellCapture(w *workbench.Workbench, got workbench.CaptureResult, err error, mayBeEmpty bool) error {
	failures := s.viewRejects(got.Rejects)
	code := 0
	if err != nil {
		failures = append(failures, s.failureOf("", err))
		code = workbench.Explain(err).Exit
	}
	pages, concerns := []pageView{}, []pageView{}
	if err := w.Those(context.WithoutCancel(s.ctx), got.Batch.ID, got.Added, func(page workbench.PageInfo) error {
		pages = append(pages, viewPage(page))
		s.pageLine(page)
		return nil
	}); err != nil {
		return err
	}
	for _, p := range got.Concerns {
		concerns = append(concerns, viewPage(p))
		for _, c := range p.Concerns {
			s.note("LOOK    page %d (%s): %s", p.Number, p.ID, c.Words)
		}
	}
	s.complain(failures)
	for _, n := range got.Notes {
		s.say("%s", n)
	}
	if got.Divided > 0 {
		s.say("%s.", began(got.Divided))
	}
	var batch any
	if got.Batch.ID != "" {
		batch = viewBatch(got.Batch)
		s.say("Batch %s: %s captured; it has %s.", quoted(got.Batch.Name), workbench.Plural(len(pages), "page"), got.Batch.Short())
	} else {
		s.say("Nothing was captured, and no batch was made.")
	}
	if s.json {
		s.print(map[string]any{"batch": batch, "pages": pages, "failures": failures, "concerns": concerns, "notes": list(got.Notes), "divided": got.Divided})
	}
	return exit(code, len(failures) > 0 || len(pages) == 0 && !mayBeEmpty)
}

func began(units int) string {
	if units == 1 {
		return "1 unit was found to begin"
	}
	return fmt.Sprintf("%d units were found to begin", units)
}

type watchVerb struct {
	inArchive
	Folder string  `arg:"" name:"folder" help:"The folder that a camera or a network scanner puts its files into."`
	Batch  string  `required:"" placeholder:"NAME" help:"Name or ID of the batch; one that is not there is made."`
	Idle   seconds `placeholder:"SECONDS" help:"Leave when nothing has come and nothing is awaited for so long; without it watch until Ctrl-C."`
	Settle seconds `placeholder:"SECONDS" help:"How long a file must not have changed to be taken for complete; without it 2."`
}

func (watchVerb) Help() string {
	return "Example:  recto watch --archive ~/archive --batch 'HStA 12/7' /media/camera\n\n" +
		"A file is taken when it is complete: its size has settled and it decodes to its end. A file that is known is not taken twice, also when it was renamed; a copy beside it is a page of its own, and told of. " +
		"Nothing in the folder is changed, moved or deleted. Ctrl-C ends the watch; the same command goes on with it."
}

func (v watchVerb) Run(s *session) error {
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	if err := workbench.Watchable(scan.Path(v.Folder)); err != nil { // no batch is made for nothing
		return err
	}
	b, err := w.Batch(s.ctx, v.Batch)
	if errors.Is(err, workbench.ErrNotFound) {
		b, err = w.CreateBatch(s.ctx, *batchToMake(v.Batch, ""))
	}
	if err != nil {
		return err
	}
	var said awaitedWords
	time := func(n seconds) time.Duration { return time.Duration(float64(n) * float64(time.Second)) }
	p, stop := s.watch()
	got, err := w.Watch(s.ctx, workbench.WatchRequest{Batch: b.ID, Folder: scan.Path(v.Folder), Idle: time(v.Idle), Settle: time(v.Settle), Captured: s.captured(),
		Status: func(st workbench.WatchStatus) {
			if words := said.of(st); words != "" {
				s.note("%s", words)
			}
		}}, p)
	stop()
	if got.Batch.ID == "" {
		got.Batch = b
	}
	return s.tellCapture(w, got, err, true)
}

// awaitedWords tells how a watch stands, each thing once for as long as it lasts: of a
// hundred files that are awaited nobody wants to read again when one more is.
type awaitedWords struct {
	problem string
	slow    []string
	begun   bool
}

// of gives the words for a status; empty where there is nothing new.
func (a *awaitedWords) of(st workbench.WatchStatus) string {
	before := *a
	if a.problem = st.Problem; a.problem != "" {
		if a.problem == before.problem {
			return ""
		}
		a.begun = true
		return a.problem + ". Connect its drive, or mend its name or your right to read it; the watch goes on by itself then"
	}
	a.slow = st.Slow
	told := map[string]bool{}
	if before.problem == "" {
		for _, line := range before.slow {
			told[line] = true
		}
	}
	var fresh []string
	for _, line := range st.Slow {
		if !told[line] {
			fresh = append(fresh, line)
		}
	}
	switch {
	case len(fresh) > 0:
		a.begun = true
		return "Awaited, and taken once complete:\n  " + strings.Join(fresh, "\n  ")
	case len(a.slow) == 0 && a.begun:
		a.begun = false
		return "Nothing is awaited now; watching."
	}
	return ""
}

func (watchVerb) nothing(_ *session, failures []failure) any { return noCapture(failures) }

// area is a part of the glass: X,Y,WIDTH,HEIGHT in millimetres. Empty is all of it.
type area scan.Area

// UnmarshalText is for kong.
func (a *area) UnmarshalText(text []byte) error {
	s := string(text)
	if strings.TrimSpace(s) == "" {
		*a = area{}
		return nil
	}
	parts := strings.Split(s, ",")
	if len(parts) != 4 {
		return fmt.Errorf("wants X,Y,WIDTH,HEIGHT in millimetres, not %q", s)
	}
	var v [4]float64
	for i, p := range parts {
		n, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || !(n >= 0 && n <= 10_000) {
			return fmt.Errorf("wants X,Y,WIDTH,HEIGHT in millimetres, not %q", s)
		}
		v[i] = n
	}
	if v[2] == 0 || v[3] == 0 {
		return fmt.Errorf("%q has no width or no height; leave it out for all of the glass", s)
	}
	*a = area{v[0], v[1], v[2], v[3]}
	return nil
}
