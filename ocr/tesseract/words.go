package tesseract

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeConfig writes the lists and a configuration that names them into a folder. They
// are read while a handle is initialised, by each language's network for itself; only
// what is in a configuration file reaches all of them.
func (s *setup) writeConfig(dir string) (file string, err error) {
	var config strings.Builder
	for _, list := range []struct {
		variable string
		lines    []string
	}{{"user_words_file", s.words}, {"user_patterns_file", s.patterns}} {
		if len(list.lines) == 0 {
			continue
		}
		path := filepath.Join(dir, list.variable)
		if err := os.WriteFile(path, []byte(strings.Join(list.lines, "\n")+"\n"), 0o600); err != nil {
			return "", fmt.Errorf("tesseract: %w", err)
		}
		config.WriteString(list.variable + " " + path + "\n")
	}
	file = filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		return "", fmt.Errorf("tesseract: %w", err)
	}
	return file, nil
}
