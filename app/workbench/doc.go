// Package workbench is the core of Recto: one method per intent of a user, the
// same for the window and for the command line. It joins the spool, the workers,
// the journal with its catalogue, and the writers of documents and packages.
//
// Every method blocks until what it says is durable and takes a context; long
// ones report to a [job.Progress]. Methods are safe for concurrent use. The package
// knows nothing of windows, SQL or pixels.
package workbench
