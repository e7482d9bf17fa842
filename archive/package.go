package archive

import (
	"context"
	"io"

	"recto/scan"
)

// Member is one file on its way into a package.
type Member struct {
	Name   string                        // path inside the package's payload, with slashes: "masters/0001.tif"
	Open   func() (io.ReadCloser, error) // the bytes from the start, as often as it is called
	Fixity *scan.Fixity                  // known beforehand and checked while copied; nil if unknown. An empty digest is not compared, Size always is
}

// Made tells what a package holds once it is written.
type Made struct {
	Files    int    // payload files
	Bytes    int64  // bytes in them
	Manifest string // SHA-256, hexadecimal, of the file that vouches for all others: a bag's tagmanifest-sha256.txt
}

// Progress hears how many bytes of how many are done. It is called often and on
// the caller's goroutine; nil is allowed wherever one is taken.
type Progress func(done, total int64)

// Package is a document ready to be written in one format. Its methods are called
// one after the other and may be called again.
type Package interface {
	// Size counts the payload: files, and the bytes in them.
	Size() (files int, bytes int64)
	// Write makes the package as the folder dir, which must not exist. All of it is
	// durable when Write returns; after an error nothing of it is left.
	Write(ctx context.Context, dir string, p Progress) (Made, error)
	// Check judges the package in dir by what lies there, reading every byte.
	Check(ctx context.Context, dir string, p Progress) ([]Finding, error)
	// Same tells whether dir claims to be a package of this document with this very
	// payload. It reads lists, not the payload: whether the claim is true, Check
	// says. A dir that is something else is no error.
	Same(ctx context.Context, dir string) (bool, error)
}

// Destination is a place where packages come to rest: a folder, later a server.
type Destination interface {
	// Address says where it is, for people and for the journal.
	Address() scan.Path
	// Look gives a local folder with the package that has this name at the
	// destination, or an error that wraps fs.ErrNotExist.
	Look(ctx context.Context, name string) (string, error)
	// Clear removes what killed deliveries of this document left behind, hidden.
	Clear(ctx context.Context, document DocumentID) error
	// Stage prepares for a package of size bytes and refuses, with scan.ErrNoSpace,
	// what cannot fit. The result must be committed or discarded.
	Stage(ctx context.Context, document DocumentID, delivery string, size int64) (Staged, error)
}

// Staged is a package on its way, which nobody sees under its name yet. The methods are
// called in this order, each once, except that Commit is tried again with another name
// after fs.ErrExist and that Discard may follow any of them.
type Staged interface {
	// Dir is the local folder to build the package as. It does not exist yet.
	Dir() string
	// Send makes what was built durable at the destination.
	Send(ctx context.Context) error
	// ReadBack gives a local folder with what the destination really holds. Cold
	// tells that it does not come from this machine's memory.
	ReadBack(ctx context.Context) (dir string, cold bool, err error)
	// Commit gives the package its name, all of it at once and for good. It never
	// replaces anything: a name that is taken is fs.ErrExist.
	Commit(ctx context.Context, name string) (scan.Path, error)
	// Discard removes all traces. It gives cause back, in words of the destination
	// and wrapping a sentinel where that knows what is behind it.
	Discard(cause error) error
}
