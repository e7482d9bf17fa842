package tesseract

import (
	"bytes"
	"fmt"
	"image"
	"testing"

	"github.com/otiai10/gosseract/v2"
	"golang.org/x/image/tiff"
)

// Whatever Tesseract has to say while it loads must not reach the buffer that
// gosseract catches it in. This goes around the check of the models.
func TestComplaintsDoNotOverflow(t *testing.T) {
	c, err := newClient(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, n := range []int{1, 100} {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("nosuchmodel%d", i))
		}
		if err := c.lib.SetLanguage(names...); err != nil {
			t.Fatal(err)
		}
		if err := c.lib.SetImageFromBytes(encode(nil, speck)); err != nil {
			t.Fatal(err)
		}
		_, err := c.lib.HOCRText()
		if err == nil || len(err.Error()) > 100 {
			t.Errorf("%d missing models: %v", n, err)
		}
	}
}

// Another gosseract may keep its handle elsewhere: that must be seen at the start.
func TestPrivateFields(t *testing.T) {
	g := gosseract.NewClient()
	defer g.Close()
	if p, err := private(g, "api"); err != nil || p == nil {
		t.Errorf("api: %v, %v", p, err)
	}
	if p, err := private(g, "pixImage"); err != nil || p != nil {
		t.Errorf("pixImage: %v, %v", p, err)
	}
	for _, field := range []string{"nosuch", "Trim", "Languages"} {
		if _, err := private(g, field); err == nil {
			t.Errorf("%s was taken for a pointer", field)
		}
	}
}

func TestVariablesAreChecked(t *testing.T) {
	e := newEngine(t, "eng")
	s, err := e.setup([]string{"eng"}, false, english)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.load(s); err != nil {
		t.Fatal(err)
	}
	if err := e.reader.set("no_such_variable", 1); err == nil {
		t.Error("an unknown variable was set")
	}
}

// Another decoder sees the same pixels and resolution as were encoded.
func TestEncode(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {3, 2}, {1001, 7}} {
		img := plain(size.X, size.Y, 0)
		for i := range img.Grey {
			img.Grey[i] = byte(i * 7)
		}
		b := encode(nil, img)
		got, err := tiff.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		grey, ok := got.(*image.Gray)
		if !ok || grey.Rect.Size() != size || !bytes.Equal(grey.Pix, img.Grey) {
			t.Errorf("%v: %T of %v", size, got, got.Bounds())
		}
	}
}
