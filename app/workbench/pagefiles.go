package workbench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"recto/scan"
)

// pageFiles is a folder that files of single pages are written into for people.
type pageFiles struct {
	dir     string
	replace bool // files that are there already
}

// CheckInto tells whether a folder that files are to be written into is there.
func CheckInto(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%w: there is no folder %s: make it first, or give another one", ErrUsage, scan.Path(dir).Line())
	case err == nil && !info.IsDir():
		err = fmt.Errorf("%w: %s is no folder", ErrUsage, scan.Path(dir).Line())
	}
	return About(dir, err)
}

func into(dir string, replace bool) (pageFiles, error) {
	return pageFiles{dir, replace}, CheckInto(dir)
}

// path is where a file of a page goes: it is named by the page's number in its batch, in
// the bin by its ID, and by what it ends with.
func (f pageFiles) path(page PageInfo, ending string) string {
	name := fmt.Sprintf("%04d", page.Number)
	if page.Binned {
		name = string(page.ID)
	}
	return filepath.Join(f.dir, name+ending)
}

// free is an ErrFileThere for a file that is there and may not be replaced.
func (f pageFiles) free(file string) error {
	if _, err := os.Lstat(file); err == nil && !f.replace {
		return ErrFileThere
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
