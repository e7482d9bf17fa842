// Package worker is the child process that touches pixels and the pool that
// feeds, times out, recycles and restarts such children.
//
// Whatever decodes, turns or recognises pixels can crash, hang or eat memory on a
// hostile file. So it runs in a process of its own - this same binary with a
// hidden verb - and costs that page only. Requests go down the child's standard
// input as lines of JSON, replies come up its standard output; bulk data goes
// through files. A child ends itself as soon as its standard input closes, so it
// never outlives the workstation, however that ended.
//
// The pool knows nothing of batches or documents, the child nothing of archives.
package worker
