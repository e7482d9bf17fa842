package tesseract

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"recto/ocr"
)

// ModelHash gives the SHA-256 of a model in lower-case hexadecimal: names stay
// when models are replaced, and a text should say what read it. Each file is read
// once in the engine's life.
func (e *Engine) ModelHash(name string) (string, error) {
	if h, ok := e.hashes[name]; ok {
		return h, nil
	}
	if missing := ocr.Missing(e.config.Data, []string{name}); missing != nil {
		return "", &ocr.MissingLanguageError{Names: missing, Dir: e.config.Data}
	}
	f, err := os.Open(ocr.ModelFile(e.config.Data, name))
	if err != nil {
		return "", fmt.Errorf("hash the model %s: %w", name, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("hash the model %s: %w", name, err)
	}
	e.hashes[name] = hex.EncodeToString(h.Sum(nil))
	return e.hashes[name], nil
}

// checkModels tells before Tesseract does whether models are there and whole.
func checkModels(dir string, names []string) error {
	if missing := ocr.Missing(dir, names); missing != nil {
		return &ocr.MissingLanguageError{Names: missing, Dir: dir}
	}
	for _, name := range names {
		if err := checkModel(ocr.ModelFile(dir, name)); err != nil {
			return fmt.Errorf("the model %s: %w", name, err)
		}
	}
	return nil
}

// A traineddata file begins with a little-endian table: a 32-bit count, then as
// many 64-bit offsets of its components, -1 for one that is not in it
// (Tesseract's ccutil/tessdatamanager.cpp). Or it is an archive that libarchive
// reads, which this does not look into.
const maxComponents = 1000

func checkModel(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var count int32
	if err := binary.Read(f, binary.LittleEndian, &count); err != nil {
		return fmt.Errorf("%w: %d bytes long", ocr.ErrDamagedModel, info.Size())
	}
	if count == 0x04034b50 { // "PK", 3, 4: a zip
		return nil
	}
	if count <= 0 || count > maxComponents {
		return fmt.Errorf("%w: it does not begin as traineddata do", ocr.ErrDamagedModel)
	}
	offsets := make([]int64, count)
	if err := binary.Read(f, binary.LittleEndian, offsets); err != nil {
		return fmt.Errorf("%w: %d bytes long", ocr.ErrDamagedModel, info.Size())
	}
	first := int64(4 + 8*len(offsets))
	for _, o := range offsets {
		if o != -1 && (o < first || o >= info.Size()) {
			return fmt.Errorf("%w: it ends before it is complete", ocr.ErrDamagedModel)
		}
	}
	return nil
}
