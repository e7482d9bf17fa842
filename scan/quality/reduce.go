package quality

import "image"

// longest bounds the sides of a picture that is looked at: A4 at 150 dpi, where
// letters are whole and blur that hampers reading shows.
const longest = 1800

// Reduced gives the picture in the size that [Signature] and [Sharpness] work at:
// its longest side is at most 1800 pixels, by averaging squares of 2, 3, 4 ...
// pixels a side. A picture that is small enough comes back as it is. Who calls both
// hands them the same reduced picture and pays once. About 1 ms a megapixel.
func Reduced(img *image.Gray) *image.Gray {
	size := img.Rect.Size()
	n := (max(size.X, size.Y) + longest - 1) / longest
	// A strip stays at least a pixel wide.
	return boxed(img, min(n, size.X, size.Y))
}

// boxed averages squares of n pixels a side. What is left over at the right and the
// bottom is left out.
func boxed(img *image.Gray, n int) *image.Gray {
	if n <= 1 {
		return img
	}
	size := img.Rect.Size().Div(n)
	out := image.NewGray(image.Rectangle{Max: size})
	if n == 2 {
		for y := range size.Y {
			a := img.Pix[2*y*img.Stride:][:2*size.X]
			b := img.Pix[(2*y+1)*img.Stride:][:2*size.X]
			to := out.Pix[y*out.Stride:][:size.X]
			for x := range to {
				to[x] = uint8((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) >> 2)
			}
		}
		return out
	}
	sum := make([]uint32, size.X)
	area := uint32(n * n)
	for y := range size.Y {
		clear(sum)
		for k := range n {
			line := img.Pix[(y*n+k)*img.Stride:][:n*size.X]
			for x := range sum {
				s := uint32(0)
				for _, v := range line[x*n : x*n+n] {
					s += uint32(v)
				}
				sum[x] += s
			}
		}
		to := out.Pix[y*out.Stride:][:size.X]
		for x, s := range sum {
			to[x] = uint8((s + area/2) / area)
		}
	}
	return out
}
