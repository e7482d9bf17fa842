package folder

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"recto/scan"
)

// Taken makes WatchConfig.Known of all pages that a batch has, the bin included. A
// file is known when every page of it is there, with the size and time that it has
// now; also under another name, if its bytes have been told and the file that the
// pages name is gone. It holds some hundred bytes a page.
func Taken(pages []scan.Page) func(scan.Origin) bool {
	type state struct{ size, modified int64 }
	type file struct {
		path scan.Path
		state
	}
	of := func(o scan.Origin) state { return state{o.Size, o.Modified.UnixNano()} }
	missing := map[file]map[int]bool{} // of files of several pages: what is there
	whole := map[file]bool{}
	content := map[string][]file{}
	for _, p := range pages {
		f, o := file{p.Origin.Absolute, of(p.Origin)}, p.Origin
		sha := o.SHA256
		if o.Count > 1 {
			if missing[f] == nil {
				missing[f] = map[int]bool{}
			}
			if missing[f][o.Index] = true; len(missing[f]) < o.Count {
				continue
			}
		} else if sha == "" {
			sha = p.Fixity.SHA256
		}
		whole[f] = true
		content[sha] = append(content[sha], f)
		if c := p.Companion; c.Master != "" {
			f := file{c.Absolute, state{c.Size, c.Modified.UnixNano()}}
			whole[f] = true
			content[c.Fixity.SHA256] = append(content[c.Fixity.SHA256], f)
		}
	}
	return func(o scan.Origin) bool {
		if whole[file{o.Absolute, of(o)}] {
			return true
		}
		return o.SHA256 != "" && slices.ContainsFunc(content[o.SHA256], func(f file) bool {
			if f.state != of(o) || f.path == o.Absolute {
				return false
			}
			_, err := os.Lstat(string(f.path))
			return errors.Is(err, fs.ErrNotExist)
		})
	}
}
