package bagit

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var oxum = regexp.MustCompile(`^(\d{1,19})\.(\d{1,19})$`)

// once are the elements that a bag should have no more than one of (RFC 8493, 2.2.2).
var once = map[string]bool{"bagging-date": true, "bag-size": true, "bag-group-identifier": true, "bag-count": true}

// metadata reads bag-info.txt, which was package-info.txt before 0.96, and keeps
// the Payload-Oxum.
func (c *check) metadata() {
	for _, name := range []string{"bag-info.txt", "package-info.txt"} {
		if !c.present(name) || name == "package-info.txt" && c.version.atLeast(0, 96) {
			continue
		}
		f, err := c.open(name)
		if err != nil {
			c.unreadable(name, err)
			continue
		}
		seen := map[string]int{}
		err = elements(f, c.encoding, func(e element) { c.element(name, e, seen) })
		f.Close()
		c.decoded(name, err)
	}
}

func (c *check) element(file string, e element, seen map[string]int) {
	v1 := c.version.atLeast(1, 0)
	label := strings.Trim(e.label, " \t")
	switch {
	case e.blank:
		c.warn("info-syntax", file, mendTag, "line %d is empty", e.line)
		return
	case e.fault != "":
		c.fail("info-syntax", file, mendTag, "line %d should be a label, a colon and a value: %s", e.line, e.fault)
		return
	case label == "":
		c.fail("info-syntax", file, mendTag, "line %d has no label before the colon", e.line)
		return
	case v1 && label != e.label:
		c.fail("info-syntax", file, mendTag, "line %d: the label %.80q must not begin or end with white space", e.line, e.label)
	case v1 && len(e.space) != 1:
		c.warn("info-syntax", file, mendTag, "line %d: there should be one space after the colon", e.line)
	}
	label = strings.ToLower(label)
	if label != "payload-oxum" && !once[label] {
		return
	}
	if seen[label]++; seen[label] == 2 {
		c.strict(v1 && label == "payload-oxum", "info-repeated", file, mendTag, "%s is given more than once", label)
	}
	switch label {
	case "bagging-date":
		if _, err := time.Parse(time.DateOnly, e.value); err != nil {
			c.warn("info-date", file, mendTag, "Bagging-Date should be YYYY-MM-DD and is %.80q", e.value)
		}
	case "payload-oxum":
		if !oxum.MatchString(e.value) {
			c.fail("oxum-syntax", file, mendTag, "Payload-Oxum should be BYTES.FILES and is %.80q", e.value)
			return
		}
		c.oxums = append(c.oxums, e.value)
	}
}

// checkOxum compares the payload with Payload-Oxum. Empty system files that went
// missing do not count: that was said already.
func (c *check) checkOxum(octets, files, vanished int64) {
	for _, said := range c.oxums {
		if got := fmt.Sprintf("%d.%d", octets, files); trimmed(said) != got && trimmed(said) != fmt.Sprintf("%d.%d", octets, files+vanished) {
			c.fail("oxum-mismatch", "data", askAgain, "Payload-Oxum says %s (bytes.files) and the payload has %s", said, got)
		}
	}
}

// trimmed is an oxum without leading zeros.
func trimmed(s string) string {
	octets, files, _ := strings.Cut(s, ".")
	zero := func(s string) string {
		if s = strings.TrimLeft(s, "0"); s == "" {
			return "0"
		}
		return s
	}
	return zero(octets) + "." + zero(files)
}
