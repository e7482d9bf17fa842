package separate

import (
	"fmt"
	"strings"
	"testing"

	"recto/scan"
)

// TestRealPages reads the separators among the real scans, and finds nothing on
// the ordinary pages but the one receipt's own barcode.
func TestRealPages(t *testing.T) {
	want := map[string][]string{
		"naps2/patcht.jpg": {"patch-t", "code-39 PATCHT"}, "naps2/skewed.jpg": {"patch-t", "code-39 PATCHT"},
		"paperless/patch-code-t-middle.pdf#2":    {"patch-t", "code-39 PATCHT"},
		"paperless/several-patcht-codes.pdf#3":   {"patch-t", "code-39 PATCHT"},
		"paperless/several-patcht-codes.pdf#6":   {"patch-t", "code-39 PATCHT"},
		"paperless/barcode-fax-image.pdf#2":      {"patch-t", "code-39 PATCHT"},
		"receipts-de/toom_06042020_01_04999.jpg": {"code-128 2074001356335120040614432875020049990014"},
	}
	for page, asn := range map[int]int{1: 123, 3: 124, 4: 125, 7: 126, 9: 127} {
		want[fmt.Sprintf("paperless/split-by-asn-1.pdf#%d", page)] = []string{fmt.Sprintf("code-39 ASN%05d", asn)}
	}
	for _, p := range realPages(t) {
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
		for _, w := range want[p.name] {
			if !found[w] {
				t.Errorf("%s: %s is not found, but %v", p.name, w, found)
			}
			delete(found, w)
		}
		if len(found) > 0 {
			t.Errorf("%s: found %v", p.name, found)
		}
	}
}
