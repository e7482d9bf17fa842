// Package archive holds the nouns of what is kept: documents made of leaves, the
// events that tell how everything came about, packages and their findings.
//
// The archive on disk is the truth: masters with their sidecars, text trees, and
// the journal of events. The catalogue is a projection of the journal and can be
// deleted and rebuilt at any time.
package archive
