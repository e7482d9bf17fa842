package escl

import (
	"bytes"
	"os"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// BenchmarkPNG writes an A4 page at 300 dpi in colour as a TIFF.
func BenchmarkPNG(b *testing.B) {
	page := scantest.NewESCL().Encode(1, "RGB24", "image/png", 300, 0, 0, 2480, 3508)
	f, err := os.Create(b.TempDir() + "/x.tif")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	b.SetBytes(2480 * 3508 * 3)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Seek(0, 0); err != nil {
			b.Fatal(err)
		}
		if err := convertPNG(&picture{}, bytes.NewReader(page), f, scan.Raster{}); err != nil {
			b.Fatal(err)
		}
	}
}
