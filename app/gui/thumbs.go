package gui

import (
	"context"
	"image"
	"time"

	"golang.org/x/image/draw"

	"recto/app/workbench"
	"recto/scan"
)

// thumbs keeps the small pictures that a grid or a table shows: loaded and scaled
// beside the UI to the very pixels that are drawn, the ones in sight first.
type thumbs struct {
	bridge *bridge
	load   func(context.Context, scan.PageID) (*image.RGBA, error)
	ready  func() // some pictures came in

	have    map[thumbKey]*thumb
	clock   int // of the last use, for throwing away the oldest
	bytes   int
	wanted  []thumbKey // in sight, not there yet
	flying  map[thumbKey]bool
	pending bool // ready is going to be called
	epoch   int  // another archive: what is in flight is not ours
}

// thumbKey is a page as it is turned, at a width in screen pixels.
type thumbKey struct {
	page  scan.PageID
	turn  string
	width int
}

type thumb struct {
	image *image.RGBA // nil: it cannot be shown
	used  int
}

const (
	thumbBudget  = 120 << 20 // bytes of pictures
	thumbFlights = 2
)

func newThumbs(b *bridge, load func(context.Context, scan.PageID) (*image.RGBA, error), ready func()) *thumbs {
	t := &thumbs{bridge: b, load: load, ready: ready}
	t.reset()
	return t
}

// reset forgets all pictures.
func (t *thumbs) reset() {
	t.have, t.flying, t.wanted, t.bytes = map[thumbKey]*thumb{}, map[thumbKey]bool{}, nil, 0
	t.epoch++
}

// retry forgets the pictures that could not be made, so that they are tried again.
func (t *thumbs) retry() {
	for k, h := range t.have {
		if h.image == nil {
			delete(t.have, k)
		}
	}
}

func keyOf(p workbench.PageInfo, width int) thumbKey {
	turn := p.Recipe.String()
	if len(p.ByHand) > 0 {
		turn += "/" + p.ByHand.String()
	}
	return thumbKey{p.ID, turn, width}
}

// get gives the picture, nil while it is not there.
func (t *thumbs) get(k thumbKey) *image.RGBA {
	if have, ok := t.have[k]; ok {
		t.clock++
		have.used = t.clock
		return have.image
	}
	return nil
}

// want says what is in sight; what was wanted before and is not yet on its way is
// forgotten.
func (t *thumbs) want(keys []thumbKey) {
	t.wanted = t.wanted[:0]
	for _, k := range keys {
		if _, ok := t.have[k]; !ok && !t.flying[k] {
			t.wanted = append(t.wanted, k)
		}
	}
	t.fly()
}

func (t *thumbs) fly() {
	for len(t.flying) < thumbFlights && len(t.wanted) > 0 {
		k := t.wanted[0]
		t.wanted = t.wanted[1:]
		t.flying[k] = true
		epoch := t.epoch
		t.bridge.spawn(func() {
			img, err := t.load(t.bridge.ctx, k.page)
			if err != nil {
				img = nil
			} else {
				img = scaled(img, k.width)
			}
			t.bridge.do(func() {
				if t.epoch == epoch {
					t.landed(k, img)
				}
			})
		})
	}
}

func (t *thumbs) landed(k thumbKey, img *image.RGBA) {
	delete(t.flying, k)
	t.clock++
	t.have[k] = &thumb{img, t.clock}
	if img != nil {
		t.bytes += len(img.Pix)
	}
	t.shrink()
	if !t.pending {
		t.pending = true
		t.bridge.later(60*time.Millisecond, func() {
			t.pending = false
			t.ready()
		})
	}
	t.fly()
}

// shrink throws the longest unused half away once the budget is spent.
func (t *thumbs) shrink() {
	if t.bytes <= thumbBudget {
		return
	}
	oldest, newest := t.clock, 0
	for _, h := range t.have {
		oldest, newest = min(oldest, h.used), max(newest, h.used)
	}
	limit := (oldest + newest) / 2
	for k, h := range t.have {
		if h.used <= limit {
			if h.image != nil {
				t.bytes -= len(h.image.Pix)
			}
			delete(t.have, k)
		}
	}
}

// scaled fits a picture into a box of the given width and the grid's height for
// it; it never enlarges.
func scaled(img *image.RGBA, width int) *image.RGBA {
	if img == nil || width <= 0 {
		return nil
	}
	b := img.Bounds()
	k := min(float64(width)/float64(b.Dx()), float64(width)*1.36/float64(b.Dy()))
	if k >= 1 || b.Empty() {
		return img
	}
	out := image.NewRGBA(image.Rect(0, 0, max(int(float64(b.Dx())*k+0.5), 1), max(int(float64(b.Dy())*k+0.5), 1)))
	draw.BiLinear.Scale(out, out.Rect, img, b, draw.Src, nil)
	return out
}
