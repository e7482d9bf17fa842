// Package dublincore writes simple Dublin Core: the fifteen elements of the
// Dublin Core Metadata Element Set 1.1 (ISO 15836-1) in the oai_dc container of
// OAI-PMH 2.0, which every repository reads.
//
// Its words: a record has elements, an element has any number of values. The room
// turns a [Record] into bytes and knows nothing of documents, packages or files.
package dublincore
