package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"recto/ocr"
)

// wordFiles is in the verbs that say how text is recognised.
type wordFiles struct {
	Words    string `placeholder:"FILE" help:"Words that dictionaries lack, such as names, one a line: they are read more readily."`
	Patterns string `placeholder:"FILE" help:"Patterns of words in Tesseract's notation, one a line: \\d a digit, \\c a letter, \\* several of it."`
}

// read gives what stands in the files, where Tesseract can use it.
func (f wordFiles) read() (words, patterns []string, err error) {
	if words, err = entries("words", f.Words, ocr.UserWords); err == nil {
		patterns, err = entries("patterns", f.Patterns, ocr.UserPatterns)
	}
	return words, patterns, err
}

func entries(flag, path string, check func([]string) ([]string, error)) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	b, err := few(path)
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if err != nil {
		return nil, usage("--%s %s: %v: a file with one a line is wanted", flag, path, err)
	}
	var out []string
	n := 0
	for l := range bytes.Lines(bytes.TrimPrefix(b, []byte("\uFEFF"))) { // as editors on Windows write it
		n++
		if !utf8.Valid(l) {
			return nil, usage("--%s %s, line %d: this is not UTF-8: save the file as UTF-8", flag, path, n)
		}
		if l = bytes.TrimSpace(l); len(l) == 0 {
			continue
		}
		if _, err := check([]string{string(l)}); err != nil {
			return nil, usage("--%s %s, line %d: %w", flag, path, n, err)
		}
		out = append(out, string(l))
	}
	if len(out) == 0 {
		return nil, usage("--%s %s: there is nothing in this file", flag, path)
	}
	return out, nil
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
