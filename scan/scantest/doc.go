// Package scantest holds the conformance suite of package scan's seams: what
// every scan.Source must do, whatever the sheets come from. It is for tests.
package scantest
