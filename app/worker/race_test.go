//go:build race

package worker

// The race detector needs memory of its own and ends a process in its own way when
// there is none.
const watched = true
