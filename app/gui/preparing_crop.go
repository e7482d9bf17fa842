package gui

import (
	"context"
	"image"

	"recto/app/workbench"
	"recto/scan"
)

// crop asks for a box around what is to stay of the page.
func (s *pageScreen) crop() {
	p, ok := s.page()
	if !ok {
		return
	}
	size := s.view.Page().Size()
	proposed := image.Rectangle{Max: size}.Inset(min(size.X, size.Y) / 40)
	s.draw("Draw a box around the page", proposed, func(box image.Rectangle) {
		box = box.Add(croppedAt(p))
		c := scan.Crop{Left: box.Min.X, Top: box.Min.Y, Right: box.Max.X, Bottom: box.Max.Y}
		set := workbench.Preparation{Set: scan.Recipe{scan.NewStep(scan.CropStage, c, true)}}
		s.w.say("Cropping…")
		s.send(sending{"Crop", func(ctx context.Context, core Core) error {
			_, err := core.PreparePages(ctx, []scan.PageID{p.ID}, set)
			return err
		}, func() {
			s.prepared()
			s.stale = true
			s.w.say("Cropped; P reads the page again, Ctrl+Z takes it back")
		}})
	})
}

// croppedAt is where the corner of a page as it is shown lies in the frame of scan.Crop:
// the oriented and split picture, turned about its centre.
func croppedAt(p workbench.PageInfo) image.Point {
	r := p.Recipe
	if p.State == scan.New {
		r = p.ByHand
	}
	if box, cropped := r.Cropped(); cropped {
		return box.Min
	}
	whole, _ := scan.Frame(p.Pixels, p.Orientation, r.Without(scan.DeskewStage))
	shown, _ := scan.Frame(p.Pixels, p.Orientation, r)
	return whole.Sub(shown).Div(2)
}
