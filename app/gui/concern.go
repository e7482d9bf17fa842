package gui

import (
	"fmt"
	"math"

	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// concernWord says in a word or two what is suspected of a page. Recto suspects; it
// does not know: hence the question marks.
func concernWord(c scan.Concern) string {
	switch c.Kind {
	case scan.SuspectBlank:
		return "blank?"
	case scan.SuspectDoubleFeed:
		return "double feed?"
	case scan.SuspectDuplicate:
		return "twice?"
	case scan.SuspectBlurred:
		return "blurred?"
	case scan.SuspectLowDPI:
		return "too few dpi"
	case scan.SuspectSkew:
		return "askew"
	case scan.CodeUnread:
		return "code not read"
	case scan.CodeUnknown:
		return "code unknown"
	case scan.Undecodable:
		return "cannot be shown"
	case scan.NoWorkingImage:
		return "RAW alone"
	}
	return string(c.Kind)
}

// ofFile tells of a page that was imported: nobody looks at it while it comes in.
func ofFile(p workbench.PageInfo) bool { return p.Origin.Capture == nil && p.Origin.Absolute != "" }

// concernBadge is what to say of a page in the strip: whether somebody should look.
func concernBadge(p workbench.PageInfo) parts.Badge {
	switch {
	case len(p.Concerns) > 0 && p.Reviewed != "":
		return parts.Badge{Icon: theme.ConfirmIcon(), Word: "accepted", Tone: parts.Muted}
	case len(p.Concerns) > 1:
		return parts.Badge{Icon: theme.WarningIcon(), Word: fmt.Sprintf("%s +%d", concernWord(p.Concerns[0]), len(p.Concerns)-1), Tone: parts.Warn}
	case len(p.Concerns) == 1:
		return parts.Badge{Icon: theme.WarningIcon(), Word: concernWord(p.Concerns[0]), Tone: parts.Warn}
	case p.Inspection == nil && p.State == scan.New && !ofFile(p):
		return parts.Badge{Icon: theme.HistoryIcon(), Word: "looking…", Tone: parts.Muted}
	}
	return parts.Badge{}
}

// sheetBadges is what a quick look found on a page, what is suspected first.
func sheetBadges(p workbench.PageInfo) []badge {
	var out []badge
	clear := len(p.Concerns) == 0
	for _, c := range p.Concerns {
		tone, icon := parts.Warn, theme.WarningIcon()
		if p.Reviewed != "" {
			tone, icon = parts.Muted, theme.ConfirmIcon()
		}
		out = append(out, badge{icon, concernWord(c), tone})
	}
	if p.Start != nil {
		word := "a unit begins"
		if name := startWords(p); name != newUnit {
			word = "begins: " + name
		}
		out = append(out, badge{iconSplit, word, parts.Accent})
	}
	in := p.Inspection
	if in == nil {
		if clear && !ofFile(p) {
			out = append(out, badge{theme.HistoryIcon(), "looking…", parts.Muted})
		}
		return out
	}
	if clear {
		out = append(out, badge{theme.ConfirmIcon(), "nothing to complain of", parts.Good})
	}
	if in.Blank && !suspected(p, scan.SuspectBlank) {
		out = append(out, badge{theme.CheckButtonIcon(), "blank", parts.Muted})
	}
	if in.Sharpness > 0 {
		out = append(out, badge{theme.VisibilityIcon(), fmt.Sprintf("focus %.0f %%", in.Sharpness*100), parts.Muted})
	}
	if !in.Blank {
		out = append(out, badge{iconSkew, fmt.Sprintf("skew %.1f°", math.Abs(in.Skew)), parts.Muted})
	}
	for _, c := range in.Codes {
		if !c.Unread {
			word := string(c.Kind)
			if c.Text != "" {
				word = c.Text
			}
			out = append(out, badge{theme.GridIcon(), "code " + word, parts.Accent})
		}
	}
	return out
}

func suspected(p workbench.PageInfo, kind scan.ConcernKind) bool {
	for _, c := range p.Concerns {
		if c.Kind == kind {
			return true
		}
	}
	return false
}
