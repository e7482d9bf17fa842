// Package gui is the workstation's window: screens over a [Core], one registry of
// commands that feeds menus, toolbar, help, palette and keys, and a drawer of
// jobs.
//
// Its words: a screen is one of the rail's places (F2 to F9); a command is
// anything the user can do, by whatever means; a job is work that takes longer
// than a moment and goes on while the user does something else; a run is one
// pressing of the scan button, which waits for no job; a modal is a sheet that takes
// all keys until it is closed.
//
// The law of the window: nothing slow happens on the UI goroutine. Every call of
// the Core and all work on images goes through the bridge (bridge.go), the only
// file that starts goroutines; what comes back late, after the user has moved on,
// is thrown away. After a failure a screen shows what the Core says, not what was
// hoped for.
//
// The package must not know SQL, files of an archive, or engines.
package gui
