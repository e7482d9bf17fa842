// Package parts holds the dumb widgets of Recto's window: a thumbnail grid, a
// page view, a table, a text pane, fields and buttons. A part shows what it was
// given and tells by callbacks what the user did; it knows nothing of archives,
// goroutines or commands. All its methods belong to the UI goroutine.
//
// What a part decides - which tile lies under the pointer, where pages are
// dropped, which pixel of the page is shown - is a plain value type beside it
// ([Layout], [Selection], [Viewport], [Pyramid]) that needs no window to be tested.
//
// Every part that takes the focus passes the keys that it has no use for on to
// its [Keys], so that no focus swallows a command.
package parts
