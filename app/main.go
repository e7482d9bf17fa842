// Command recto is the workstation: without a verb it opens the window, with one
// it runs headless. See package command for the verbs.
package main

import (
	"os"

	"recto/app/command"
	"recto/app/worker"
	"recto/scan/sane"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "worker" { // hidden: the child process of app/worker
		os.Exit(worker.Main())
	}
	if len(os.Args) > 1 && os.Args[1] == "sane" { // hidden: the child process of scan/sane
		os.Exit(sane.Main(os.Args[2:]))
	}
	os.Exit(command.Main(command.Config{Args: os.Args[1:], Out: os.Stdout, Err: os.Stderr, Window: window}))
}
