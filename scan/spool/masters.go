package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"

	"recto/scan"
)

// Found is a master on disk with its sidecar.
type Found struct {
	Sidecar
	// Problem is why the sidecar was computed from the master, nil when it was
	// read: fs.ErrNotExist when there is none. Such a page has lost its origin,
	// its place in the batch, its pixels and its resolution.
	Problem error
}

// Masters gives every master on disk, batch by batch in the order of their IDs,
// which is the order of capture. It changes nothing and reads a master only when
// it has no good sidecar. An error stands for one master or one folder; the
// caller may go on to the next, except after a cancel, which ends it. The memory
// that it needs goes with the names in one folder.
func (s *Spool) Masters(ctx context.Context) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		batches, _, err := s.batches()
		if err != nil {
			yield(Found{}, err)
			return
		}
		for _, b := range batches {
			f, err := s.list(b)
			if err != nil && !yield(Found{}, err) {
				return
			}
			for _, m := range f.masters {
				if err := ctx.Err(); err != nil {
					yield(Found{}, err)
					return
				}
				found, err := s.find(ctx, b, m)
				if !yield(found, err) || ctx.Err() != nil {
					return
				}
			}
		}
	}
}

// Strange lists what lies among the masters and is none of the spool's: paths
// below the root, with slashes. Sidecars whose master is gone are not strange.
func (s *Spool) Strange() ([]string, error) {
	batches, strange, err := s.batches()
	errs := []error{err}
	for _, b := range batches {
		f, err := s.list(b)
		strange = append(strange, f.strange...)
		errs = append(errs, err)
	}
	return strange, errors.Join(errs...)
}

func (s *Spool) find(ctx context.Context, b scan.BatchID, m master) (Found, error) {
	sidecar, problem := ReadSidecar(s.abs("masters", string(b), string(m.id)+".json"))
	if problem == nil && (sidecar.Page.Master != m.path || sidecar.Page.ID != m.id || sidecar.Page.Batch != b) {
		problem = fmt.Errorf("sidecar of %s: it belongs to %q", m.path, sidecar.Page.Master)
	}
	if problem == nil {
		return Found{Sidecar: sidecar}, nil
	}
	sidecar, err := s.compute(ctx, b, m)
	return Found{sidecar, problem}, err
}

// master is a master by its name alone.
type master struct {
	id     scan.PageID
	format scan.Format
	path   string // below the root, with slashes

	companion string // the same of its working image, if there is one
}

// folder is what lies in the folder of one batch.
type folder struct {
	masters  []master
	sidecars map[scan.PageID]bool
	orphans  []string // sidecars and companions with no master beside them; paths below the root
	strange  []string // paths below the root
}

func (s *Spool) list(b scan.BatchID) (folder, error) {
	dir := path.Join("masters", string(b))
	entries, err := os.ReadDir(s.abs(dir))
	if err != nil {
		return folder{}, fmt.Errorf("list masters: %w", err)
	}
	f := folder{sidecars: map[scan.PageID]bool{}}
	beside := map[string]bool{}
	companions := map[scan.PageID]string{}
	for _, e := range entries {
		place, ext := path.Join(dir, e.Name()), path.Ext(e.Name())
		stem := strings.TrimSuffix(e.Name(), ext)
		id := scan.PageID(stem)
		switch of := pageOf(e.Name()); {
		case string(of)+working == stem && isUUID(string(of)) && e.Type().IsRegular() && formats[ext] != "" && formats[ext] != scan.RAW:
			companions[of] = place
			continue
		case isUUID(stem) && e.Type().IsRegular() && ext == ".json":
			f.sidecars[id] = true
			continue
		case isUUID(stem) && e.Type().IsRegular() && formats[ext] != "":
			f.masters = append(f.masters, master{id: id, format: formats[ext], path: place})
		default:
			f.strange = append(f.strange, place)
		}
		beside[stem] = true
	}
	for _, e := range entries { // again, to keep the order of the names
		place, id := path.Join(dir, e.Name()), pageOf(e.Name())
		sidecar := path.Ext(e.Name()) == ".json" && f.sidecars[id] && string(id)+".json" == e.Name()
		if (sidecar || companions[id] == place) && !beside[string(id)] {
			f.orphans = append(f.orphans, place)
		}
	}
	for i, m := range f.masters {
		if m.format == scan.RAW {
			f.masters[i].companion = companions[m.id]
			delete(companions, m.id)
		}
	}
	for id, place := range companions { // of masters that have none
		if beside[string(id)] {
			f.strange = append(f.strange, place)
		}
	}
	return f, nil
}

// pageOf is the page that a file's name begins with, whatever follows.
func pageOf(name string) scan.PageID {
	stem := strings.TrimSuffix(name, path.Ext(name))
	return scan.PageID(strings.TrimSuffix(stem, working))
}

// batches lists the folders of batches, and what else lies beside them.
func (s *Spool) batches() (batches []scan.BatchID, strange []string, err error) {
	if err := s.There(); err != nil {
		return nil, nil, fmt.Errorf("list masters: %w", err)
	}
	entries, err := os.ReadDir(s.abs("masters"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("list masters: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() && isUUID(e.Name()) {
			batches = append(batches, scan.BatchID(e.Name()))
		} else if !ours(e) {
			strange = append(strange, path.Join("masters", e.Name()))
		}
	}
	return batches, strange, nil
}
