package folder

import (
	"fmt"
	"image"
	"io"
	"math"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recto/scan"
)

const (
	maxContent = 64 << 20 // bytes of one content stream that are looked at
	maxForms   = 12       // forms within forms
)

// matrix maps (x, y) to (a*x+c*y+e, b*x+d*y+f), as in ISO 32000-1, 8.3.3.
type matrix struct{ a, b, c, d, e, f float64 }

// then applies m first and n after it.
func (m matrix) then(n matrix) matrix {
	return matrix{
		m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d,
		m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d,
		m.e*n.a + m.f*n.c + n.e, m.e*n.b + m.f*n.d + n.f,
	}
}

func (m matrix) apply(p point) point {
	return point{m.a*p.x + m.c*p.y + m.e, m.b*p.x + m.d*p.y + m.f}
}

type point struct{ x, y float64 }

// pdfPage is one page of a PDF, read from a file that holds nothing else.
type pdfPage struct {
	ctx       *model.Context
	resources types.Dict
	contents  types.Object
	box       rect    // what shows of the page, in default user space
	rotate    int     // clockwise degrees for display: 0, 90, 180, 270
	unit      float64 // of user space, in 1/72 inch
	image     *drawn  // the only thing that shows, found by look
	lost      string  // what of it look could not read, "" for nothing
}

// drawn is an image and where it is painted.
type drawn struct {
	stream types.StreamDict
	ctm    matrix // from the unit square to default user space
}

// readPage reads the page of a PDF of one page. pdfcpu may panic on what no
// parser expects; that is an error here.
func readPage(r io.ReadSeeker) (p *pdfPage, err error) {
	defer func() {
		if v := recover(); v != nil {
			p, err = nil, fmt.Errorf("pdfcpu: %v: %w", v, scan.ErrDamaged)
		}
	}()
	api.DisableConfigDir()
	conf := model.NewDefaultConfiguration()
	conf.Offline = true
	ctx, err := api.ReadContext(r, conf)
	if err != nil {
		return nil, err
	}
	if err := ctx.EnsurePageCount(); err != nil {
		return nil, err
	}
	d, _, inherited, err := ctx.PageDict(1, false)
	if err != nil {
		return nil, err
	}
	p = &pdfPage{ctx: ctx, unit: 1, contents: d["Contents"], resources: inherited.Resources}
	p.rotate = ((inherited.Rotate % 360) + 360) % 360
	if u := p.number(d["UserUnit"]); u > 0 && u < 1e4 {
		p.unit = u
	}
	if own := p.dict(d["Resources"]); own != nil {
		p.resources = own
	}
	p.box = rect{0, 0, 612, 792}
	if m := inherited.MediaBox; m != nil && m.Width() > 0 && m.Height() > 0 {
		p.box = newRect(m.LL.X, m.LL.Y, m.UR.X, m.UR.Y)
	}
	if c := inherited.CropBox; c != nil {
		if r := p.box.intersect(newRect(c.LL.X, c.LL.Y, c.UR.X, c.UR.Y)); !r.empty() {
			p.box = r
		}
	}
	return p, nil
}

// value follows a reference; nil for what cannot be had.
func (p *pdfPage) value(o types.Object) types.Object {
	v, err := p.ctx.Dereference(o)
	if err != nil {
		return nil
	}
	return v
}

func (p *pdfPage) dict(o types.Object) types.Dict {
	switch v := p.value(o).(type) {
	case types.Dict:
		return v
	case types.StreamDict:
		return v.Dict
	}
	return nil
}

func (p *pdfPage) array(o types.Object) types.Array {
	a, _ := p.value(o).(types.Array)
	return a
}

func (p *pdfPage) number(o types.Object) float64 {
	switch v := p.value(o).(type) {
	case types.Integer:
		return float64(v)
	case types.Float:
		return float64(v)
	}
	return 0
}

// whole gives an integer that is meant to be one, or otherwise.
func (p *pdfPage) whole(o types.Object, otherwise int) int {
	switch v := p.value(o).(type) {
	case types.Integer:
		return int(v)
	case types.Float:
		return int(v)
	}
	return otherwise
}

func (p *pdfPage) boolean(o types.Object, otherwise bool) bool {
	if b, ok := p.value(o).(types.Boolean); ok {
		return bool(b)
	}
	return otherwise
}

func (p *pdfPage) name(o types.Object) string {
	n, _ := p.value(o).(types.Name)
	return string(n)
}

// numbers gives an array of numbers, nil if it is not one.
func (p *pdfPage) numbers(o types.Object) []float64 {
	a := p.array(o)
	if a == nil {
		return nil
	}
	n := make([]float64, len(a))
	for i := range a {
		n[i] = p.number(a[i])
	}
	return n
}

// content joins the content streams of the page.
func (p *pdfPage) content() ([]byte, error) {
	streams := types.Array{p.contents}
	if a := p.array(p.contents); a != nil {
		streams = a
	}
	var b strings.Builder
	for _, s := range streams {
		sd, ok := p.value(s).(types.StreamDict)
		if !ok {
			if s != nil {
				p.lose("its content")
			}
			continue
		}
		c, err := p.decoded(sd, maxContent)
		if err != nil {
			return nil, err
		}
		b.Write(c)
		b.WriteByte('\n') // streams are cut between tokens, 7.8.2
		if b.Len() > maxContent {
			return nil, errNotOneImage("it has very much content")
		}
	}
	return []byte(b.String()), nil
}

// lose notes something that cannot be read.
func (p *pdfPage) lose(what string) {
	if p.lost == "" {
		p.lost = what
	}
}

// decoded gives all bytes of a stream that is no image, at most limit.
func (p *pdfPage) decoded(sd types.StreamDict, limit int64) ([]byte, error) {
	r, last, _, err := p.open(sd)
	if err != nil {
		return nil, err
	}
	if last != "" {
		return nil, fmt.Errorf("an image filter %s where none can be: %w", last, scan.ErrDamaged)
	}
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(b)) > limit {
		return nil, errNotOneImage("it has very much content")
	}
	if err != nil && len(b) == 0 {
		return nil, err
	}
	return b, nil // what could be decoded of a damaged stream is what viewers show
}

// look runs the page's content and finds the one image that shows. Its error
// says what else there is.
func (p *pdfPage) look() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the page's objects: %v: %w", v, scan.ErrDamaged)
		}
	}()
	content, err := p.content()
	if err != nil {
		return err
	}
	v := &viewer{page: p}
	v.run(content, p.resources, state{ctm: matrix{a: 1, d: 1}, clip: p.box}, 0)
	switch {
	case v.other != "":
		return errNotOneImage("it shows " + v.other)
	case len(v.images) == 0:
		return errNotOneImage("it shows none")
	case len(v.images) > 1:
		return errNotOneImage(fmt.Sprintf("it shows %d", len(v.images)))
	}
	p.image = &v.images[0]
	return nil
}

// placement is how the page shows its image.
type placement struct {
	width, height int     // pixels
	dpiX, dpiY    float64 // of the stored columns and rows
	orientation   scan.Orientation
	note          string
}

// dpi is the resolution both ways of an image that was taken out and is seen with so
// many pixels; where the page stretches them, the geometric mean.
func (p placement) dpi(seen image.Point) float64 {
	inches := float64(p.width) / p.dpiX * float64(p.height) / p.dpiY
	return math.Sqrt(float64(seen.X) * float64(seen.Y) / inches)
}

// place works out resolution and orientation from the image's matrix and the
// page's rotation (ISO 32000-1, 8.9.5 and table 30).
func (p *pdfPage) place() (placement, error) {
	d := p.image.stream.Dict
	pl := placement{width: p.whole(d["Width"], 0), height: p.whole(d["Height"], 0)}
	if pl.width <= 0 || pl.height <= 0 || pl.width >= maxSide || pl.height >= maxSide {
		return pl, errNotOneImage("the image has no size")
	}
	right, down := point{p.image.ctm.a, p.image.ctm.b}, point{-p.image.ctm.c, -p.image.ctm.d}
	for range p.rotate / 90 { // clockwise, y up
		right, down = point{right.y, -right.x}, point{down.y, -down.x}
	}
	w, h := math.Hypot(right.x, right.y), math.Hypot(down.x, down.y)
	if w*h == 0 || math.IsInf(w*h, 0) || math.IsNaN(w*h) {
		return pl, errNotOneImage("the image is drawn without extent")
	}
	pl.dpiX = float64(pl.width) * 72 / (w * p.unit)
	pl.dpiY = float64(pl.height) * 72 / (h * p.unit)

	quarter := func(v point) (direction int, rest float64) { // 0 right, 1 down, 2 left, 3 up
		angle := math.Atan2(-v.y, v.x) * 180 / math.Pi // clockwise as seen
		n := math.Round(angle / 90)
		return (int(n) + 4) % 4, angle - n*90
	}
	r, skew := quarter(right)
	dn, skew2 := quarter(down)
	if math.Abs(skew-skew2) > 1 || (r+dn)%2 == 0 {
		return pl, errNotOneImage("the image is drawn sheared")
	}
	if math.Abs(skew) > 15 {
		return pl, errNotOneImage(fmt.Sprintf("the image is drawn turned by %.0f degrees", skew))
	}
	pl.orientation = map[[2]int]scan.Orientation{
		{0, 1}: 1, {2, 1}: 2, {2, 3}: 3, {0, 3}: 4, {1, 0}: 5, {1, 2}: 6, {3, 2}: 7, {3, 0}: 8,
	}[[2]int{r, dn}]
	var notes []string
	if math.Abs(skew) > 0.05 {
		way := "clockwise"
		if skew < 0 {
			way = "anticlockwise"
		}
		notes = append(notes, fmt.Sprintf("the page shows the image turned by %.1f degrees %s, which was left out", math.Abs(skew), way))
	}
	if q := pl.dpiX / pl.dpiY; q > 1.05 || q < 1/1.05 {
		notes = append(notes, fmt.Sprintf("the page stretches the image: %.0f x %.0f dpi", pl.dpiX, pl.dpiY))
	}
	pl.note = strings.Join(notes, "; ")
	return pl, nil
}
