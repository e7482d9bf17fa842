// Package catalogue is the searchable picture of an archive: batches, pages in
// their order, documents, deliveries, events and full text, in one SQLite file.
//
// The journal of [archive.Event] is the truth and the catalogue its projection:
// [Catalogue.Apply] is the only way in, the same for live work and for a rebuild,
// and applying the whole journal to an empty catalogue gives the same content as
// having applied each event when it happened ([Catalogue.Dump] proves it). So the
// file may be deleted at any time.
//
// Words of this room: an event's position is where it lies in the journal; a
// page's place is its rank in the batch, the bin included; an oddity is something
// that an event asked for and that could not be done.
//
// All SQL of the project is here. The room does not know where the journal lies,
// what a text tree looks like, or what a window shows. It needs the build tag
// sqlite_fts5.
package catalogue
