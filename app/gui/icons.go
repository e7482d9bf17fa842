package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Icons that Fyne's theme lacks, on its grid of 24 and in its style.
var (
	iconWidth = drawn("width", `<path d="M3 5h2v14H3zM19 5h2v14h-2zM10 8l-4 4 4 4v-3h4v3l4-4-4-4v3h-4z"/>`)
	iconLeft  = drawn("turn-left", `<path d="M7 8V4L2 9l5 5v-4h6a5 5 0 0 1 0 10H8v2h5a7 7 0 0 0 0-14z"/>`)
	iconRight = drawn("turn-right", `<path d="M17 8V4l5 5-5 5v-4h-6a5 5 0 0 0 0 10h5v2h-5a7 7 0 0 1 0-14z"/>`)
)

// drawn makes an icon of a path; it takes the colour of the theme.
func drawn(name, path string) fyne.Resource {
	return theme.NewThemedResource(fyne.NewStaticResource(name+".svg",
		[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">`+path+`</svg>`)))
}
