package gui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/scan"
)

// targetState is what is known of the device that scans.
type targetState int

const (
	targetUnknown targetState = iota
	targetLooking
	targetReady
	targetBusy
	targetOffline
)

// target is the device that was chosen, with what was set on it.
type target struct {
	id, name string
	chosen   bool           // in this session: it goes before the profile's, where that is not locked
	set      []scan.Setting // by hand, in order
	setFor   string         // device that they belong to
	known    targetState
	asked    string // the device that known is about
	slot     slot
}

func (t *target) heard(s targetState) { t.known = s }

// device is what the next sheet comes from: the profile's, or the one chosen.
func (s *captureScreen) device() (id, name string) {
	p, ok := s.profile()
	if ok && p.Device != "" && (p.Locked || !s.target.chosen) {
		if p.Device == s.target.id && s.target.name != "" {
			return p.Device, s.target.name
		}
		return p.Device, p.Device
	}
	if s.target.id != "" && s.target.name == "" {
		return s.target.id, s.target.id
	}
	return s.target.id, s.target.name
}

// ticket is what the device is asked for beyond what the profile says.
func (s *captureScreen) ticket() scan.Ticket {
	p, ok := s.profile()
	id, _ := s.device()
	t := scan.Ticket{Device: id}
	if (!ok || !p.Locked) && s.target.setFor == id {
		t.Options = s.target.set
	}
	return t
}

// choose takes a device with its settings.
func (s *captureScreen) choose(d scan.Device, set []scan.Setting) {
	s.target.id, s.target.name, s.target.chosen = d.ID, deviceName(d), true
	s.target.set, s.target.setFor = set, d.ID
	s.failure = nil // of another device, or of other settings
	s.w.cfg.Prefs.SetString(prefDevice, d.ID)
	s.w.cfg.Prefs.SetString(prefDeviceName, s.target.name)
	s.probe(true)
	s.fill()
}

// deviceName is a device as people call it.
func deviceName(d scan.Device) string {
	name := strings.TrimSpace(d.Vendor + " " + d.Model)
	if strings.HasPrefix(strings.ToLower(d.Model), strings.ToLower(d.Vendor)) {
		name = strings.TrimSpace(d.Model)
	}
	if name == "" {
		name = d.ID
	}
	return name
}

// probe asks the device beside the UI whether it is there; again even if it was
// asked before.
func (s *captureScreen) probe(again bool) {
	id, _ := s.device()
	core := s.w.core
	if core == nil || s.run != nil || id == "" || (!again && s.target.asked == id && s.target.known != targetOffline) {
		return
	}
	if s.target.slot.busy && s.target.asked == id {
		return
	}
	s.target.asked, s.target.known = id, targetLooking
	load(s.w.bridge, &s.target.slot, func(ctx context.Context) (struct{}, error) {
		_, err := core.DeviceOptions(ctx, id, nil)
		return struct{}{}, err
	}, func(_ struct{}, err error) {
		switch {
		case cancelled(err):
			return
		case err == nil:
			s.target.known = targetReady
		case errors.Is(err, scan.ErrDeviceBusy):
			s.target.known = targetBusy
		default:
			s.target.known = targetOffline
		}
		s.fill()
	})
	s.fillSide()
}

// deviceState is the dot with its word.
func (s *captureScreen) deviceState() badge {
	id, _ := s.device()
	switch {
	case s.run != nil && s.run.folder == "":
		return badge{iconDot, "Scanning", parts.Accent}
	case s.previewSlot.busy:
		return badge{iconDot, "Scanning", parts.Accent}
	case id == "":
		return badge{theme.RadioButtonIcon(), "No device yet", parts.Muted}
	}
	if id != s.target.asked {
		return badge{theme.RadioButtonIcon(), "Not asked", parts.Muted}
	}
	switch s.target.known {
	case targetReady:
		return badge{iconDot, "Ready", parts.Good}
	case targetBusy:
		return badge{theme.HistoryIcon(), "Busy", parts.Warn}
	case targetOffline:
		return badge{theme.RadioButtonIcon(), "Offline", parts.Muted}
	case targetLooking:
		return badge{theme.RadioButtonIcon(), "Looking…", parts.Muted}
	}
	return badge{theme.RadioButtonIcon(), "Not asked", parts.Muted}
}

func (s *captureScreen) dump(d *state) {
	d.Count, d.Cursor = len(s.strip), s.grid.Selected.Cursor()
	d.Busy = d.Busy || s.slot.busy || s.viewSlot.busy || s.target.slot.busy || s.profileSlot.busy || s.compareSlot.busy || s.duplex.slot.busy
	_, device := s.device()
	c := &stateCapture{Count: countState(s.batch).word, Device: device, Dot: s.deviceState().word, Profile: s.batch.Profile, Label: s.nextLabel(),
		Running: s.run != nil, Progress: s.progress.String(), Caption: s.caption.String(), Preview: s.preview, Compare: s.comparing}
	if s.of != "" {
		c.Counter = s.counter()
	}
	for _, p := range s.strip {
		c.Strip = append(c.Strip, string(p.ID))
	}
	if s.pictured.ID != "" {
		d.Page, d.Number = string(s.pictured.ID), s.pictured.Number
		for _, b := range sheetBadges(s.pictured) {
			c.Badges = append(c.Badges, b.word)
		}
	}
	switch s.duplex.step {
	case duplexFronts:
		c.Duplex = fmt.Sprintf("fronts %d", s.duplex.state.Fronts)
	case duplexBacks:
		c.Duplex = fmt.Sprintf("backs %d of %d", s.duplex.state.Backs, s.duplex.state.Fronts)
	}
	if s.run != nil {
		c.Watching = string(s.run.folder)
	}
	if s.failure != nil {
		c.Trouble, d.Error = s.w.cfg.Explain(s.failure).Title, s.failure.Error()
	}
	if s.err != nil {
		d.Error = s.err.Error()
	}
	d.Ready, d.Capture = s.canScan(), c
}
