//go:build demo

package gui

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"recto/scan"
)

// TestMain shows the window on an archive in memory, for looking at it:
//
//	go test -c -tags x11,no_animations,demo -o demo ./app/gui && DEMO_PAGES=5000 ./demo
func TestMain(*testing.M) {
	pages, _ := strconv.Atoi(os.Getenv("DEMO_PAGES"))
	if pages == 0 {
		pages = 60
	}
	batches := 100
	if os.Getenv("DEMO_EMPTY") != "" {
		batches = 0
	}
	core := newFake(batches, pages)
	core.dir = os.TempDir() + "/w/parish-records"
	core.slow = 100 * time.Millisecond
	cfg := Config{Version: "demo", Operator: "M. Keeper", Explain: fakeExplain, StateFile: os.Getenv("DEMO_STATE"),
		Open: func(_ context.Context, dir string) (Core, error) {
			if os.Getenv("DEMO_FAIL") != "" {
				return nil, fmt.Errorf("%s: %w", dir, scan.ErrNoSpace)
			}
			core.dir = dir
			return core, nil
		},
		New: func(context.Context, string) error { return nil }}
	if os.Getenv("DEMO_WELCOME") == "" {
		cfg.Archive = core.dir
	}
	if err := Run(cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
