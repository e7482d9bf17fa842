package catalogue

// order keeps the places of one batch's pages, 0 meaning: taken out. Places are
// numbers with gaps, so that adding at the end looks at one index entry and
// inserting seldom touches other pages.
type order struct {
	writer
	batch int64
}

// gap is left behind each page that is added. An insertion halves a gap, so some
// thirty fit into the same spot before the batch is numbered anew; and 2^31 pages
// fit into a batch.
const gap = 1 << 32

// add puts a page at the end.
func (o order) add(page int64) error {
	return o.exec(`UPDATE pages SET place = ? + coalesce((SELECT max(place) FROM pages WHERE batch = ?), 0) WHERE seq = ?`,
		int64(gap), o.batch, page)
}

// insert takes pages out and puts them, in the order given, behind the page
// after, which is not one of them; 0 means the start.
func (o order) insert(pages []int64, after int64) error {
	for _, page := range pages {
		if err := o.exec(`UPDATE pages SET place = 0 WHERE seq = ?`, page); err != nil {
			return err
		}
	}
	n := int64(len(pages))
	low, room, err := o.room(after, n)
	if err != nil {
		return err
	}
	if room < 1 {
		if err := o.renumber(max(gap, n+1)); err != nil {
			return err
		}
		if low, room, err = o.room(after, n); err != nil {
			return err
		}
	}
	for i, page := range pages {
		if err := o.exec(`UPDATE pages SET place = ? WHERE seq = ?`, low+room*int64(i+1), page); err != nil {
			return err
		}
	}
	return nil
}

// room gives the place of the page after and the step at which n pages fit
// between it and the next one; below 1 they do not fit.
func (o order) room(after, n int64) (low, step int64, err error) {
	if after != 0 {
		if low, err = o.find(`SELECT place FROM pages WHERE seq = ?`, after); err != nil {
			return 0, 0, err
		}
	}
	next, err := o.find(`SELECT place FROM pages WHERE batch = ? AND place > ? ORDER BY place LIMIT 1`, o.batch, low)
	if err != nil {
		return 0, 0, err
	}
	if next == 0 {
		return low, gap, nil
	}
	return low, (next - low) / (n + 1), nil
}

// renumber spreads all places of the batch evenly.
func (o order) renumber(step int64) error {
	return o.exec(`UPDATE pages SET place = ranked.rank * ?2
		FROM (SELECT seq, row_number() OVER (ORDER BY place) AS rank FROM pages WHERE batch = ?1 AND place > 0) AS ranked
		WHERE pages.seq = ranked.seq`, o.batch, step)
}

// spot is an archive.Place by rows; after is 0 for the start.
type spot struct{ page, after int64 }

// runs splits places into stretches in which each page follows the one before,
// so that a moved block is put back at once and not page by page.
func runs(back []spot) [][]spot {
	var out [][]spot
	taken := map[int64]bool{} // what the last stretch moves or stands behind
	for i, s := range back {
		if i > 0 && s.after == back[i-1].page && !taken[s.page] {
			out[len(out)-1] = append(out[len(out)-1], s)
		} else {
			out = append(out, []spot{s})
			clear(taken)
			taken[s.after] = true
		}
		taken[s.page] = true
	}
	return out
}
