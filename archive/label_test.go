package archive

import (
	"slices"
	"testing"
)

func TestNextLabel(t *testing.T) {
	for label, want := range map[string]string{
		"1r": "1v", "1v": "2r", "12R": "12V", "12V": "13R", "f. 9v": "f. 10r", "3 recto": "3 verso", "3 verso": "4 recto",
		"1": "2", "9": "10", "099": "100", "A-9": "A-10", "p. 7": "p. 8", "12bis": "13", "12 bis": "13", "12a": "13", "12bisr": "12bisv", "12bisv": "13r",
		"i": "ii", "iv": "v", "ix": "x", "XIV": "XV", "p. xii": "p. xiii", "mmm": "mmmi",
		"": "", "cover": "", "iiii": "", "mid": "", "Xi": "", "3/verso-ish": "", "12345678901": "",
	} {
		if got := NextLabel(label); got != want {
			t.Errorf("after %q comes %q, want %q", label, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	if got := Labels(" 1r", 5); !slices.Equal(got, []string{"1r", "1v", "2r", "2v", "3r"}) {
		t.Error(got)
	}
	if got := Labels("cover", 3); !slices.Equal(got, []string{"cover"}) {
		t.Error(got)
	}
}
