// Package folder gives the images of files and folders as sheets: the
// [scan.Source] of everything that was scanned elsewhere.
//
// A file is what its content says, whatever its name. A plain image becomes one
// sheet with the file's own bytes as master. A TIFF of several pages becomes a
// sheet a page: tags and compressed strips are copied, no pixel is decoded. The
// pages of a PDF go through an [Expander], because reading them needs a large
// parser that may crash on hostile files: [ExpandPDF] is what runs in the worker
// process.
//
// In a folder a name says nothing but what to expect: hidden files and those in hidden
// folders are pages like all others, because what a program or a camera has hidden may
// be all there is. The folders in which systems keep deleted files and copies
// (".Trash", ".thumbnails", ".snapshot" ...) are not walked, unless given by name:
// each is told as ignored, with the reason.
//
// A [Watch] gives the same of a folder as it fills: a hot folder, a tethered camera. It
// differs in when, not in what: each file once it is complete, and once only.
//
// A camera's raw file and the JPEG of the same shot, the file of its name beside it, are
// one sheet: the raw file is the master, the JPEG its companion, the working image.
// A raw file without JPEG is a sheet, too; a JPEG that comes for it later is one of
// its own.
//
// Words: a kind is what the first bytes of a file say it is; a header is what an
// image says of itself without being decoded; an IFD is a directory of tags in a
// TIFF or Exif structure (TIFF 6.0, section 2); a page of a TIFF is an IFD of the
// main chain that is neither a thumbnail nor a mask.
//
// The package decodes no pixels, except in ExpandPDF, and knows nothing of
// masters, batches or workers. It never writes to what it reads.
package folder
