package gui

import "recto/app/workbench"

// The window is made for the real core; the one in memory only stands in for it.
var (
	_ Core = (*workbench.Workbench)(nil)
	_ Core = (*fakeCore)(nil)
)
