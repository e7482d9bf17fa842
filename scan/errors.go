package scan

import (
	"context"
	"errors"
)

// What can be wrong with a file that should have been a page. Rooms wrap these
// with the place and the detail; one table in app/workbench adds title and remedy.
var (
	ErrEmpty       = errors.New("the file is empty")
	ErrNotImage    = errors.New("the content is not an image")
	ErrTruncated   = errors.New("the image ends before it is complete")
	ErrDamaged     = errors.New("the image cannot be decoded")
	ErrTooLarge    = errors.New("the image is larger than the limit")
	ErrUnsupported = errors.New("this kind of image is not supported")
	ErrPassword    = errors.New("the PDF is protected by a password")
	ErrNoPages     = errors.New("the PDF has no pages")
	ErrUnreadable  = errors.New("the file cannot be read")
	ErrLoop        = errors.New("the folder contains itself through a link")
	ErrCrashed     = errors.New("the worker process crashed on this page")
	ErrTimeout     = errors.New("the page took longer than the time limit")
	ErrMemory      = errors.New("the page needs more memory than the limit")
	ErrNoSpace     = errors.New("the disk is full")
	ErrReadOnly    = errors.New("cannot be written to")
	ErrChanged     = errors.New("the bytes have changed since they were recorded")
	ErrMissing     = errors.New("the master is missing")

	ErrNoFolder       = errors.New("the folder cannot be watched")
	ErrAwaited        = errors.New("the watch ended before the file was taken")
	ErrNoWorkingImage = errors.New("a camera's raw file without its JPEG")
)

// What can go wrong with a device. The sheets before it are safe.
var (
	ErrNoDevice     = errors.New("there is no such device")
	ErrNoPaper      = errors.New("the feeder is empty")
	ErrJammed       = errors.New("the paper is jammed")
	ErrCover        = errors.New("the cover is open")
	ErrDeviceBusy   = errors.New("the device is busy")
	ErrDeviceGone   = errors.New("the device does not answer")
	ErrDeviceIO     = errors.New("the device reports an input or output error")
	ErrDeviceMemory = errors.New("the device or its driver has no memory left")
	ErrDenied       = errors.New("access to the device is denied")
	ErrOption       = errors.New("the device does not take this setting")
	ErrStopped      = errors.New("the scan was stopped at the device")
	ErrDriver       = errors.New("the device's driver crashed or hung")
	ErrUntrusted    = errors.New("the device's certificate is not the one that was trusted")
	ErrCutOff       = errors.New("the last scan from this device was cut off")
)

// ErrEnough is wrapped by a [Receiver] that has kept a sheet, takes those that are on
// their way already, and wants no others.
var ErrEnough = errors.New("no more sheets are taken")

// LostError is the end of a feeder's run with sheets that went through it and are not
// kept: somebody must put them back.
type LostError struct {
	Lost string // "sheet 4 has gone through the feeder and will not be kept"
	Err  error  // why it ended
}

func (e *LostError) Error() string {
	why := "stopped"
	if !errors.Is(e.Err, context.Canceled) {
		why = e.Err.Error()
	}
	return why + "; " + e.Words()
}

// Words say what is lost and what to do about that, whatever else is the matter.
func (e *LostError) Words() string {
	return e.Lost + ": put it back on the feeder before you go on"
}

// Unwrap gives why it ended.
func (e *LostError) Unwrap() error { return e.Err }

// kinds gives each sentinel a name that survives a pipe or a log.
var kinds = map[string]error{
	"empty": ErrEmpty, "not-image": ErrNotImage, "truncated": ErrTruncated, "damaged": ErrDamaged,
	"too-large": ErrTooLarge, "unsupported": ErrUnsupported, "password": ErrPassword, "no-pages": ErrNoPages,
	"unreadable": ErrUnreadable, "loop": ErrLoop, "crashed": ErrCrashed, "timeout": ErrTimeout,
	"memory": ErrMemory, "no-space": ErrNoSpace, "read-only": ErrReadOnly, "changed": ErrChanged, "missing": ErrMissing,
	"raw-alone": ErrNoWorkingImage, "newer-step": ErrNewerStep, "awaited": ErrAwaited, "no-folder": ErrNoFolder,
	"no-device": ErrNoDevice, "no-paper": ErrNoPaper, "jammed": ErrJammed, "cover": ErrCover, "device-busy": ErrDeviceBusy,
	"device-gone": ErrDeviceGone, "device-io": ErrDeviceIO, "device-memory": ErrDeviceMemory, "denied": ErrDenied,
	"option": ErrOption, "driver": ErrDriver, "stopped": ErrStopped, "untrusted": ErrUntrusted, "cut-off": ErrCutOff,
}

// Problem is an error that has crossed a pipe or lain on disk: its kind and its
// message. It unwraps to the sentinel of that kind.
type Problem struct {
	Kind    string `json:"kind,omitempty"`
	Message string `json:"message"`
}

func (p *Problem) Error() string { return p.Message }

// Unwrap gives the sentinel, nil where the kind has none.
func (p *Problem) Unwrap() error { return kinds[p.Kind] }

// ProblemOf makes an error fit for a pipe or the journal; nil stays nil.
func ProblemOf(err error) *Problem {
	if err == nil {
		return nil
	}
	var p *Problem
	if errors.As(err, &p) && p.Kind != "" {
		return &Problem{p.Kind, err.Error()}
	}
	for name, sentinel := range kinds {
		if errors.Is(err, sentinel) {
			return &Problem{name, err.Error()}
		}
	}
	return &Problem{"", err.Error()}
}
