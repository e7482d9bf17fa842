package scan

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Path is a file name with its original bytes, which need not be UTF-8.
type Path string

// String shows the path to people and to JSON readers: bytes that are not UTF-8
// as %XX, all else as it is.
func (p Path) String() string {
	if utf8.ValidString(string(p)) {
		return string(p)
	}
	var b strings.Builder
	for s := string(p); s != ""; {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, "%%%02X", s[0])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// Absolute is the path that means the same from every folder. Links are left as
// they are: two names of one file are two sources.
func (p Path) Absolute() Path {
	if a, err := filepath.Abs(string(p)); err == nil {
		return Path(a)
	}
	return p
}

// unseen tells characters that would break a table or a terminal, or show text in
// another order than it has: controls, line separators, and the directional embeddings,
// overrides and isolates of Unicode's bidirectional algorithm (UAX #9, 2).
func unseen(r rune) bool {
	return unicode.IsControl(r) || r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// Line is String on one line: what is unseen as %XX too.
func (p Path) Line() string {
	var b strings.Builder
	for _, r := range p.String() {
		if unseen(r) {
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// MarshalJSON keeps every byte: a JSON string where the path is UTF-8, else
// {"base64": "..."}.
func (p Path) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(p)) {
		return json.Marshal(string(p))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(p))})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Path) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*p = Path(s)
		return nil
	}
	var o struct {
		Base64 []byte `json:"base64"`
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return fmt.Errorf("path: %w", err)
	}
	*p = Path(o.Base64)
	return nil
}
