package ocr

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Kind is what sort of recogniser a model holds.
type Kind string

// The kinds that its file tells apart. Tesseract's own sets are called tessdata_fast
// (fast), tessdata_best (best) and tessdata (both, and of its networks only that they
// count in integers can be seen).
const (
	FastKind       Kind = "fast"        // a network that counts in integers
	BestKind       Kind = "best"        // a network that counts in floating point: slower, a little surer
	LegacyKind     Kind = "legacy"      // letter shapes as Tesseract 3 had them; osd is of this kind
	LegacyFastKind Kind = "legacy+fast" // both
	LegacyBestKind Kind = "legacy+best" // both
	UnknownKind    Kind = ""            // packed, or not to be told
)

// Traineddata is what a model's file says of itself.
type Traineddata struct {
	Kind    Kind
	Version string // as in "4.00.00alpha:eng:synth20170629"
}

// The components of a traineddata file that are looked at, by their number
// (Tesseract's ccutil/tessdatamanager.h).
const (
	shapesPart  = 3 // inttemp
	networkPart = 17

	punctuationPart = 18 // the network's dictionaries
	wordsPart       = 19
	numbersPart     = 20

	lettersPart  = 21 // the network's characters
	recoderPart  = 22
	versionPart  = 23
	mostParts    = 1000
	mostNetworks = 1 << 30 // bytes: no network is as large
)

// Inspect looks at the file of a model: that its parts lie one
// after another within it, that the network begins and ends as networks do, and that its
// characters, their codes and its dictionaries hold together, without which Tesseract
// would end its process. The error is a [ModelError]. Wrong weights are not seen. A file
// that was whole is not read again while its path, size and time of change stay.
//
// A traineddata file begins with a little-endian table: a 32-bit count, then as many
// 64-bit offsets of its components, -1 for one that is not in it (Tesseract's
// ccutil/tessdatamanager.cpp). Or it is an archive that libarchive reads, which this
// does not look into.
func Inspect(name, file string) (Traineddata, error) {
	f, s, err := openModel(file) // although it may be known: the right to read it may have gone
	if err == nil {
		defer f.Close()
		if t, ok := inspected.get(s); ok {
			return t, nil
		}
		var t Traineddata
		if t, err = inspect(f, s.size); err == nil {
			inspected.put(s, t)
			return t, nil
		}
	}
	return Traineddata{}, &ModelError{Name: name, File: file, Err: err}
}

func openModel(file string) (*os.File, stamp, error) {
	f, err := os.OpenFile(file, syscall.O_NONBLOCK, 0) // a pipe of that name must not hold us up
	if err != nil {
		return nil, stamp{}, plainError(err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		err = plainError(err)
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%w: it is no file", ErrDamagedModel)
	default:
		return f, stamp{file, info.Size(), info.ModTime()}, nil
	}
	f.Close()
	return nil, stamp{}, err
}

func inspect(f *os.File, size int64) (Traineddata, error) {
	var t Traineddata
	short := fmt.Errorf("%w: it ends before it is complete, at %d bytes", ErrDamagedModel, size)
	var count int32
	if err := binary.Read(f, binary.LittleEndian, &count); err != nil {
		return t, readError(err, short)
	}
	if count == 0x04034b50 { // "PK", 3, 4: a zip
		return t, nil
	}
	if count <= 0 || count > mostParts {
		return t, fmt.Errorf("%w: it does not begin as traineddata do", ErrDamagedModel)
	}
	offsets := make([]int64, count)
	if err := binary.Read(f, binary.LittleEndian, offsets); err != nil {
		return t, readError(err, short)
	}
	// Tesseract takes the next offset that there is for the end of a component.
	ends := make([]int64, count)
	last := int64(4 + 8*len(offsets))
	for _, o := range offsets {
		if o == -1 {
			continue
		}
		if o > size {
			return t, short
		}
		if o < last {
			return t, fmt.Errorf("%w: its parts lie over each other", ErrDamagedModel)
		}
		last = o
	}
	end := size
	for i, o := range slices.Backward(offsets) {
		if o != -1 {
			ends[i], end = end, o
		}
	}
	part := func(n int) *io.SectionReader {
		if n >= len(offsets) || offsets[n] == -1 {
			return nil
		}
		return io.NewSectionReader(f, offsets[n], ends[n]-offsets[n])
	}
	if p := part(versionPart); p != nil {
		b, err := io.ReadAll(io.LimitReader(p, 200))
		if err != nil {
			return t, plainError(err)
		}
		t.Version = strings.ToValidUTF8(strings.Trim(string(b), "\x00"), "\uFFFD")
	}
	network, shapes := part(networkPart), part(shapesPart)
	switch {
	case network == nil && shapes == nil:
		return t, fmt.Errorf("%w: no recogniser is in it", ErrDamagedModel)
	case shapes != nil:
		t.Kind = LegacyKind
	}
	if network == nil {
		return t, nil
	}
	letters, codes := part(lettersPart), part(recoderPart)
	if letters == nil || codes == nil { // then its end is another, in files from 2016
		t.Kind = UnknownKind
		return t, nil
	}
	integers, err := networkKind(network)
	if err != nil {
		return t, err
	}
	outputs, err := networkHead(network)
	if err != nil {
		return t, err
	}
	n, err := checkLetters(letters)
	if err != nil {
		return t, err
	}
	if err := checkCodes(codes, n, outputs); err != nil {
		return t, err
	}
	for _, n := range []int{punctuationPart, wordsPart, numbersPart} {
		if p := part(n); p != nil {
			if err := checkDictionary(p); err != nil {
				return t, err
			}
		}
	}
	switch {
	case shapes != nil && integers:
		t.Kind = LegacyFastKind
	case shapes != nil:
		t.Kind = LegacyBestKind
	case integers:
		t.Kind = FastKind
	default:
		t.Kind = BestKind
	}
	return t, nil
}

// networkKind tells whether a network counts in integers. After its weights, which are
// long to follow, stand its description, "[1,36,0,1Ct3...]" with its length before it,
// and seven numbers of 32 bits, flags first (LSTMRecognizer::Serialize).
func networkKind(p *io.SectionReader) (integers bool, err error) {
	const numbers, longest, inIntegers = 7 * 4, 1000, 1
	broken := fmt.Errorf("%w: its network is not whole", ErrDamagedModel)
	n := min(p.Size(), numbers+longest)
	if n < numbers+4 || p.Size() > mostNetworks {
		return false, broken
	}
	tail := make([]byte, n)
	if _, err := p.ReadAt(tail, p.Size()-n); err != nil && err != io.EOF {
		return false, plainError(err)
	}
	text, flags := tail[:n-numbers], binary.LittleEndian.Uint32(tail[n-numbers:])
	for at := bytes.LastIndexByte(text, '['); at >= 4; at = bytes.LastIndexByte(text[:at], '[') {
		if int(binary.LittleEndian.Uint32(text[at-4:])) == len(text)-at && text[len(text)-1] == ']' {
			return flags&inIntegers != 0, nil
		}
	}
	return false, broken
}

// readError tells a file that is too short from one that cannot be read.
func readError(err, short error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return short
	}
	return plainError(err)
}

// plainError takes the path out, which a ModelError says already.
func plainError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// stamp is what a file is known by again without reading it.
type stamp struct {
	path string
	size int64
	time time.Time
}

// cache remembers what files were seen to be.
type cache[T any] struct {
	mutex sync.Mutex
	known map[stamp]T
}

var (
	inspected cache[Traineddata]
	hashes    cache[string]
)

func (c *cache[T]) get(s stamp) (T, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	v, ok := c.known[s]
	return v, ok
}

func (c *cache[T]) put(s stamp, v T) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.known == nil {
		c.known = map[stamp]T{}
	}
	c.known[s] = v
}

// HashModel gives the SHA-256 of a model's file in lower-case hexadecimal. It reads a
// file again only when its path, size or time of change are others than before. The
// error is a [ModelError].
func HashModel(name, file string) (string, error) {
	sum, err := hash(file)
	if err != nil {
		return "", &ModelError{Name: name, File: file, Err: err}
	}
	return sum, nil
}

func hash(file string) (string, error) {
	f, s, err := openModel(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if sum, ok := hashes.get(s); ok {
		return sum, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", plainError(err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	hashes.put(s, sum)
	return sum, nil
}
