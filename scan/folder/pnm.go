package folder

import (
	"bytes"
	"image"
	"strconv"
)

// pnmHeader backs PNM's two-letter magic, which text can begin with, by a header
// that makes sense.
func pnmHeader(head []byte) bool {
	return pnmSize(head).X > 0
}

// pnmSize reads the header of P1 to P6 (width and height after white space and
// comments) and of P7, which names its fields (netpbm: pbm(5), pam(5)).
func pnmSize(head []byte) (size image.Point) {
	if len(head) < 3 || head[0] != 'P' || head[1] < '1' || head[1] > '7' {
		return size
	}
	pam := head[1] == '7'
	if !bytes.ContainsRune([]byte(" \t\r\n#"), rune(head[2])) {
		return size
	}
	words := pnmWords(head[2:])
	if pam {
		for i := 0; i+1 < len(words) && words[i] != "ENDHDR"; i++ {
			switch words[i] {
			case "WIDTH":
				size.X = number(words[i+1])
			case "HEIGHT":
				size.Y = number(words[i+1])
			}
		}
	} else if len(words) >= 2 {
		size = image.Pt(number(words[0]), number(words[1]))
	}
	if size.X <= 0 || size.Y <= 0 {
		return image.Point{}
	}
	return size
}

// pnmWords splits a header into words, without its comments and without a last
// word that may have been cut.
func pnmWords(b []byte) []string {
	var words []string
	b = b[:bytes.LastIndexAny(b, " \t\r\n")+1]
	for len(b) > 0 && len(words) < 64 {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		line, _, _ = bytes.Cut(line, []byte("#"))
		for _, w := range bytes.Fields(line) {
			words = append(words, string(w))
		}
		b = rest
	}
	return words
}

// number gives the value of a decimal number, 0 for anything else.
func number(s string) int {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}
