package ocr

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Tesseract takes what is written in a model at its word: with a number of characters, a
// length, a code or a link that is not so, it ends its process. Those that stand outside
// of the weights are read here first. What is odd there but does no harm passes.

// mostLetters is far more than any model has: the largest, for Chinese, has some 15,000.
const mostLetters = 1 << 20

// mostBytes of the small parts.
const mostBytes = 1 << 28

// networkHead reads what a network says of itself before its weights: a zero and the
// name of its kind, two flags, four numbers (flags, how many values go in and come out,
// weights) and its name (Network::DeSerialize). It gives how many values come out.
func networkHead(p *io.SectionReader) (outputs int, err error) {
	broken := fmt.Errorf("%w: its network does not begin as networks do", ErrDamagedModel)
	b := make([]byte, min(p.Size(), 200))
	if _, err := p.ReadAt(b, 0); err != nil && err != io.EOF {
		return 0, plainError(err)
	}
	if len(b) < 30 || b[0] != 0 {
		return 0, broken
	}
	n, b, _ := take32(b[1:])
	if n < 1 || n > 40 || len(b) < n+2+4*4 {
		return 0, broken
	}
	for _, c := range b[:n] {
		if c < '0' || c > 'z' {
			return 0, broken
		}
	}
	_, b, _ = take32(b[n+2:])
	in, b, _ := take32(b)
	outputs, _, _ = take32(b)
	if in < 0 || in > mostLetters || outputs < 1 || outputs > mostLetters {
		return 0, broken
	}
	return outputs, nil
}

// take32 takes a number off the beginning.
func take32(b []byte) (n int, rest []byte, ok bool) {
	if len(b) < 4 {
		return 0, nil, false
	}
	return int(int32(binary.LittleEndian.Uint32(b))), b[4:], true
}

// checkLetters reads a network's characters: their number in a line, then a line each,
// "A 5 0,255,... Latin 106 0 3 A", of which the second field has bits in hexadecimal
// (Tesseract's ccutil/unicharset.cpp). It gives the number.
func checkLetters(p *io.SectionReader) (int, error) {
	broken := func(line int) (int, error) {
		return 0, fmt.Errorf("%w: its list of characters is not whole, from line %d", ErrDamagedModel, line)
	}
	if p.Size() > mostBytes {
		return broken(1)
	}
	b, err := io.ReadAll(p)
	if err != nil {
		return 0, plainError(err)
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	n, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || n < 1 || n > mostLetters {
		return broken(1)
	}
	if len(lines)-1 != n {
		return broken(len(lines))
	}
	for i, line := range lines[1:] {
		field := strings.Fields(line)
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) || len(field) < 2 || len(line) > 1000 {
			return broken(i + 2)
		}
		// A space is written as NULL, but may stand there as itself.
		if !slices.ContainsFunc(field[:2], func(f string) bool { _, err := strconv.ParseUint(f, 16, 32); return err == nil }) {
			return broken(i + 2)
		}
	}
	return n, nil
}

// checkCodes reads what a network gives out for its characters: their number, then for
// each a flag, the number of codes and the codes (RecodedCharID in Tesseract's
// ccutil/unicharcompress.h).
func checkCodes(p *io.SectionReader, letters, outputs int) error {
	broken := fmt.Errorf("%w: its codes of characters are not whole", ErrDamagedModel)
	const longest = 9
	if p.Size() > mostBytes {
		return broken
	}
	b, err := io.ReadAll(p)
	if err != nil {
		return plainError(err)
	}
	n, b, ok := take32(b)
	if !ok || n < letters || n > letters+1 { // one more for none
		return broken
	}
	for range n {
		if len(b) < 5 {
			return broken
		}
		var length int
		length, b, _ = take32(b[1:])
		if length < 0 || length > longest || len(b) < 4*length {
			return broken
		}
		for range length {
			var code int
			if code, b, _ = take32(b); code < 0 || code >= outputs {
				return broken
			}
		}
	}
	if len(b) > 0 {
		return broken
	}
	return nil
}

// checkDictionary reads a network's list of words: 42 in 16 bits, two numbers of 32 bits,
// how many characters there are and how many edges, then the edges of 64 bits each. Of an
// edge the lowest bits are a character, as many as its number needs, three more are
// flags, and the rest is the edge that the next ones begin at (Tesseract's dict/dawg.cpp).
func checkDictionary(p *io.SectionReader) error {
	broken := fmt.Errorf("%w: a list of words in it is not whole", ErrDamagedModel)
	const head, mark, edge, flags = 10, 42, 8, 3
	if p.Size() < head || p.Size() > mostBytes {
		return broken
	}
	b, err := io.ReadAll(p)
	if err != nil {
		return plainError(err)
	}
	letters, rest, _ := take32(b[2:])
	edges, rest, _ := take32(rest)
	if binary.LittleEndian.Uint16(b) != mark || letters < 1 || letters > mostLetters || edges < 1 || len(rest) != edge*edges {
		return broken
	}
	shift := flags
	for 1<<(shift-flags) < letters+1 {
		shift++
	}
	for ; len(rest) > 0; rest = rest[edge:] {
		if next := binary.LittleEndian.Uint64(rest) >> shift; next >= uint64(edges) && next != ^uint64(0)>>shift { // all ones: none
			return broken
		}
	}
	return nil
}
