package prepare

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/tiff"

	"recto/scan"
)

// TestDamagedColourTIFF: leptonica shows what it can of a colour TIFF and white
// for the rest, so only libtiff's own words tell that something is missing.
func TestDamagedColourTIFF(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 400, 500))
	for i := range img.Pix {
		img.Pix[i] = byte(i*i>>7) | 1
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate}); err != nil {
		t.Fatal(err)
	}
	decode := func(name string, raw []byte) error {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := Decode(path, Limits{})
		if err == nil {
			p.Close()
		}
		return err
	}
	if err := decode("whole.tif", b.Bytes()); err != nil {
		t.Fatal(err)
	}
	hurt := bytes.Clone(b.Bytes())
	for i := len(hurt) / 3; i < len(hurt)/3+500; i++ {
		hurt[i] ^= 0x5A
	}
	if err := decode("hurt.tif", hurt); !errors.Is(err, scan.ErrDamaged) {
		t.Errorf("damaged pixels: %v", err)
	}
	// JPEG 2000 in TIFF, which Debian's libtiff does not know.
	strange := bytes.Clone(b.Bytes())
	tag := binary.LittleEndian.AppendUint16(nil, 259)
	at := bytes.Index(strange, append(tag, 3, 0, 1, 0, 0, 0))
	if at < 0 {
		t.Fatal("no Compression tag")
	}
	binary.LittleEndian.PutUint16(strange[at+8:], 34712)
	if err := decode("strange.tif", strange); !errors.Is(err, scan.ErrUnsupported) && !errors.Is(err, scan.ErrDamaged) {
		t.Errorf("an unknown compression: %v", err)
	}
	// A whole file after a bad one is not blamed for it.
	if err := decode("whole.tif", b.Bytes()); err != nil {
		t.Error(err)
	}
}
