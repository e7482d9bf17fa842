// Package command holds the headless verbs: each reads its flags, calls one
// method of the workbench and prints what came of it, for people or as one JSON
// value. It decides nothing that the window would have to decide again.
package command
