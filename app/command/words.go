package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// wordFiles is in the verbs that say how text is recognised.
type wordFiles struct {
	Words    string `placeholder:"FILE" help:"Words that dictionaries lack, such as names, one a line: they are read more readily."`
	Patterns string `placeholder:"FILE" help:"Patterns of words in Tesseract's notation, one a line: \\d a digit, \\c a letter, \\* several of it."`
}

// read gives what stands in the files.
func (f wordFiles) read() (words, patterns []string, err error) {
	lines := func(flag, path string) []string {
		if path == "" || err != nil {
			return nil
		}
		b, wrong := few(path)
		var at *os.PathError
		if errors.As(wrong, &at) {
			wrong = at.Err
		}
		if wrong != nil {
			err = usage("--%s %s: %v: a file with one a line is wanted", flag, path, wrong)
			return nil
		}
		var out []string
		for l := range strings.Lines(string(b)) {
			if l = strings.TrimSpace(l); l != "" {
				out = append(out, l)
			}
		}
		if len(out) == 0 {
			err = usage("--%s %s: there is nothing in this file", flag, path)
		}
		return out
	}
	words, patterns = lines("words", f.Words), lines("patterns", f.Patterns)
	return words, patterns, err
}

// mostWords is how large such a file may be, in bytes: the names of a town, not /dev/zero.
const mostWords = 8 << 20

func few(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostWords+1))
	if err == nil && len(b) > mostWords {
		err = fmt.Errorf("it is larger than %d MB", mostWords>>20)
	}
	return b, err
}
