package ocr

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// packages is where dpkg keeps an MD5 sum of each file of a package (deb-md5sums(5)).
const packages = "/var/lib/dpkg/info"

// altered gives the package that installed a model file which is now another than it
// installed, "" where it is the same, or no package is known to have brought it. The
// weights of a model have no check of their own: one that is damaged there reads, badly.
func altered(info, file string) string {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return ""
	}
	lists, _ := filepath.Glob(filepath.Join(info, "tesseract-ocr*.md5sums")) // no pattern of ours is wrong
	for _, list := range lists {
		want := installedSum(list, strings.TrimPrefix(real, "/"))
		if want == "" {
			continue
		}
		if got, err := md5Of(real); err == nil && got != want {
			return strings.TrimSuffix(filepath.Base(list), ".md5sums")
		}
	}
	return ""
}

// installedSum is the sum that a list has of a path, "" where it has none.
func installedSum(list, path string) string {
	f, err := os.Open(list)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if sum, of, ok := strings.Cut(s.Text(), "  "); ok && of == path {
			return sum
		}
	}
	return ""
}

func md5Of(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := md5.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
