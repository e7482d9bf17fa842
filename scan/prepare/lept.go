package prepare

/*
#cgo pkg-config: lept
#include <leptonica/allheaders.h>
#include <stdlib.h>
static void quiet(void) { setMsgSeverity(L_SEVERITY_NONE); }
static unsigned char* jpegdata(const char* path, int* warn) { return NULL; }
static PIX* readjpeg(const char* path, int* warn) {
	FILE* f = fopen(path, "rb");
	if (!f) return NULL;
	l_int32 n = 0;
	PIX* p = pixReadStreamJpeg(f, 0, 1, &n, 0);
	fclose(f);
	*warn = n;
	return p;
}
*/
import "C"

import (
	"fmt"
	"image"
	"math"
	"unsafe"

	"recto/scan"
)

func init() { C.quiet() }

type Limits struct{ Pixels int64 }
type Picture struct {
	pix *C.PIX
	dpi float64
}

func Version() string { return C.GoString(C.getLeptonicaVersion()) }

func Decode(path string, l Limits) (*Picture, error) {
	if l.Pixels == 0 {
		l.Pixels = 400e6
	}
	c := C.CString(path)
	defer C.free(unsafe.Pointer(c))
	var format, w, h, bps, spp, iscmap C.l_int32
	if C.pixReadHeader(c, &format, &w, &h, &bps, &spp, &iscmap) != 0 {
		return nil, fmt.Errorf("%w: header", scan.ErrDamaged)
	}
	if int64(w)*int64(h) > l.Pixels {
		return nil, fmt.Errorf("%w: %d x %d pixels", scan.ErrTooLarge, w, h)
	}
	var p *C.PIX
	if format == C.IFF_JFIF_JPEG {
		var n C.int
		p = C.readjpeg(c, &n)
		if p == nil || n > 0 {
			return nil, fmt.Errorf("%w: JPEG data", scan.ErrTruncated)
		}
	} else {
		p = C.pixRead(c)
	}
	if p == nil {
		return nil, fmt.Errorf("%w", scan.ErrTruncated)
	}
	dpi := float64(p.xres)
	if dpi < 50 || dpi > 4800 {
		dpi = 0
	}
	return &Picture{p, dpi}, nil
}
func (p *Picture) Size() image.Point { return image.Pt(int(p.pix.w), int(p.pix.h)) }
func (p *Picture) DPI() float64      { return p.dpi }
func (p *Picture) Close() {
	if p.pix != nil {
		C.pixDestroy(&p.pix)
	}
}
func (p *Picture) Oriented(o scan.Orientation, q int) (*Picture, error) {
	x := C.pixClone(p.pix)
	rot := func(n int) { y := C.pixRotateOrth(x, C.l_int32(n)); C.pixDestroy(&x); x = y }
	flip := func() { y := C.pixFlipLR(nil, x); C.pixDestroy(&x); x = y }
	switch o {
	case 2:
		flip()
	case 3:
		rot(2)
	case 4:
		flip()
		rot(2)
	case 5:
		flip()
		rot(3)
	case 6:
		rot(1)
	case 7:
		flip()
		rot(1)
	case 8:
		rot(3)
	}
	if q != 0 {
		rot(q / 90)
	}
	return &Picture{x, p.dpi}, nil
}
func (p *Picture) Deskewed(d float64) (*Picture, error) {
	w, h := float64(p.pix.w), float64(p.pix.h)
	nw, nh := scan.Grown(w, h, d)
	x := C.pixConvertTo8(p.pix, 0)
	if p.pix.d == 32 {
		C.pixDestroy(&x)
		x = C.pixClone(p.pix)
	}
	l, t := int(nw-w)/2, int(nh-h)/2
	b := C.pixAddBorderGeneral(x, C.l_int32(l), C.l_int32(int(nw-w)-l), C.l_int32(t), C.l_int32(int(nh-h)-t), C.l_uint32(0xffffff00|255*bool8(x.d == 8)))
	C.pixDestroy(&x)
	r := C.pixRotate(b, C.l_float32(d*math.Pi/180), C.L_ROTATE_AREA_MAP, C.L_BRING_IN_WHITE, 0, 0)
	C.pixDestroy(&b)
	return &Picture{r, p.dpi}, nil
}
func bool8(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
func (p *Picture) grey() *C.PIX {
	if p.pix.d == 32 {
		return C.pixConvertRGBToLuminance(p.pix)
	}
	return C.pixConvertTo8(p.pix, 0)
}
func (p *Picture) binary() *C.PIX {
	g := p.grey()
	defer C.pixDestroy(&g)
	return C.pixConvertTo1(g, 130)
}
func (p *Picture) Measure(dpi float64) scan.Measures {
	b := p.binary()
	defer C.pixDestroy(&b)
	var f C.l_float32
	C.pixForegroundFraction(b, &f)
	return scan.Measures{Pixels: p.Size(), Depth: 8, Channels: 1, Ink: float64(f), Blank: f < 0.002}
}
func (p *Picture) Skew() (float64, float64) {
	b := p.binary()
	defer C.pixDestroy(&b)
	var a, c C.l_float32
	if C.pixFindSkew(b, &a, &c) != 0 {
		return 0, 0
	}
	return -float64(a), float64(c)
}
func (p *Picture) Upright() (int, float64, bool) { return 0, 0, false }
func (p *Picture) Grey() (image.Point, []byte) {
	g := p.grey()
	defer C.pixDestroy(&g)
	s := p.Size()
	out := make([]byte, s.X*s.Y)
	wpl := int(g.wpl)
	data := unsafe.Slice((*uint32)(unsafe.Pointer(g.data)), wpl*s.Y)
	for y := range s.Y {
		for x := range s.X {
			out[y*s.X+x] = byte(data[y*wpl+x/4] >> (24 - 8*(x%4)))
		}
	}
	return s, out
}
func (p *Picture) View() image.Image {
	s, g := p.Grey()
	return &image.Gray{Pix: g, Stride: s.X, Rect: image.Rectangle{Max: s}}
}
func (p *Picture) Thumbnail(n int) *image.RGBA {
	s := p.Size()
	f := C.l_float32(float64(n) / float64(max(s.X, s.Y)))
	x := C.pixScale(p.pix, f, f)
	q := &Picture{x, 0}
	defer q.Close()
	v := q.View()
	out := image.NewRGBA(v.Bounds())
	for y := range v.Bounds().Dy() {
		for x := range v.Bounds().Dx() {
			out.Set(x, y, v.At(x, y))
		}
	}
	return out
}
func EstimateDPI(s image.Point) float64 {
	return max(70, min(600, math.Round(float64(max(s.X, s.Y))/11.7)))
}
