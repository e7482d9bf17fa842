package sane

import (
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

const tester = "Noname frontend-tester"

func TestSuite(t *testing.T) {
	scantest.Source(t, func(t *testing.T) scantest.Case {
		return scantest.Case{
			Source: device(t, Config{}),
			Ticket: scan.Ticket{Device: "sane:test:0", Source: "adf", Mode: "color", DPI: 30, Sheets: 3, Options: set("test-picture", "Color pattern")},
			Want: []scantest.Want{
				{Path: "sheet 1 of " + tester}, {Path: "sheet 2 of " + tester}, {Path: "sheet 3 of " + tester},
			},
		}
	})
}

func TestScannerSuite(t *testing.T) {
	scantest.Scanner(t, func(t *testing.T) scantest.ScannerCase {
		return scantest.ScannerCase{
			Source: device(t, Config{}), Device: "sane:test:0", Least: 20,
			Set: set("mode", "Color", "depth", "16", "three-pass", "yes", "read-limit", "yes", "read-delay", "yes", "enable-test-options", "yes"),
		}
	})
}
