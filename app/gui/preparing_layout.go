package gui

import "fyne.io/fyne/v2"

// fieldsAndPicture puts the fields left and the picture right, or where there is no room for
// both shows the one that is not hidden.
type fieldsAndPicture struct{ narrow bool }

// Widths in Fyne's device-independent pixels.
const (
	fieldsMost   = 600 // what the words beside the fields want
	fieldsLeast  = 565 // below it they are cut short too often
	pictureShare = 0.55
	paneGap      = 10
	narrowCanvas = 940 // a window below it has no room for both
	wordsBeside  = 660 // a window below it has no room for the words beside their fields
	lowCanvas    = 560 // a window below it has no room for a line of keys below the picture
)

// Layout is for Fyne.
func (l *fieldsAndPicture) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	fields, picture := objects[0], objects[1]
	left := min(max(s.Width*(1-pictureShare), fieldsLeast), fieldsMost)
	fields.Move(fyne.NewPos(0, 0))
	picture.Move(fyne.NewPos(left+paneGap, 0))
	if l.narrow {
		left = s.Width
		picture.Move(fyne.NewPos(0, 0))
		picture.Resize(s)
	} else {
		picture.Resize(fyne.NewSize(s.Width-left-paneGap, s.Height))
	}
	fields.Resize(fyne.NewSize(left, s.Height))
}

// MinSize is for Fyne: the dialog gives as much as there is.
func (l *fieldsAndPicture) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(200, 120) }

// bestRows puts views of pages into so many rows that most can be seen of them. Shapes
// are the pages' heights to their widths.
type bestRows struct{ shapes []float32 }

// columns is in how many of them n views are seen best.
func (l *bestRows) columns(n int, s fyne.Size) int {
	const words = 44 // above and below a picture
	best, columns := float32(-1), 1
	for c := 1; c <= n; c++ {
		w, h := l.cell(n, c, s)
		sum := float32(0)
		for i := range n {
			shape := float32(1.4)
			if i < len(l.shapes) {
				shape = l.shapes[i]
			}
			seen := max(min(w, (h-words)/shape), 0)
			sum += seen * seen * shape
		}
		if sum > best {
			best, columns = sum, c
		}
	}
	return columns
}

const viewGap = 4

func (l *bestRows) cell(n, columns int, s fyne.Size) (w, h float32) {
	rows := (n + columns - 1) / columns
	return (s.Width - viewGap*float32(columns-1)) / float32(columns), (s.Height - viewGap*float32(rows-1)) / float32(rows)
}

// Layout is for Fyne.
func (l *bestRows) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	n := len(objects)
	if n == 0 {
		return
	}
	columns := l.columns(n, s)
	w, h := l.cell(n, columns, s)
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i%columns)*(w+viewGap), float32(i/columns)*(h+viewGap)))
		o.Resize(fyne.NewSize(w, h))
	}
}

// MinSize is for Fyne.
func (l *bestRows) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(120, 100) }
