package sane

import (
	"fmt"

	"recto/scan"
)

// status is a SANE_Status (SANE Standard 1.06, 4.2.7).
type status int

const (
	good status = iota
	unsupported
	cancelled
	deviceBusy
	inval
	eof
	jammed
	noDocs
	coverOpen
	ioError
	noMem
	accessDenied
	warmingUp // of backends built for the standard's successor
	hwLocked
)

// sentinels gives what the rest of the house calls a status. INVAL and UNSUPPORTED
// mean, wherever a device was opened already, that it cannot do what it was asked.
var sentinels = map[status]error{
	unsupported: scan.ErrOption, cancelled: scan.ErrStopped, deviceBusy: scan.ErrDeviceBusy, inval: scan.ErrOption,
	eof: scan.ErrTruncated, jammed: scan.ErrJammed, noDocs: scan.ErrNoPaper, coverOpen: scan.ErrCover,
	ioError: scan.ErrDeviceIO, noMem: scan.ErrDeviceMemory, accessDenied: scan.ErrDenied,
	warmingUp: scan.ErrDeviceBusy, hwLocked: scan.ErrDeviceBusy,
}

// asked says what the device was asked to do when it failed, for those statuses
// whose sentinel alone does not.
func (s status) err(asked string) error {
	sentinel, known := sentinels[s]
	switch {
	case s == good:
		return nil
	case !known:
		return fmt.Errorf("%w: %s gave status %d", scan.ErrDeviceIO, asked, int(s))
	case s == inval:
		return fmt.Errorf("%w: its driver calls them invalid (%s)", sentinel, asked)
	case s == unsupported:
		return fmt.Errorf("%w: its driver does not support that (%s)", sentinel, asked)
	case s == warmingUp:
		return fmt.Errorf("%w: its lamp is still warming up", sentinel)
	case s == hwLocked:
		return fmt.Errorf("%w: its transport lock is on", sentinel)
	}
	return sentinel
}
