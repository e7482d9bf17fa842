// Package bagit writes BagIt 1.0 bags (RFC 8493) and judges bags from anyone,
// versions 0.93 to 1.0.
//
// Its words: a bag has a declaration (bagit.txt), a payload (data/), payload
// manifests that list it, tag files (all the rest) and tag manifests that list
// those. A bag is complete when everything listed is there and nothing of the
// payload is unlisted; it is valid when all digests agree as well.
//
// Files are streamed: memory grows with the number of files and never with their
// size. All access goes through an [os.Root], so that no name in a bag reaches a
// file outside of it. The room knows nothing of documents, destinations or the
// catalogue.
package bagit
