package coversheet

import (
	"os"
	"recto/archive"
	"testing"
)

func TestLook(t *testing.T) {
	f, _ := os.Create("/tmp/w/cover/look.pdf")
	defer f.Close()
	if err := Write(f, []archive.Unit{
		{Code: CodeFor("HStA 12/7"), Reference: "HStA 12/7", Title: "Letters from Anna Müller to the parish council of Großenhain, with two photographs", Container: "Box 3, folder 12", Expected: 24},
		{Code: CodeFor("ארכיון 5"), Reference: "ארכיון 5/12", Title: "رسائل إلى المجلس 1923 – письма в совет – Επιστολές 中文 😀 fi e\u0301", Container: "<Box & \"3\">"},
	}, Options{}); err != nil {
		t.Fatal(err)
	}
}
