package command

import (
	"os"
	"strings"

	"recto/app/workbench"
)

// wordFiles is in the verbs that say how text is recognised.
type wordFiles struct {
	Words    string `placeholder:"FILE" help:"Words that dictionaries lack, such as names, one a line: they are read more readily."`
	Patterns string `placeholder:"FILE" help:"Patterns of words in Tesseract's notation, one a line: \\d a digit, \\c a letter, \\* several of it."`
}

// read gives what stands in the files.
func (f wordFiles) read() (words, patterns []string, err error) {
	lines := func(path string) []string {
		if path == "" || err != nil {
			return nil
		}
		var b []byte
		if b, err = os.ReadFile(path); err != nil {
			err = workbench.About(path, err)
			return nil
		}
		var out []string
		for l := range strings.Lines(string(b)) {
			if l = strings.TrimSpace(l); l != "" {
				out = append(out, l)
			}
		}
		return out
	}
	words, patterns = lines(f.Words), lines(f.Patterns)
	return words, patterns, err
}
