// Package deposit brings a package to its destination and says so only when it
// has been read back from there and found whole.
//
// Its words: a plan says what goes where; a delivery is a plan being carried out,
// in steps that are each journalled before the next begins: built, sent, verified,
// delivered, or failed. What a killed run left behind, a hidden partial, is removed
// by the next one of the same document, and a package that lies there already is
// verified again and left as it is. One file holds one kind of destination.
//
// The room knows packages and destinations by their contracts in archive only. It
// knows nothing of the journal, of windows, or of where documents come from.
package deposit
