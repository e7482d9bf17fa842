package pdfa

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recto/scan"
)

// Summary is what a written file holds, read from its bytes.
type Summary struct {
	Pages  int
	Title  string
	Images []string // SHA-256 of each page's image stream as it lies in the file, in order
}

// ErrStructure means that a file is not as Write makes it.
var ErrStructure = errors.New("the PDF is not as it was written")

// Longest that Check reads at once: a dictionary, the table of references.
const (
	largestStart  = 64 << 10 // the dictionary of a stream lies in it whole
	largestObject = 64 << 20
	largestTable  = 20 * 10_000_000 // PDF/A-2 allows 8,388,607 objects
)

// Check reads a file of Write's back from the disk: the table of references, the
// page tree, each page's image with its length and digest, and the title. It is no
// reader of PDFs in general. Memory does not grow with the images. Errors wrap
// ErrStructure where the file is at fault.
func Check(ctx context.Context, path string) (Summary, error) {
	f, err := os.Open(path)
	if err != nil {
		return Summary{}, err
	}
	defer f.Close()
	s, err := check(ctx, f)
	if err != nil {
		return s, fmt.Errorf("check %s: %w", scan.Path(path), err)
	}
	return s, nil
}

func check(ctx context.Context, f *os.File) (s Summary, err error) {
	r := reader{file: f}
	trailer, err := r.table()
	if err != nil {
		return s, err
	}
	info, _, err := r.dict(trailer["Info"])
	if err != nil {
		return s, err
	}
	if s.Title, err = textOf(info["Title"]); err != nil {
		return s, err
	}
	root, _, err := r.dict(trailer["Root"])
	if err != nil {
		return s, err
	}
	pages, _, err := r.dict(root["Pages"])
	if err != nil {
		return s, err
	}
	kids, _ := pages["Kids"].(types.Array)
	if count, _ := pages["Count"].(types.Integer); int(count) != len(kids) {
		return s, fmt.Errorf("the page tree counts %d pages and has %d: %w", count, len(kids), ErrStructure)
	}
	seen := map[string]string{}
	for i, kid := range kids {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		page, _, err := r.dict(kid)
		if err != nil {
			return s, fmt.Errorf("page %d: %w", i+1, err)
		}
		if _, err := r.stream(ctx, page["Contents"]); err != nil {
			return s, fmt.Errorf("page %d: content: %w", i+1, err)
		}
		resources, _ := page["Resources"].(types.Dict)
		objects, _ := resources["XObject"].(types.Dict)
		ref, _ := objects["Im0"].(types.IndirectRef)
		digest, ok := seen[ref.String()]
		if !ok {
			if digest, err = r.stream(ctx, ref); err != nil {
				return s, fmt.Errorf("page %d: image: %w", i+1, err)
			}
			seen[ref.String()] = digest
		}
		s.Images = append(s.Images, digest)
	}
	s.Pages = len(kids)
	return s, nil
}

// reader finds objects by the table of references.
type reader struct {
	file    *os.File
	offsets map[int]int64 // by object number
	starts  []int64       // sorted, the table's own start last
}

func wrong(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrStructure)...)
}

// part reads a run of bytes.
func (r *reader) part(from, to int64, limit int64) ([]byte, error) {
	if from < 0 || to < from || to-from > limit {
		return nil, wrong("bytes %d to %d", from, to)
	}
	b := make([]byte, to-from)
	if _, err := r.file.ReadAt(b, from); err != nil {
		return nil, fmt.Errorf("bytes %d to %d: %w", from, to, err)
	}
	return b, nil
}

// table reads the table of references (ISO 32000-1, 7.5.4) and gives the trailer.
func (r *reader) table() (types.Dict, error) {
	st, err := r.file.Stat()
	if err != nil {
		return nil, err
	}
	end := st.Size()
	tail, err := r.part(max(0, end-64), end, 64)
	if err != nil {
		return nil, err
	}
	_, rest, found := bytes.Cut(tail, []byte("startxref\n"))
	number, mark, _ := bytes.Cut(rest, []byte("\n"))
	start, err := strconv.ParseInt(string(number), 10, 64)
	if !found || err != nil || string(mark) != "%%EOF\n" {
		return nil, wrong("no end of file mark")
	}
	b, err := r.part(start, end, largestTable)
	if err != nil {
		return nil, err
	}
	var first, count int
	if n, err := fmt.Sscanf(string(b[:min(len(b), 40)]), "xref\n%d %d\n", &first, &count); n != 2 || err != nil || first != 0 {
		return nil, wrong("no table of references at %d", start)
	}
	b = b[5+bytes.IndexByte(b[5:], '\n')+1:]
	if count < 1 || len(b) < 20*count {
		return nil, wrong("table of %d references", count)
	}
	r.offsets = make(map[int]int64, count)
	for i := 1; i < count; i++ {
		offset, err := strconv.ParseInt(string(b[20*i:20*i+10]), 10, 64)
		if err != nil || offset >= start {
			return nil, wrong("reference %d", i)
		}
		r.offsets[i] = offset
		r.starts = append(r.starts, offset)
	}
	r.starts = append(r.starts, start)
	slices.Sort(r.starts)

	b, found = bytes.CutPrefix(b[20*count:], []byte("trailer\n"))
	if !found {
		return nil, wrong("no trailer")
	}
	return parse(b)
}

func parse(b []byte) (types.Dict, error) {
	s := string(b)
	o, err := model.ParseObject(&s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStructure, err)
	}
	d, ok := o.(types.Dict)
	if !ok {
		return nil, wrong("a %T where a dictionary should be", o)
	}
	return d, nil
}

// marks of a stream.
var (
	streamStart = []byte("\nstream\n")
	streamEnd   = []byte("\nendstream\nendobj\n")
)

// dict reads the dictionary that o refers to, and where its stream starts.
func (r *reader) dict(o types.Object) (types.Dict, int64, error) {
	ref, ok := o.(types.IndirectRef)
	if !ok {
		return nil, 0, wrong("a %T where a reference should be", o)
	}
	n := ref.ObjectNumber.Value()
	start, ok := r.offsets[n]
	if !ok {
		return nil, 0, wrong("object %d is missing", n)
	}
	i, _ := slices.BinarySearch(r.starts, start+1)
	end := r.starts[min(i, len(r.starts)-1)]
	b, err := r.part(start, min(end, start+largestStart), largestStart)
	if err == nil && end-start > largestStart && !bytes.Contains(b, streamStart) {
		b, err = r.part(start, end, largestObject)
	}
	if err != nil {
		return nil, 0, err
	}
	b, ok = bytes.CutPrefix(b, fmt.Appendf(nil, "%d 0 obj\n", n))
	if !ok {
		return nil, 0, wrong("object %d is not at %d", n, start)
	}
	head, _, isStream := bytes.Cut(b, streamStart)
	d, err := parse(head)
	if err != nil {
		return nil, 0, fmt.Errorf("object %d: %w", n, err)
	}
	if !isStream {
		return d, 0, nil
	}
	return d, start + int64(len(fmt.Sprintf("%d 0 obj\n", n))+len(head)+len(streamStart)), nil
}

// stream gives the digest of the stream that o refers to.
func (r *reader) stream(ctx context.Context, o types.Object) (string, error) {
	d, at, err := r.dict(o)
	if err != nil {
		return "", err
	}
	length, ok := d["Length"].(types.Integer)
	if !ok || at == 0 || length < 0 {
		return "", wrong("no stream")
	}
	h := sha256.New()
	if _, err := io.Copy(&interruptible{ctx: ctx, to: h}, io.NewSectionReader(r.file, at, int64(length))); err != nil {
		return "", err
	}
	after, err := r.part(at+int64(length), at+int64(length)+int64(len(streamEnd)), 64)
	if err != nil || !bytes.Equal(after, streamEnd) {
		return "", wrong("the stream at %d does not end after %d bytes", at, length)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// textOf reads a PDF text string as textString writes it.
func textOf(o types.Object) (string, error) {
	var b []byte
	var err error
	switch o := o.(type) {
	case types.StringLiteral:
		b, err = types.Unescape(o.Value())
	case types.HexLiteral:
		b, err = o.Bytes()
	default:
		return "", wrong("a %T where a string should be", o)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrStructure, err)
	}
	if b, ok := bytes.CutPrefix(b, []byte{0xFE, 0xFF}); ok {
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
		return string(utf16.Decode(units)), nil
	}
	return string(b), nil
}
