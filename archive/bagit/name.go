package bagit

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ErrName is wrapped by Write for a member whose name would not survive every
// file system, or would leave the bag.
var ErrName = errors.New("the name cannot be used in a bag")

// percent encodes what a manifest line cannot hold, and nothing else (RFC 8493, 2.1.3).
var percent = strings.NewReplacer("%", "%25", "\n", "%0A", "\r", "%0D")

// decode undoes percent. Before 1.0 only line ends were encoded, and a percent
// sign stood for itself.
func decode(name string, v version) string {
	if !strings.Contains(name, "%") {
		return name
	}
	pairs := []string{"%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r"}
	if v.atLeast(1, 0) {
		pairs = append(pairs, "%25", "%")
	}
	return strings.NewReplacer(pairs...).Replace(name)
}

// danger tells why a path in a manifest may not be followed on some system, or
// gives "" (RFC 8493, 5.1).
func danger(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case strings.ContainsRune(name, 0):
		return "it contains a NUL"
	case name[0] == '/':
		return "it is absolute"
	case name[0] == '~':
		return "it begins with a home directory"
	case strings.HasPrefix(name, `\\`):
		return "it is a network or device path of Windows"
	case len(name) >= 2 && name[1] == ':' && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z'):
		return "it begins with a drive letter"
	}
	for part := range strings.SplitSeq(strings.ReplaceAll(name, `\`, "/"), "/") {
		if part == ".." {
			return "it climbs out with .."
		}
	}
	return ""
}

// fold gives equal keys to names that some file systems take for one: different
// case or a different Unicode normal form (RFC 8493, 6.1.1).
func fold(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFD.String(name)))
}

// names are those already given in a bag that is being written.
type names struct {
	exact map[string]string // folded path of a file or folder -> its spelling
	files map[string]bool   // spelling -> is a file
}

// add refuses a member's name that is unsafe, that Windows cannot hold, or that
// differs from an earlier one only by case or normal form.
func (n *names) add(name string) error {
	if err := portable(name); err != nil {
		return err
	}
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		part, file := name[:i], i == len(name)
		key := fold(part)
		before, taken := n.exact[key]
		switch {
		case taken && before != part:
			return fmt.Errorf("%w: %q and %q differ only by case or Unicode normal form", ErrName, part, before)
		case taken && file && n.files[part]:
			return fmt.Errorf("%w: %q is given twice", ErrName, part)
		case taken && (file || n.files[part]):
			return fmt.Errorf("%w: %q is both a file and a folder", ErrName, part)
		}
		n.exact[key] = part
		if file {
			n.files[part] = true
		}
	}
	return nil
}

// portable checks one name by itself.
func portable(name string) error {
	if why := danger(name); why != "" {
		return fmt.Errorf("%w: %q: %s", ErrName, name, why)
	}
	if !utf8.ValidString(name) {
		return fmt.Errorf("%w: %q: it is not UTF-8", ErrName, name)
	}
	for part := range strings.SplitSeq(name, "/") {
		if why := reserved(part); why != "" {
			return fmt.Errorf("%w: %q: %s", ErrName, name, why)
		}
	}
	return nil
}

// reserved tells why one component of a path is trouble somewhere, or gives ""
// (RFC 8493, 6.1.2, and the Windows rules it refers to). Line ends are allowed:
// manifests can say them.
func reserved(part string) string {
	switch {
	case part == "" || part == ".":
		return "it has an empty component"
	case len(part) > 255:
		return "a component is longer than 255 bytes"
	case strings.ContainsAny(part, `<>:"|?*\`):
		return `Windows reserves the characters < > : " | ? * \`
	case strings.HasSuffix(part, ".") || strings.TrimRightFunc(part, unicode.IsSpace) != part:
		return "Windows drops a dot or space at the end, other tools any white space"
	}
	for _, r := range part {
		if unicode.IsControl(r) && r != '\r' && r != '\n' {
			return "it contains a control character"
		}
		if r == '\u2028' || r == '\u2029' {
			return "it contains a Unicode line separator, at which bagit-python ends the line"
		}
	}
	base, _, _ := strings.Cut(strings.ToUpper(part), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return "Windows reserves it for a device"
	}
	if len(base) == 4 && (base[:3] == "COM" || base[:3] == "LPT") && base[3] >= '1' && base[3] <= '9' {
		return "Windows reserves it for a device"
	}
	return ""
}
