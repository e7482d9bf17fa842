package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"recto/archive"
	"recto/archive/journal"
	"recto/scan"
)

// Init makes an empty archive at dir, which must not exist or be empty. It is
// built beside and renamed into place: it appears whole or not at all.
func Init(ctx context.Context, dir string) error { return InitWith(ctx, dir, Layout{}) }

// Layout says where the parts of a new archive lie.
type Layout struct {
	Masters string // folder on another disk, which must not exist or be empty; empty: in the archive
}

// InitWith makes an empty archive at dir whose parts lie as the layout says.
func InitWith(ctx context.Context, dir string, l Layout) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, markerFile)); err == nil {
			return fmt.Errorf("%s: %w: it is a Recto archive", scan.Path(dir).Line(), ErrExists)
		}
		return fmt.Errorf("%s: %w", scan.Path(dir).Line(), ErrExists)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError(err)
	}
	if err := notInArchive(dir); err != nil {
		return err
	}
	if l.Masters != "" {
		if l.Masters, err = filepath.Abs(l.Masters); err != nil {
			return err
		}
		if err := checkMasters(l.Masters, dir); err != nil {
			return About(l.Masters, err)
		}
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return diskError(err)
	}
	sweepHalfMade(parent, filepath.Base(dir))
	tmp, held, err := beside(dir)
	if err != nil {
		return fmt.Errorf("make archive: %w", diskError(err))
	}
	defer os.RemoveAll(tmp)
	defer held.Close()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return diskError(err)
	}
	m := marker{Archive: scan.NewID(), Format: Format, Program: "Recto " + Version}
	if l.Masters == "" {
		err = os.Mkdir(filepath.Join(tmp, "masters"), 0o755)
	} else {
		m.Masters = l.Masters
		var takeBack func()
		if takeBack, err = placeMasters(m.Masters, dir, m.Archive); err != nil {
			return About(m.Masters, err)
		}
		defer func() {
			if err != nil {
				takeBack()
			}
		}()
		err = os.Symlink(m.Masters, filepath.Join(tmp, "masters"))
	}
	if err != nil {
		return diskError(err)
	}
	for _, d := range []string{journalDir, textsDir, documentsDir, renditionsDir, thumbsDir, tmpDir} {
		if err := os.Mkdir(filepath.Join(tmp, d), 0o755); err != nil {
			return diskError(err)
		}
	}
	log, _, err := journal.Open(filepath.Join(tmp, journalDir))
	if err != nil {
		return diskError(err)
	}
	e, err := archive.NewEvent(archive.ArchiveCreated, actor(""), "", archive.Created{Archive: m.Archive, Format: Format})
	if err == nil {
		_, err = log.Append(ctx, e)
	}
	m.Created = e.Time
	if cerr := log.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return diskError(err)
	}
	if err := writeFile(filepath.Join(tmp, "README.txt"), []byte(readme)); err != nil {
		return err
	}
	if err := m.write(tmp); err != nil {
		return err
	}
	if err := syncDir(tmp); err != nil {
		return diskError(err)
	}
	// rename(2) replaces an empty folder and refuses a full one.
	if err := os.Rename(tmp, dir); errors.Is(err, unix.EEXIST) || errors.Is(err, unix.ENOTEMPTY) {
		return fmt.Errorf("%s: %w: somebody else made it just now", scan.Path(dir).Line(), ErrExists)
	} else if err != nil {
		return fmt.Errorf("make archive %s: %w", scan.Path(dir).Line(), diskError(err))
	}
	return diskError(syncDir(parent))
}

// beside makes and holds a folder in which an archive grows before it gets its
// name. Before it is held another Recto may take it for one that was left behind.
func beside(dir string) (tmp string, held *os.File, err error) {
	for range 10 {
		if tmp, err = os.MkdirTemp(filepath.Dir(dir), halfMade(filepath.Base(dir))); err != nil {
			return "", nil, err
		}
		held, err = holdDir(tmp)
		if err == nil {
			if _, err = os.Stat(tmp); err == nil {
				return tmp, held, nil
			}
			held.Close()
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.EWOULDBLOCK) {
			break
		}
	}
	return "", nil, err
}

// write makes the marker durable in the archive's folder.
func (m marker) write(dir string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, markerFile), append(b, '\n'))
}

// halfMade is the name pattern of an archive under construction.
func halfMade(base string) string { return "." + base + ".recto-init-*" }

// sweepHalfMade removes what a killed Init left beside the archive.
func sweepHalfMade(parent, base string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), strings.TrimSuffix(halfMade(base), "*")) {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		if held, err := holdDir(dir); err == nil { // nobody is making it any more
			os.RemoveAll(dir)
			held.Close()
		}
	}
}

// holdDir locks a folder until the returned file is closed or the process ends.
func holdDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
