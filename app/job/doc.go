// Package job is work in the background: a queue of jobs, the counters of the one
// that runs, its cancellation and what came of it.
//
// Its words: a job is work that takes longer than a moment; a problem is one thing
// of a job that did not work while the rest did; an outcome is what a job tells
// when it is over. [Progress] is written by the work and polled by whoever shows
// it: no event is sent for a unit done.
//
// The package must not know what the work is, nor who shows it: it imports
// nothing of ours.
package job
