// Command recto is the workstation: without a verb it opens the window, with one
// it runs headless. See package command for the verbs.
package main

import (
	"os"

	"recto/app/command"
	"recto/app/worker"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "worker" { // hidden: the child process of app/worker
		os.Exit(worker.Main())
	}
	os.Exit(command.Main(command.Config{Args: os.Args[1:], Out: os.Stdout, Err: os.Stderr, Window: window}))
}
