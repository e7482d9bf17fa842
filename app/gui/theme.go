package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
)

// look is Recto's theme: compact, one calm accent, pages the colour of paper on a
// neutral grey that does not change how the eye judges them.
type look struct{ choice string } // "light", "dark", else as the system says

var _ fyne.Theme = look{}

func grey(v uint8) color.NRGBA { return color.NRGBA{v, v, v, 255} }

func rgb(v uint32) color.NRGBA { return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

func rgba(v uint32, a uint8) color.NRGBA { c := rgb(v); c.A = a; return c }

// pair is a colour in light and in dark.
type pair struct{ light, dark color.NRGBA }

var palette = map[fyne.ThemeColorName]pair{
	theme.ColorNameBackground:          {rgb(0xF5F5F4), rgb(0x1F2123)},
	theme.ColorNameForeground:          {rgb(0x1D2226), rgb(0xE4E6E8)},
	theme.ColorNameDisabled:            {rgb(0x9A9EA3), rgb(0x70757B)},
	theme.ColorNamePlaceHolder:         {rgb(0x7B8187), rgb(0x8A9097)},
	theme.ColorNameButton:              {rgb(0xE6E7E8), rgb(0x34383C)},
	theme.ColorNameDisabledButton:      {rgb(0xECECEC), rgb(0x2A2D30)},
	theme.ColorNameInputBackground:     {rgb(0xFFFFFF), rgb(0x26292C)},
	theme.ColorNameInputBorder:         {rgb(0x82888E), rgb(0x7C8389)},
	theme.ColorNameHeaderBackground:    {rgb(0xECEDEE), rgb(0x2C2F33)},
	theme.ColorNameMenuBackground:      {rgb(0xFFFFFF), rgb(0x2C2F33)},
	theme.ColorNameOverlayBackground:   {rgb(0xFFFFFF), rgb(0x2A2D31)},
	theme.ColorNameSeparator:           {rgb(0xDADCDE), rgb(0x3A3E42)},
	theme.ColorNameHover:               {rgba(0x2F6F8F, 0x18), rgba(0x7FB7D1, 0x20)},
	theme.ColorNamePressed:             {rgba(0x2F6F8F, 0x38), rgba(0x7FB7D1, 0x38)},
	theme.ColorNamePrimary:             {rgb(0x1F5A78), rgb(0x74B4D2)},
	theme.ColorNameHyperlink:           {rgb(0x1F5A78), rgb(0x74B4D2)},
	theme.ColorNameForegroundOnPrimary: {rgb(0xFFFFFF), rgb(0x10222B)},
	theme.ColorNameFocus:               {rgba(0x2B6A8A, 0x40), rgba(0x74B4D2, 0x50)},
	theme.ColorNameSelection:           {rgba(0x2B6A8A, 0x2C), rgba(0x74B4D2, 0x3C)},
	theme.ColorNameScrollBar:           {rgba(0x000000, 0x58), rgba(0xFFFFFF, 0x58)},
	theme.ColorNameScrollBarBackground: {rgba(0x000000, 0x08), rgba(0xFFFFFF, 0x08)},
	theme.ColorNameShadow:              {rgba(0x000000, 0x30), rgba(0x000000, 0x70)},
	theme.ColorNameSuccess:             {rgb(0x27633A), rgb(0x7CC08D)},
	theme.ColorNameWarning:             {rgb(0x7A4B00), rgb(0xE0AC5A)},
	theme.ColorNameError:               {rgb(0x9E2823), rgb(0xEF8A83)},
	theme.ColorNameForegroundOnError:   {rgb(0xFFFFFF), rgb(0x2B0C0A)},
	theme.ColorNameForegroundOnSuccess: {rgb(0xFFFFFF), rgb(0x0C2412)},
	theme.ColorNameForegroundOnWarning: {rgb(0xFFFFFF), rgb(0x2A1C04)},
	parts.ColorDesk:                    {grey(0xCD), grey(0x32)},
	parts.ColorPaper:                   {rgb(0xFBF8F0), rgb(0xDCD8CD)},
	parts.ColorMuted:                   {rgb(0x4D545B), rgb(0xA2A8AE)},
	parts.ColorPanel:                   {rgb(0xEBECED), rgb(0x282B2E)},
	parts.ColorMark:                    {rgba(0xF2C94C, 0x90), rgba(0xC9A227, 0x88)},
}

func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	p, ok := palette[name]
	if !ok {
		return theme.DefaultTheme().Color(name, l.variant(variant))
	}
	if l.variant(variant) == theme.VariantDark {
		return p.dark
	}
	return p.light
}

func (l look) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch l.choice {
	case "light":
		return theme.VariantLight
	case "dark":
		return theme.VariantDark
	}
	return system
}

func (l look) Font(s fyne.TextStyle) fyne.Resource     { return theme.DefaultTheme().Font(s) }
func (l look) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }
func (l look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameSubHeadingText:
		return 16
	case theme.SizeNameHeadingText:
		return 20
	case theme.SizeNameInnerPadding:
		return 5 // with text of 13 a row is 27 high
	case theme.SizeNameInlineIcon:
		return 17
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius, theme.SizeNameButtonRadius:
		return 4
	case theme.SizeNameModalBlurRadius:
		return 0 // blurring the window behind a sheet takes a second without a GPU
	case theme.SizeNameScrollBar:
		return 12
	case theme.SizeNameScrollBarSmall:
		return 6
	}
	return theme.DefaultTheme().Size(name)
}
