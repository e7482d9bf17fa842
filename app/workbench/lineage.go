package workbench

import (
	"context"
	"encoding/json"
	"slices"

	"recto/archive"
	"recto/scan"
)

// lineage is where what a page is now comes from: the events of the journal that hold.
// What was undone, or done again by somebody else, is not among them.
type lineage struct {
	events      []archive.Event              // of the page that were not undone, newest first
	set         map[scan.Stage]archive.Event // who set what is set by hand
	parted      *archive.Event               // that made it one page of a spread
	prepared    *archive.Event               // PageProcessed, whose recipe is the page's
	read        *archive.Event               // PageProcessed, whose reading its text goes back to; the same but where corrected text was carried
	corrections []archive.Event              // of its text, newest first
}

// lineage goes back through a page's history.
func (w *Workbench) lineage(ctx context.Context, page PageInfo) (*lineage, error) {
	all, err := w.cat.Events(ctx, string(page.ID), 0)
	if err != nil {
		return nil, err
	}
	l := &lineage{events: standing(all), set: map[scan.Stage]archive.Event{}}
	l.whoSet(page)
	l.whatWasRead(page)
	if half(page) {
		l.parted = l.last(func(e archive.Event) bool {
			d, is := dataOf[archive.Parted](e, archive.PagesParted)
			return is && !d.Joined && slices.ContainsFunc(d.Spreads, func(s archive.Spread) bool { return s.Page == page.ID || s.Other.ID == page.ID })
		})
	}
	return l, nil
}

// standing leaves out what was undone and not done again. An event that was done again
// keeps the time and the person that it had.
func standing(events []archive.Event) []archive.Event {
	back := map[string]bool{} // by the last word on each
	var out []archive.Event
	for _, e := range events { // newest first
		switch e.Type {
		case archive.ArrangeUndone, archive.ArrangeRedone:
			var d archive.Undone
			if json.Unmarshal(e.Data, &d) != nil {
				continue
			}
			if _, said := back[d.Event]; !said {
				back[d.Event] = e.Type == archive.ArrangeUndone
			}
		default:
			if !back[e.ID] {
				out = append(out, e)
			}
		}
	}
	return out
}

// dataOf gives the data of an event; false for one of another type.
func dataOf[T any](e archive.Event, kind archive.EventType) (d T, is bool) {
	return d, e.Type == kind && json.Unmarshal(e.Data, &d) == nil
}

func (l *lineage) last(is func(archive.Event) bool) *archive.Event {
	if i := slices.IndexFunc(l.events, is); i >= 0 {
		return &l.events[i]
	}
	return nil
}

// whoSet finds for each step that is set by hand the event that set it as it is.
func (l *lineage) whoSet(page PageInfo) {
	open := page.ByHand.Manual()
	for _, e := range l.events {
		for _, s := range slices.Backward(settingsIn(e)) {
			if s.Page != page.ID {
				continue
			}
			open = slices.DeleteFunc(open, func(step scan.Step) bool {
				made := holds(s.To, step) && !holds(s.From, step)
				if made {
					l.set[step.Stage] = e
				}
				return made
			})
		}
		if len(open) == 0 {
			return
		}
	}
}

// whatWasRead finds how the page was prepared and read, as far as its history tells that.
func (l *lineage) whatWasRead(page PageInfo) {
	l.traced(page)
	if l.prepared == nil {
		l.prepared = l.last(func(e archive.Event) bool {
			d, is := dataOf[archive.Processed](e, archive.PageProcessed)
			return is && d.Page == page.ID && d.State != scan.Failed
		})
	}
}

// traced follows the page's text back, from correction to correction and over the
// places that it was carried to, up to the reading.
func (l *lineage) traced(page PageInfo) {
	text, left := page.TextSHA256, page.Corrections
	for i, e := range l.events {
		if c, is := dataOf[archive.Corrected](e, archive.TextCorrected); is && left > 0 {
			for _, t := range slices.Backward(c.Texts) {
				if t.Page == page.ID && t.To.SHA256 == text {
					l.corrections = append(l.corrections, e)
					text, left = t.From.SHA256, left-1
				}
			}
		}
		d, is := dataOf[archive.Processed](e, archive.PageProcessed)
		if !is || d.Page != page.ID || d.State != page.State || d.TextSHA256 != text || text != "" && d.CarriedFrom == text {
			continue
		}
		if l.prepared == nil {
			if !d.Recipe.Equal(page.Recipe) {
				continue
			}
			l.prepared = &l.events[i]
		}
		if d.Corrected == 0 {
			l.read = &l.events[i]
			return
		}
		if text = d.CarriedFrom; text == "" {
			return
		}
	}
}

func holds(r scan.Recipe, step scan.Step) bool {
	return slices.ContainsFunc(r, func(s scan.Step) bool { return (scan.Recipe{s}).Equal(scan.Recipe{step}) })
}

// settingsIn gives what an event has set by hand, page by page.
func settingsIn(e archive.Event) (out []archive.Setting) {
	switch e.Type {
	case archive.PagesPrepared:
		d, _ := dataOf[archive.Prepared](e, e.Type)
		out = d.Settings
	case archive.PagesRotated:
		d, _ := dataOf[archive.Rotated](e, e.Type)
		for _, t := range d.Turns {
			from, to := t.Steps()
			out = append(out, archive.Setting{Page: t.Page, From: from, To: to})
		}
	case archive.PagesParted:
		d, _ := dataOf[archive.Parted](e, e.Type)
		for _, s := range d.Spreads {
			if d.Joined {
				out = append(out, archive.Setting{Page: s.Page, From: s.To, To: s.From})
				continue
			}
			// Of the other page only its part of the picture is set.
			out = append(out, archive.Setting{Page: s.Page, From: s.From, To: s.To},
				archive.Setting{Page: s.Other.ID, From: s.Set.Without(scan.SplitStage, scan.OrientStage), To: s.Set})
		}
	}
	return out
}
