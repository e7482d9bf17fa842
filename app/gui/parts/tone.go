package parts

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours that Fyne's theme has no name for. The window's theme gives them.
const (
	ColorDesk  fyne.ThemeColorName = "recto.desk"  // the neutral grey that pages lie on
	ColorPaper fyne.ThemeColorName = "recto.paper" // a page whose image is not there yet
	ColorMuted fyne.ThemeColorName = "recto.muted" // words that explain
	ColorPanel fyne.ThemeColorName = "recto.panel" // rail, toolbar, status bar
	ColorMark  fyne.ThemeColorName = "recto.mark"  // behind a word that a search found
)

// Tone says what a word or an icon means. It is never said by colour alone: each
// is shown with a word.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Muted
	Good
	Warn
	Bad
	Accent
)

// Name is the theme's name for the colour of t.
func (t Tone) Name() fyne.ThemeColorName {
	switch t {
	case Muted:
		return ColorMuted
	case Good:
		return theme.ColorNameSuccess
	case Warn:
		return theme.ColorNameWarning
	case Bad:
		return theme.ColorNameError
	case Accent:
		return theme.ColorNamePrimary
	}
	return theme.ColorNameForeground
}

// Color is the colour of t in the present theme.
func (t Tone) Color() color.Color { return theme.Color(t.Name()) }

// Tint gives an icon the colour of t.
func (t Tone) Tint(icon fyne.Resource) fyne.Resource {
	if icon == nil || t == Plain {
		return icon
	}
	return theme.NewColoredResource(icon, t.Name())
}
