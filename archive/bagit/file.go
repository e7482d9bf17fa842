package bagit

import (
	"bufio"
	"fmt"
	"os"

	"recto/scan"
)

// file is a file of the bag whose digests are taken while it is written. It has
// no method to write with but Write: none passes the digests by.
type file struct {
	to *os.File
	hashes
}

func (w *writer) create(name string) (*file, error) {
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("bag: %w", err)
	}
	return &file{f, newHashes()}, nil
}

func (f *file) Write(b []byte) (int, error) {
	n, err := f.to.Write(b)
	f.hashes.Write(b[:n])
	return n, err
}

func (f *file) Close() error { return f.to.Close() }

// finish makes the file durable and says what was written.
func (f *file) finish() (scan.Fixity, error) {
	if err := f.to.Sync(); err != nil {
		return scan.Fixity{}, fmt.Errorf("bag: %w", err)
	}
	if err := f.to.Close(); err != nil {
		return scan.Fixity{}, fmt.Errorf("bag: %w", err)
	}
	return f.fixity(), nil
}

// lists are the two manifests of a kind, written side by side.
type lists struct {
	files [2]*file // sha256, sha512
	bufs  [2]*bufio.Writer
	names [2]string
}

func (w *writer) lists(kind string) (*lists, error) {
	l := &lists{names: [2]string{kind + "-sha256.txt", kind + "-sha512.txt"}}
	for i, name := range l.names {
		f, err := w.create(name)
		if err != nil {
			l.close()
			return nil, err
		}
		l.files[i], l.bufs[i] = f, bufio.NewWriter(f)
	}
	return l, nil
}

func (l *lists) add(e line) error {
	name := percent.Replace(e.name)
	_, err := fmt.Fprintf(l.bufs[0], "%s  %s\n", e.fixity.SHA256, name)
	if err == nil {
		_, err = fmt.Fprintf(l.bufs[1], "%s  %s\n", e.fixity.SHA512, name)
	}
	if err != nil {
		return fmt.Errorf("bag: manifest: %w", err)
	}
	return nil
}

func (l *lists) done() ([]line, error) {
	out := make([]line, len(l.files))
	for i, f := range l.files {
		if err := l.bufs[i].Flush(); err != nil {
			return nil, fmt.Errorf("bag: manifest: %w", err)
		}
		fixity, err := f.finish()
		if err != nil {
			return nil, err
		}
		out[i] = line{l.names[i], fixity}
	}
	return out, nil
}

func (l *lists) close() {
	for _, f := range l.files {
		if f != nil {
			f.Close()
		}
	}
}
