package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Icons that Fyne's theme lacks, on its grid of 24 and in its style.
var (
	iconScanner = drawn("scanner", `<path d="M19.8 10.7 4.2 5l-.7 1.9L17.6 12H5a2 2 0 0 0-2 2v4a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2v-5.5a2 2 0 0 0-1.2-1.8zM7 17H5v-2h2zm12 0H9v-2h10z"/>`)
	iconDuplex  = drawn("duplex", `<path d="M4 3h9l4 4v2h-2V8h-3V5H6v12h3v2H4zm7 8h9v10h-9zm2 2v6h5v-6z"/>`)
	iconCompare = drawn("compare", `<path d="M3 4h8v16H3zm2 2v12h4V6zm8-2h8v16h-8zm2 2v12h4V6z"/>`)
	iconSplit   = drawn("split", `<path d="M11 2h2v5h-2zm0 7h2v6h-2zm0 8h2v5h-2zM2 6h6v12H2zm2 2v8h2V8zm12-2h6v12h-6zm2 2v8h2V8z"/>`)
	iconSkew    = drawn("skew", `<path d="M6.2 3 18.9 6.4 16 21 3.2 17.6zm1.6 2.5-2.2 10.6 8.7 2.3 2.2-10.6z"/>`)
	iconDot     = drawn("dot", `<path d="M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z"/>`)
	iconWidth   = drawn("width", `<path d="M3 5h2v14H3zM19 5h2v14h-2zM10 8l-4 4 4 4v-3h4v3l4-4-4-4v3h-4z"/>`)
	iconLeft    = drawn("turn-left", `<path d="M7 8V4L2 9l5 5v-4h6a5 5 0 0 1 0 10H8v2h5a7 7 0 0 0 0-14z"/>`)
	iconRight   = drawn("turn-right", `<path d="M17 8V4l5 5-5 5v-4h-6a5 5 0 0 0 0 10h5v2h-5a7 7 0 0 1 0-14z"/>`)
)

// drawn makes an icon of a path; it takes the colour of the theme.
func drawn(name, path string) fyne.Resource {
	return theme.NewThemedResource(fyne.NewStaticResource(name+".svg",
		[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">`+path+`</svg>`)))
}
