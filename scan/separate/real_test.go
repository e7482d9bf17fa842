package separate

import (
	"strings"
	"testing"

	"recto/scan"
)

// codes are what stands on the real scans.
var codes = map[string][]string{
	"naps2/patcht.jpg":                         {"patch-t", "code-39 PATCHT"},
	"naps2/skewed.jpg":                         {"patch-t", "code-39 PATCHT"},
	"paperless/patch-code-t-middle.pdf#2":      {"patch-t", "code-39 PATCHT"},
	"paperless/several-patcht-codes.pdf#3":     {"patch-t", "code-39 PATCHT"},
	"paperless/several-patcht-codes.pdf#6":     {"patch-t", "code-39 PATCHT"},
	"paperless/barcode-fax-image.pdf#2":        {"patch-t", "code-39 PATCHT"},
	"receipts-de/toom_06042020_01_04999.jpg":   {"code-128 2074001356335120040614432875020049990014"},
	"receipts-de/lidl_02032020_02_00716_B.jpg": {}, // of another kind
	"paperless/split-by-asn-1.pdf#1":           {"code-39 ASN00123"},
	"paperless/split-by-asn-1.pdf#3":           {"code-39 ASN00124"},
	"paperless/split-by-asn-1.pdf#4":           {"code-39 ASN00125"},
	"paperless/split-by-asn-1.pdf#7":           {"code-39 ASN00126"},
	"paperless/split-by-asn-1.pdf#9":           {"code-39 ASN00127"},
}

// TestRealPages reads the separators among the real scans, and finds nothing on
// the ordinary pages but the one receipt's own barcode; nor on variations of them.
func TestRealPages(t *testing.T) {
	n := 0
	var varied falses
	eachPage(t, func(p scanned) {
		n++
		found := map[string]bool{}
		for _, c := range Find(p.img, p.dpi) {
			name := strings.TrimSpace(string(c.Kind) + " " + c.Text)
			if c.Unread {
				name += " unread"
			}
			found[name] = true
			if c.Kind == scan.AnyCode || c.Box.Empty() || !c.Box.In(p.img.Rect) {
				t.Errorf("%s: %v", p.name, c)
			}
		}
		for _, w := range codes[p.name] {
			if !found[w] {
				t.Errorf("%s: %s is not found, but %v", p.name, w, found)
			}
			delete(found, w)
		}
		if len(found) > 0 {
			t.Errorf("%s: found %v", p.name, found)
		}
		if codes[p.name] == nil {
			varied.lookVaried(t, p, n)
		}
	})
	varied.judge(t)
	if n < 60 {
		t.Errorf("%d pages", n)
	}
}
