package gui

import (
	"context"

	"recto/app/gui/parts"
	"recto/app/workbench"
)

// lookQuickly shows what lies on the glass; nothing is kept.
func (s *captureScreen) lookQuickly() {
	core, t := s.w.core, s.ticket()
	if p, ok := s.profile(); ok {
		if t.Source == "" {
			t.Source = p.Source
		}
		if t.Mode == "" {
			t.Mode = p.Mode
		}
	}
	s.leaveLooks()
	s.failure = nil
	load(s.w.bridge, &s.previewSlot, func(ctx context.Context) (*parts.Pyramid, error) {
		img, err := core.PreviewScan(ctx, t)
		if err != nil {
			return nil, err
		}
		return parts.NewPyramid(img), nil
	}, func(page *parts.Pyramid, err error) {
		if cancelled(err) {
			return
		}
		if err != nil {
			s.failure, s.last = err, nil
			s.fill()
			return
		}
		s.viewSlot.drop()
		s.preview, s.shownKey, s.viewErr = true, "preview", nil
		s.view.SetPage(page)
		s.fill()
	})
	s.fill()
}

// leaveLooks goes back to the sheet.
func (s *captureScreen) leaveLooks() {
	s.previewSlot.drop()
	s.compareSlot.drop()
	s.comparing = false
	if s.preview {
		s.preview, s.shownKey = false, ""
		s.showSheet()
	}
}

// compare shows a sheet beside the one that it was taken instead of.
func (s *captureScreen) compare() {
	if s.comparing {
		s.leaveLooks()
		s.fill()
		return
	}
	core := s.w.core
	p, ok := s.sheet()
	if !ok || core == nil {
		return
	}
	if p.Replaces == "" {
		s.w.say("Page %s was not scanned again: there is nothing to compare it with", pageName(p))
		return
	}
	load(s.w.bridge, &s.compareSlot, func(ctx context.Context) (two [2]*parts.Pyramid, err error) {
		var all []workbench.PageInfo
		if all, err = core.Versions(ctx, p.ID); err != nil {
			return two, err
		}
		for i := range min(len(all), 2) {
			if two[i], err = pyramid(ctx, core, all[i].ID); err != nil {
				return two, err
			}
		}
		return two, nil
	}, func(two [2]*parts.Pyramid, err error) {
		if cancelled(err) {
			return
		}
		if err != nil {
			s.w.fail("Compare", err)
			return
		}
		for i, v := range s.compareViews {
			v.SetPage(two[i])
		}
		s.comparing = true
		s.w.say("Left the one before, right the one that counts; Ctrl+Z takes the one before back, Esc or C leaves")
		s.fill()
	})
}
