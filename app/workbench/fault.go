package workbench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"recto/scan"
	"recto/scan/spool"
)

// blame finds out whether files of the archive are behind an error that came up
// while a document was brought somewhere: then it names the first of them and its
// own remedy, and not what was to become of it at the destination.
func (w *Workbench) blame(ctx context.Context, pages []PageInfo, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if gone := w.vanished(err); gone != err {
		return gone
	}
	c := &checker{w: w}
	for _, page := range pages {
		c.page(ctx, page)
	}
	if own := c.fault(); own != nil && ctx.Err() == nil {
		return own
	}
	return err
}

// fault is the first finding as an error, with its own remedy; nil without one.
func (c *checker) fault() error {
	if len(c.findings) == 0 {
		return nil
	}
	first := c.findings[0]
	message := first.Message
	if !strings.Contains(message, first.Path) {
		message = first.Path + ": " + message
	}
	if n := len(c.findings) - 1; n > 0 {
		message += fmt.Sprintf(" (and %d more: recto verify lists them)", n)
	}
	return &damage{errors.New(message), first.Remedy}
}

// copyFault is an error of copying a document out: of its own files, or of the folder.
func (w *Workbench) copyFault(ctx context.Context, d DocumentInfo, dir string, err error) error {
	err = fmt.Errorf("copy %q to %s: %w", d.Title, scan.Path(dir).Line(), err)
	pages, perr := w.documentPages(ctx, d.Document)
	if perr != nil {
		return err
	}
	if own := w.blame(ctx, pages, err); own != err {
		return own
	}
	return About(dir, err)
}

// vanished finds out whether an error came up because the archive or its masters
// are not there any more: a disk was unplugged, a folder moved.
func (w *Workbench) vanished(err error) error {
	if err == nil || errors.Is(err, spool.ErrAbsent) || errors.Is(err, spool.ErrForeign) {
		return err
	}
	if IsArchive(w.dir) {
		if gone := w.spool.There(); gone != nil {
			return fmt.Errorf("%w: %v", w.whereabouts(gone), err)
		}
		return err
	}
	return fmt.Errorf("%s: %w: %v", scan.Path(w.dir).Line(), ErrVanished, err) // not of the kind that err is: no page is to be marked
}

// masterFault tells a master that is not there from one that cannot be decoded.
func (w *Workbench) masterFault(page scan.Page, err error) error {
	if !errors.Is(err, scan.ErrUnreadable) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if gone := w.vanished(err); gone != err { // no page is to blame
		return gone
	}
	for _, f := range page.Files() {
		if _, gone := os.Stat(w.path(filepath.FromSlash(f.Path))); errors.Is(gone, fs.ErrNotExist) {
			return fmt.Errorf("%w: %s", scan.ErrMissing, f.Path)
		}
	}
	return err
}
