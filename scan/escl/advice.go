package escl

import (
	"errors"

	"recto/scan"
)

// advice is an error with what to do about it where that is another thing than for a
// file: nobody can convert what a device sends.
type advice struct {
	error
	remedy string
}

// Remedy says what to do.
func (a *advice) Remedy() string { return a.remedy }

func (a *advice) Unwrap() error { return a.error }

// advised adds the advice to what is wrong with an image that a device sent, or with the
// format that was asked for.
func advised(err error) error {
	switch {
	case errors.Is(err, scan.ErrUnsupported):
		return &advice{err, "Choose another format for this device (its option format) and scan again."}
	case errors.Is(err, scan.ErrNotImage), errors.Is(err, scan.ErrDamaged):
		return &advice{err, "Scan the sheet again. If it happens again, choose another format for this device (its option format), or switch it off and on."}
	case errors.Is(err, scan.ErrTruncated):
		return &advice{err, "Scan the sheet again. If it happens again, check the network's cable or its reception, and switch the device off and on."}
	}
	return err
}
