package ocr

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/text/language"
)

// What can be wrong with models, which are Tesseract's traineddata files.
var (
	ErrNoModels        = errors.New("there is no Tesseract language data")
	ErrMissingLanguage = errors.New("the language data is not installed")
	ErrDamagedModel    = errors.New("the language data is damaged")
	ErrLanguageName    = errors.New("this is not a name of Tesseract language data")
)

const suffix = ".traineddata"

// Models finds the folder that Tesseract's models lie in and the names of those
// that read text, sorted: "deu", "eng", "script/Fraktur". TESSDATA_PREFIX, where
// it is set, is the only place looked at, as with Tesseract itself; it may name
// the folder or the one above. Otherwise the newest version of the distribution
// comes first. The error is a [NoModelsError].
func Models() (dir string, names []string, err error) {
	return find(places(os.Getenv("TESSDATA_PREFIX")))
}

// places lists the folders in which models may lie, best first.
func places(prefix string) []string {
	if prefix != "" {
		return []string{filepath.Clean(prefix), filepath.Join(prefix, "tessdata")}
	}
	debian, _ := filepath.Glob("/usr/share/tesseract-ocr/*/tessdata")
	slices.SortFunc(debian, func(a, b string) int {
		newer := version(filepath.Base(filepath.Dir(b))) - version(filepath.Base(filepath.Dir(a)))
		switch {
		case newer > 0:
			return 1
		case newer < 0:
			return -1
		}
		return strings.Compare(a, b)
	})
	return append(debian,
		"/usr/share/tesseract-ocr/tessdata",
		"/usr/share/tessdata", // Fedora, Arch
		"/usr/local/share/tessdata",
		"/opt/homebrew/share/tessdata",
	)
}

// version reads "5" or "4.00"; anything else is older than all versions.
func version(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != v {
		return -1
	}
	return v
}

func find(places []string) (string, []string, error) {
	for _, dir := range places {
		if names := modelsIn(dir); len(names) > 0 {
			return dir, names, nil
		}
	}
	return "", nil, &NoModelsError{Places: places}
}

// modelsIn lists the models that read text, in dir and its folder script.
func modelsIn(dir string) []string {
	var names []string
	for _, pattern := range []string{"*", "script/*"} {
		files, _ := filepath.Glob(filepath.Join(escape(dir), pattern+suffix))
		for _, f := range files {
			rel, err := filepath.Rel(dir, f)
			if err != nil {
				continue
			}
			name := strings.TrimSuffix(filepath.ToSlash(rel), suffix)
			if safeName.MatchString(name) && name != "osd" && name != "equ" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// escape keeps the characters that mean something to filepath.Glob from doing so.
func escape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// has tells whether there is anything under a model's name, whole or not: a link to
// nowhere, say, is an error of that model, and no reason to take another folder's.
func has(dir, name string) bool {
	_, err := os.Lstat(ModelFile(dir, name))
	return err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}

// ModelFile is where the model called name lies in dir, if it is there.
func ModelFile(dir, name string) string {
	return filepath.Join(dir, filepath.FromSlash(name)+suffix)
}

// safeName is what a name may look like: it becomes part of a path, and Tesseract
// gives + and ~ a meaning of their own.
var safeName = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}(/[A-Za-z0-9_]{1,64})?$`)

// ParseLanguages splits "eng+deu+script/Fraktur" into names, in order and each
// once. The error wraps ErrLanguageName. Whether they are installed is not looked at.
func ParseLanguages(s string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(s, "+") {
		name = strings.TrimSpace(name)
		if !safeName.MatchString(name) {
			return nil, fmt.Errorf("%q in %q: %w (letters, digits and _, joined by +: eng+deu)", name, s, ErrLanguageName)
		}
		if name == "osd" || name == "equ" { // models that read no text
			return nil, fmt.Errorf("%q in %q: %w: it is a model of Tesseract, but of no language", name, s, ErrLanguageName)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Missing gives those of the names that have no model in dir, damaged ones being there. It
// serves "osd" too.
func Missing(dir string, names []string) []string {
	var missing []string
	for _, name := range names {
		if !safeName.MatchString(name) || !has(dir, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// NoModelsError says where models were looked for. It is ErrNoModels.
type NoModelsError struct{ Places []string }

func (e *NoModelsError) Error() string {
	return fmt.Sprintf("%v (looked in %s)", ErrNoModels, strings.Join(e.Places, ", "))
}

// Is makes errors.Is(err, ErrNoModels) true.
func (e *NoModelsError) Is(target error) bool { return target == ErrNoModels }

// Remedy says what to do, in a sentence.
func (e *NoModelsError) Remedy() string {
	return "Install Tesseract's data: apt install tesseract-ocr tesseract-ocr-eng tesseract-ocr-osd, " +
		"or set TESSDATA_PREFIX to the folder that the .traineddata files lie in."
}

// MissingLanguageError names models that are not installed. It is ErrMissingLanguage.
type MissingLanguageError struct {
	Names   []string
	Dir     string   // where they should be
	Further []string // folders that they were looked for in, too
}

func (e *MissingLanguageError) Error() string {
	return fmt.Sprintf("%s: %v in %s", strings.Join(e.Names, ", "), ErrMissingLanguage, strings.Join(append(slices.Clone(e.Further), e.Dir), " or "))
}

// Is makes errors.Is(err, ErrMissingLanguage) true.
func (e *MissingLanguageError) Is(target error) bool { return target == ErrMissingLanguage }

// systemFolder is what Debian's packages install into.
const systemFolder = "/usr/share/"

// Remedy says what to do, in one or two sentences.
func (e *MissingLanguageError) Remedy() string {
	var packages, files []string
	for _, name := range e.Names {
		if p := DebianPackage(name); p != "" && strings.HasPrefix(e.Dir, systemFolder) {
			packages = append(packages, p)
		} else {
			files = append(files, name+suffix)
		}
	}
	var said []string
	if len(packages) > 0 {
		said = append(said, "Install it: apt install "+strings.Join(packages, " ")+".")
	}
	if len(files) > 0 {
		said = append(said, "Put "+strings.Join(files, " and ")+" into "+e.Dir+".")
	}
	return strings.Join(said, " ")
}

// Blackletter gives the model out of installed that reads pages in Fraktur type for one
// of languages, where none of these does: deu goes with frk, any other language that is
// written in Latin letters with its own _frak model or with script/Fraktur. It is empty
// where there is none, or no need.
func Blackletter(languages, installed []string) string {
	for _, l := range languages {
		if strings.HasSuffix(BCP47(l), "-Latf") {
			return ""
		}
	}
	for _, l := range languages {
		for _, name := range []string{l + "_latf", map[string]string{"deu": "frk"}[l], l + "_frak"} {
			if slices.Contains(installed, name) {
				return name
			}
		}
		if tag, err := language.Parse(BCP47(l)); err == nil && slices.Contains(installed, "script/Fraktur") {
			if script, _ := tag.Script(); script.String() == "Latn" {
				return "script/Fraktur"
			}
		}
	}
	return ""
}

// debianName is a language code with what Tesseract hangs on it: "chi_sim_vert".
var debianName = regexp.MustCompile(`^[a-z]{3}(_[a-z]+)*$`)

// DebianPackage names the package that holds a model: "deu" is in
// tesseract-ocr-deu, "chi_sim" in tesseract-ocr-chi-sim, "script/Fraktur" in
// tesseract-ocr-script-frak. It is empty for a name that Debian cannot have.
func DebianPackage(name string) string {
	if script, ok := strings.CutPrefix(name, "script/"); ok {
		script, vertical := strings.CutSuffix(script, "_vert")
		s, ok := scripts[script]
		if !ok {
			return ""
		}
		p := "tesseract-ocr-script-" + s.debian
		if vertical {
			p += "-vert"
		}
		return p
	}
	if !debianName.MatchString(name) || BCP47(name) == "und" && special[name] == "" {
		return ""
	}
	return "tesseract-ocr-" + strings.ReplaceAll(name, "_", "-")
}

// BCP47 gives the language tag (RFC 5646) of a model: "deu" is "de", "frk" is
// "de-Latf", "chi_sim" is "zh-Hans". A script without a language, as in
// "script/Fraktur", is "und-Latf"; a name that says nothing gives "und".
func BCP47(name string) string {
	name = strings.TrimSuffix(name, "_vert") // how lines run is no matter of language
	if tag, ok := special[name]; ok {
		return tag
	}
	if s, ok := scripts[strings.TrimPrefix(name, "script/")]; ok {
		return s.tag
	}
	base, variant, _ := strings.Cut(name, "_")
	tag, err := language.Parse(base) // ISO 639-2 and -3 become the shortest code there is
	if err != nil || len(base) != 3 {
		return "und"
	}
	if variant == "frak" {
		variant = "latf"
	}
	if len(variant) == 4 {
		if script, err := language.ParseScript(variant); err == nil {
			return tag.String() + "-" + script.String()
		}
	}
	return tag.String() // "_old", "_best" and the like: the same language
}

// special holds the names that are no ISO 639 code, or mean something else in it:
// frk is Frankish there and German in Fraktur type here.
var special = map[string]string{
	"chi_sim": "zh-Hans",
	"chi_tra": "zh-Hant",
	"equ":     "und",
	"frk":     "de-Latf",
	"kur_ara": "ku-Arab",
	"osd":     "und",
}

// scripts are Tesseract's models for whole scripts: the name of Debian's package
// and the language tag.
var scripts = map[string]struct{ debian, tag string }{
	"Arabic":              {"arab", "und-Arab"},
	"Armenian":            {"armn", "und-Armn"},
	"Bengali":             {"beng", "und-Beng"},
	"Canadian_Aboriginal": {"cans", "und-Cans"},
	"Cherokee":            {"cher", "und-Cher"},
	"Cyrillic":            {"cyrl", "und-Cyrl"},
	"Devanagari":          {"deva", "und-Deva"},
	"Ethiopic":            {"ethi", "und-Ethi"},
	"Fraktur":             {"frak", "und-Latf"},
	"Georgian":            {"geor", "und-Geor"},
	"Greek":               {"grek", "und-Grek"},
	"Gujarati":            {"gujr", "und-Gujr"},
	"Gurmukhi":            {"guru", "und-Guru"},
	"HanS":                {"hans", "zh-Hans"},
	"HanT":                {"hant", "zh-Hant"},
	"Hangul":              {"hang", "ko"},
	"Hebrew":              {"hebr", "und-Hebr"},
	"Japanese":            {"jpan", "ja"},
	"Kannada":             {"knda", "und-Knda"},
	"Khmer":               {"khmr", "und-Khmr"},
	"Lao":                 {"laoo", "und-Laoo"},
	"Latin":               {"latn", "und-Latn"},
	"Malayalam":           {"mlym", "und-Mlym"},
	"Myanmar":             {"mymr", "und-Mymr"},
	"Oriya":               {"orya", "und-Orya"},
	"Sinhala":             {"sinh", "und-Sinh"},
	"Syriac":              {"syrc", "und-Syrc"},
	"Tamil":               {"taml", "und-Taml"},
	"Telugu":              {"telu", "und-Telu"},
	"Thaana":              {"thaa", "und-Thaa"},
	"Thai":                {"thai", "und-Thai"},
	"Tibetan":             {"tibt", "und-Tibt"},
	"Vietnamese":          {"viet", "vi"},
}
