// Package premis writes and reads PREMIS 3.0 (Library of Congress, PREMIS Data Dictionary for
// Preservation Metadata, version 3.0, 2015): what files a package holds, what was done
// to make them, when, by whom and with what.
//
// Its words: an object is a file or a part of one, an event is something that was done, an agent is who
// or what did it; they name each other by identifiers. The room turns a [Document] into
// bytes, equal ones into the same, and bytes into a Document, and knows nothing of pages,
// archives or packages.
package premis
