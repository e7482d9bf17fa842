package catalogue

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"recto/scan"
)

// What can be wrong with a catalogue. A full disk is [scan.ErrNoSpace] and a
// catalogue that cannot be written to [scan.ErrReadOnly].
var (
	ErrNotFound    = errors.New("not in the catalogue")
	ErrDamaged     = errors.New("the catalogue is damaged: make it anew with recto rebuild")
	ErrNewerSchema = errors.New("the catalogue was made by a newer Recto: use that version or a newer one")
	ErrOlderSchema = errors.New("the catalogue was made by an older Recto: open the archive once for writing")
	ErrNetwork     = errors.New("the catalogue lies on a network file system, where SQLite is not safe: move the archive to a local disk")
	ErrOrder       = errors.New("the event is older than what was applied: events must come in the journal's order")
	ErrBusy        = errors.New("another program is using the catalogue")
)

// fail adds what was being done and, for errors of SQLite, what they mean.
func fail(what string, err error) error {
	if err == nil {
		return nil
	}
	if meaning := meaning(err); meaning != nil && !errors.Is(err, meaning) {
		return fmt.Errorf("catalogue: %s: %w (%w)", what, meaning, err)
	}
	return fmt.Errorf("catalogue: %s: %w", what, err)
}

// meaning gives the sentinel for an error of SQLite, nil where there is none
// (https://www.sqlite.org/rescode.html).
func meaning(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return nil
	}
	switch e.SystemErrno {
	case syscall.ENOSPC, syscall.EDQUOT:
		return scan.ErrNoSpace
	case syscall.EROFS, syscall.EACCES, syscall.EPERM:
		return scan.ErrReadOnly
	}
	switch e.Code {
	case sqlite3.ErrFull:
		return scan.ErrNoSpace
	case sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return scan.ErrReadOnly
	case sqlite3.ErrNotADB, sqlite3.ErrCorrupt:
		return ErrDamaged
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return ErrBusy
	}
	return nil
}
