package pdfa

import (
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// labels makes the number tree of page labels (ISO 32000-1, 12.4.2): runs of
// numbers and runs of one and the same other label, each a range. An empty label
// is the page's own number.
func labels(given []string) types.Array {
	var nums types.Array
	var kind, text string // of the page before
	var number int
	for i, label := range given {
		if label == "" {
			label = strconv.Itoa(i + 1)
		}
		n, err := strconv.Atoi(label)
		if err == nil && n > 0 && n <= 1<<31-1 && strconv.Itoa(n) == label {
			if kind != "number" || n != number+1 {
				nums = append(nums, types.Integer(i), types.Dict{"S": types.Name("D"), "St": types.Integer(n)})
			}
			kind, number = "number", n
			continue
		}
		if label = plain(label, 200); kind != "text" || label != text {
			nums = append(nums, types.Integer(i), types.Dict{"P": textString(label)})
		}
		kind, text = "text", label
	}
	return nums
}
