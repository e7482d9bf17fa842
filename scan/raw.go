package scan

import (
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// RawExtensions are the endings of cameras' raw files, in lower case. Which file is
// one its content tells; the ending is kept, because developing programs go by it.
var RawExtensions = []string{
	".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".iiq", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2",
	".sr2", ".srf", ".srw", ".x3f",
}

// Extension is the file name ending of the sheet's master, with the dot: that of its
// format, and of a raw file the one that its source has, in lower case.
func (s Sheet) Extension() string {
	if s.Format == RAW {
		if e := strings.ToLower(filepath.Ext(string(s.Origin.Path))); slices.Contains(RawExtensions, e) {
			return e
		}
	}
	return s.Format.Extension()
}

// Companion is the working image of a page whose master is a camera's raw file: the
// JPEG that the camera wrote of the same shot. It is as durable and as immutable as
// the master, and all that needs pixels takes them from it. The zero Companion: none.
type Companion struct {
	Master   string    `json:"master"` // path below the archive's root, with slashes
	Format   Format    `json:"format"`
	Fixity   Fixity    `json:"fixity"`
	Path     Path      `json:"path"`              // where it came from, as in [Origin]
	Absolute Path      `json:"absolute,omitzero"` //
	Size     int64     `json:"size"`              // bytes of that file
	Modified time.Time `json:"modified,omitzero"` // of that file, UTC
}

// Working tells which file is decoded for the page: a path below the archive's root,
// its format and what proves it. That is the master, and of a raw file its
// companion; all three are zero where there is none ([Page.RawAlone]).
func (p Page) Working() (file string, format Format, fixity Fixity) {
	if p.Format == RAW {
		return p.Companion.Master, p.Companion.Format, p.Companion.Fixity
	}
	return p.Master, p.Format, p.Fixity
}

// RawAlone tells that the page is a camera's raw file that came without its JPEG:
// it is kept and nothing can be seen of it ([NoWorkingImage], [ErrNoWorkingImage]).
func (p Page) RawAlone() bool { return p.Format == RAW && p.Companion == Companion{} }

// Files are the files of the page below the archive's root with what proves them:
// the master and, where it has one, its companion.
func (p Page) Files() []File {
	files := []File{{p.Master, p.Fixity}}
	if p.Companion.Master != "" {
		files = append(files, File{p.Companion.Master, p.Companion.Fixity})
	}
	return files
}

// File is a file of the archive, by its path below the root with slashes.
type File struct {
	Path   string
	Fixity Fixity
}
