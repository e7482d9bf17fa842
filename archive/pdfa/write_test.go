package pdfa

import (
	"maps"
	"slices"
	"testing"

	"recto/archive/archivetest"
)

// Every kind of file there is, before the independent judges.
func TestJudges(t *testing.T) {
	files := slices.Sorted(maps.Values(corpus(t)))
	archivetest.Qpdf(t, files...)
	archivetest.VeraPDF(t, "2u", files...)
}
