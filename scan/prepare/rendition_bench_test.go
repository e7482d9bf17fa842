package prepare

import (
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// BenchmarkRender measures A4 pages of 300 dpi, made of a real scan where there is
// one: noise and paper decide how long they take to compress.
func BenchmarkRender(b *testing.B) {
	for _, kind := range []string{"rgb", "grey", "jpeg", "png"} {
		b.Run(kind, func(b *testing.B) {
			dir := b.TempDir()
			page := a4Scan(b)
			path := filepath.Join(dir, "page")
			switch kind {
			case "rgb":
				scantest.WritePNM(b, path, page, 3)
			case "grey":
				scantest.WritePNM(b, path, page, 1)
			case "jpeg":
				f, err := os.Create(path)
				if err != nil {
					b.Fatal(err)
				}
				if err := jpeg.Encode(f, page, nil); err != nil {
					b.Fatal(err)
				}
				f.Close()
			case "png":
				scantest.WritePNG(b, path, page)
			}
			p, err := Decode(path, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			var r scan.Rendition
			for b.Loop() {
				if r, err = Render(path, p, filepath.Join(dir, "rendition"), Limits{}); err != nil {
					b.Fatal(err)
				}
			}
			var n int64
			for _, s := range r.Spans {
				n += s.Length
			}
			b.ReportMetric(float64(n)/1e6, "MB")
		})
	}
}

// a4Scan tiles the first real scan over an A4 page of 300 dpi.
func a4Scan(t testing.TB) *image.RGBA {
	t.Helper()
	f, err := os.Open(filepath.Join(root(t), "..", "shared", "scans", "memorials", "Lettre43.jpg"))
	if err != nil {
		missing(t, "real scans: %v", err)
	}
	defer f.Close()
	from, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	page := image.NewRGBA(image.Rect(0, 0, 2480, 3508))
	size := from.Bounds().Size()
	for y := range page.Rect.Dy() {
		for x := range page.Rect.Dx() {
			page.Set(x, y, from.At(x%size.X, y%size.Y))
		}
	}
	return page
}
