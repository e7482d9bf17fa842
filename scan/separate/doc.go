// Package separate finds the marks on a page that tell where one unit of a stack
// ends and the next begins, and divides a stack by them.
//
// It takes plain grey pixels and gives [scan.Code]s: Kodak patch codes, read by
// this room's own eyes, and QR, Code 128, Code 39 and Data Matrix, located,
// straightened and sampled here and decoded by gozxing. A mark that is clearly one
// and cannot be read comes back as Unread. [Divide] then applies the rules of a
// profile to what was found on the pages of a stack; it is pure and changes nothing.
//
// Words of this room:
//
//   - sight: the page reduced to what is worth looking at, with its ink as a mask.
//   - run: neighbouring pixels of one colour along a line.
//   - unit: the width of a narrow bar of a patch code, 0.08 inch as printed.
//   - module: the smallest width or square of a code.
//   - strip: a straightened piece of a linear code, as a row of greys.
//
// The room knows nothing of files, catalogues, batches or windows.
package separate
