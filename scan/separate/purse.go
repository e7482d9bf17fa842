package separate

// purse bounds what reading a page may cost, in pixels sampled: so that it is the
// same on every machine, and the same again. What it takes to look over a page is
// not counted; it goes with the size of the page.
type purse struct{ left int }

// A million samples cost about ten milliseconds.
const (
	forLines   = 9_000_000
	forSquares = 9_000_000
)

func (p *purse) spend(n int) { p.left -= n }

func (p *purse) any() bool { return p.left > 0 }
