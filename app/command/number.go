package command

import (
	"fmt"
	"strconv"

	"github.com/alecthomas/kong"
)

// The numbers that flags take, each within its range. They read their own word,
// because kong takes the -1 of "--jobs -1" for another flag.

// resolution is in dots per inch. Below 50 no text can be read, above 2400 a
// rendered page leaves every limit.
type resolution float64

func (r *resolution) Decode(c *kong.DecodeContext) error {
	return number(c, r, "resolution", 50, 2400)
}

// workers counts worker processes.
type workers int

func (n *workers) Decode(c *kong.DecodeContext) error {
	return number(c, n, "number of worker processes", 1, 256)
}

// hits counts what a search shows.
type hits int

func (n *hits) Decode(c *kong.DecodeContext) error { return number(c, n, "number of hits", 1, 10_000) }

// offset counts what a search leaves out.
type offset int

func (n *offset) Decode(c *kong.DecodeContext) error {
	return number(c, n, "number of hits", 0, 1_000_000_000)
}

// turn is in degrees, clockwise.
type turn int

func (n *turn) Decode(c *kong.DecodeContext) error {
	if err := number(c, n, "turn", -270, 270); err != nil || *n%90 == 0 && *n != 0 {
		return err
	}
	return fmt.Errorf("pages turn by 90, 180 or 270 degrees (or -90), not %d", *n)
}

// dots are those of a device to the inch.
type dots float64

func (n *dots) Decode(c *kong.DecodeContext) error { return number(c, n, "resolution", 1, 10_000) }

// sheets counts sheets of paper; 0 where nobody has counted them.
type sheets int

func (n *sheets) Decode(c *kong.DecodeContext) error {
	return number(c, n, "number of sheets", 0, 1_000_000)
}

// ordinal is the number of a page in its batch, from 1.
type ordinal int

func (n *ordinal) Decode(c *kong.DecodeContext) error {
	return number(c, n, "page number", 1, 1_000_000_000)
}

// sides counts the images that a sheet gives.
type sides int

func (n *sides) Decode(c *kong.DecodeContext) error { return number(c, n, "number of sides", 1, 2) }

// seconds is a time to wait.
type seconds float64

func (n *seconds) Decode(c *kong.DecodeContext) error {
	return number(c, n, "number of seconds", 0, 1_000_000)
}

// percent is a share.
type percent float64

func (n *percent) Decode(c *kong.DecodeContext) error {
	return number(c, n, "percentage", 0, 1000)
}

// letters counts those of a word.
type letters int

func (n *letters) Decode(c *kong.DecodeContext) error {
	return number(c, n, "number of letters", 1, 1000)
}

// confidence is in per cent.
type confidence float64

func (n *confidence) Decode(c *kong.DecodeContext) error {
	return number(c, n, "percentage", 0, 100)
}

// depth is in bits a sample.
type depth int

func (n *depth) Decode(c *kong.DecodeContext) error {
	if err := number(c, n, "depth", 1, 16); err != nil || *n == 1 || *n == 8 || *n == 16 {
		return err
	}
	return fmt.Errorf("a sample has 1, 8 or 16 bits, not %d", *n)
}

func number[T ~int | ~float64](c *kong.DecodeContext, to *T, what string, low, high float64) error {
	token := c.Scan.Pop()
	word := strconv.Quote(token.String())
	if token.IsEOL() {
		word = "nothing"
	}
	n, err := strconv.ParseFloat(token.String(), 64)
	if err != nil || !(n >= low && n <= high) || float64(T(n)) != n { // NaN is in no range
		return fmt.Errorf("wants a %s from %.0f to %.0f, not %s", what, low, high, word)
	}
	*to = T(n)
	return nil
}
