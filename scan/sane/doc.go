// Package sane is the source of sheets from scanners that SANE has drivers for.
//
// A driver is native code that talks to hardware and to the network: it crashes,
// hangs, prints and forks. So it never runs in the workstation. [Source] starts a
// child process for each call - this same binary with a hidden verb, [Main] - and
// whatever a driver does costs that call only. Requests go down the child's
// standard input as lines of JSON, replies come up its standard output; images go
// through files in a folder of the call's own. A child ends itself when its
// standard input closes, so that it never outlives the workstation.
//
// The words are those of the SANE Standard 1.06: a device has options, a sheet is
// one or three frames. cgo is in library.go alone and runs in the child alone.
// The room knows nothing of spools and batches.
//
// What a scan keeps. A sheet is given when its last byte is there. Of a sheet that
// the device broke off - jammed, cancelled, unplugged - nothing is given, and the
// error names it. A frame that ends early without any error from the device is
// given with the rows that came, and a [scan.Reject] behind it says how many were
// promised: neither the rows nor the lack of the others is lost. A frame without a
// single row is an error ([scan.ErrTruncated]) and ends the scan.
//
// The child feeds one sheet while the receiver has the one before, never more. So
// when the receiver or the context ends the scan, one sheet may have gone through
// the feeder and not have been kept; the error says which.
package sane
