package workbench

import (
	"context"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// A unit begins with a page and goes on to the next beginning. So a page that is put
// elsewhere must not take the beginning of its unit along, and not leave the others to
// the unit before.

// wholeBatch gives the pages of a batch in order, the bin included.
func (w *Workbench) wholeBatch(ctx context.Context, batch scan.BatchID) ([]PageInfo, error) {
	rows, err := w.cat.Pages(ctx, batch, catalogue.All)
	return pageInfos(rows), err
}

// moved puts pages, in the order given, behind another; empty is the start.
func moved(all []PageInfo, pages []PageInfo, after scan.PageID) []PageInfo {
	away := map[scan.PageID]bool{}
	for _, p := range pages {
		away[p.ID] = true
	}
	var out []PageInfo
	if after == "" {
		out = append(out, pages...)
	}
	for _, p := range all {
		if !away[p.ID] {
			out = append(out, p)
		}
		if p.ID == after {
			out = append(out, pages...)
		}
	}
	return out
}

// ordered puts pages into each other's places, in the order given.
func ordered(all []PageInfo, ids []scan.PageID) []PageInfo {
	known := map[scan.PageID]PageInfo{}
	for _, id := range ids {
		known[id] = PageInfo{}
	}
	for _, p := range all {
		if _, is := known[p.ID]; is {
			known[p.ID] = p
		}
	}
	out := make([]PageInfo, 0, len(all))
	for _, p := range all {
		if _, is := known[p.ID]; is {
			p, ids = known[ids[0]], ids[1:]
		}
		out = append(out, p)
	}
	return out
}

// beginnings says how the beginnings of units change with the order of a batch, so that
// each page stays in its unit. Pages that went elsewhere without the rest of their unit
// join that of the page which they were put behind, at the start of the batch that of
// the page behind them; alone says that they do so even if all of their unit went.
func beginnings(now, then []PageInfo, went map[scan.PageID]bool, alone bool) []archive.Division {
	unit := map[scan.PageID]int{}
	starts, whole := []*archive.Start{nil}, []bool{false} // what is before the first beginning is no unit
	for _, p := range now {
		if p.Binned {
			continue
		}
		if p.Start != nil {
			starts, whole = append(starts, p.Start), append(whole, true)
		}
		u := len(starts) - 1
		unit[p.ID] = u
		whole[u] = whole[u] && went[p.ID]
	}
	if len(starts) == 1 {
		return nil
	}
	joins := func(p PageInfo) bool { return went[p.ID] && (alone || !whole[unit[p.ID]]) }
	at := 0
	for _, p := range then {
		if !p.Binned && !joins(p) {
			at = unit[p.ID]
			break
		}
	}
	for _, p := range then {
		switch {
		case p.Binned:
		case joins(p):
			unit[p.ID] = at
		default:
			at = unit[p.ID]
		}
	}

	var changes []archive.Division
	right, before := true, 0
	var waiting *archive.Start // of a page in the bin
	for _, p := range then {
		own := p.Start
		if p.startOf != p.ID {
			own = nil
		}
		if p.Binned {
			if own != nil {
				waiting = own
			}
			continue
		}
		var to *archive.Start
		switch u := unit[p.ID]; {
		case u == before:
		case u == 0: // it was in none, and must not fall to the one before it now
			to = &archive.Start{Cause: "manual"}
		default:
			to = starts[u]
		}
		before = unit[p.ID]
		shown := own
		if own == nil {
			shown = waiting
		}
		waiting = nil
		right = right && sameStart(shown, to)
		if own == nil && p.Start != nil {
			changes = append(changes, archive.Division{Page: p.startOf, From: p.Start})
		}
		if !sameStart(own, to) {
			changes = append(changes, archive.Division{Page: p.ID, From: own, To: to})
		}
	}
	if right {
		return nil
	}
	return changes
}

func sameStart(a, b *archive.Start) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
