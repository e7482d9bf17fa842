package ocr

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
	"golang.org/x/text/language"
)

// Suggestion is what a page seems to be written in, where that is not what it was read as.
type Suggestion struct {
	Name      string `json:"name"`      // in English: "German", "Cyrillic letters"
	Model     string `json:"model"`     // that reads it: "deu", "script/Cyrillic"
	Installed bool   `json:"installed"` // that model is
}

// String says it in a sentence without a full stop.
func (s Suggestion) String() string {
	how := "installed"
	if !s.Installed {
		how = "not installed"
		if p := DebianPackage(s.Model); p != "" {
			how += ": apt install " + p
		}
	}
	return fmt.Sprintf("This looks like %s (%s, %s)", s.Name, s.Model, how)
}

// When a text is sure enough to be in a language. Two witnesses must agree, because each
// errs alone: the sequences of three letters take lists of names for Italian or Finnish,
// and languages that they do not know (Latin) for the nearest that they do; the small
// words are few on a short page. Of 55 real pages read in their own language none was told
// of another, of 156 readings in a wrong one 134 were: the others are receipts and lists.
const (
	readWord     = 0.5  // confidence of words that count: a wrong model is seldom sure, but mostly right
	leastWords   = 40   // of them
	leastSmall   = 0.14 // of the words that are small ones of the language: running text has a quarter to a half
	smallBefore  = 1.6  // times as many as any other language has
	passage      = 160  // letters that are judged together
	mostPassages = 0.75 // of them that must be in that language: a page in two languages is neither's
)

// Suggest tells what language a text seems to be in, or in what script, where it is
// sure enough and none of those that it was read in. It says nothing of a text in several
// languages, of few words or numbers, or where one of the languages asked for is one that
// it could not tell from another. installed are the models there are ([Library.Names]).
func (t *Text) Suggest(installed []string) (Suggestion, bool) {
	if t.Script != "" {
		return scriptSuggestion(t.Script, installed), true
	}
	var asked []string
	for _, name := range t.Languages {
		tongue := tongueOf(name)
		if tongue == "" {
			return Suggestion{}, false
		}
		asked = append(asked, tongue)
	}
	words := t.sureWords()
	if len(words) < leastWords {
		return Suggestion{}, false
	}
	found := tongueOfWords(words)
	if found == "" || slices.Contains(asked, found) {
		return Suggestion{}, false
	}
	return Suggestion{Name: small[found].name, Model: found, Installed: slices.Contains(installed, found)}, true
}

// sureWords are the words that were read well enough, in small letters and without what
// clings to them.
func (t *Text) sureWords() []string {
	var out []string
	for w := range t.WithoutNoise().Words {
		if w.Confidence < readWord || w.Unreadable {
			continue
		}
		word := strings.ToLower(strings.TrimFunc(w.Text, func(r rune) bool { return !unicode.IsLetter(r) }))
		if word != "" {
			out = append(out, word)
		}
	}
	return out
}

// Understood tells whether the small words of a language that the text was read in are in
// it as often as in running text: whatever its letters are taken for, it is no rubbish.
func (t *Text) Understood() bool {
	all := 0
	for range t.Words {
		all++
	}
	words := t.sureWords()
	for _, name := range t.Languages {
		tongue, n := tongueOf(name), 0
		for _, w := range words {
			if slices.Contains(smallWord[w], tongue) {
				n++
			}
		}
		if n > 0 && float64(n) >= leastSmall*float64(all) {
			return true
		}
	}
	return false
}

// tongueOfWords is the language that the words are in, empty where that is not sure.
func tongueOfWords(words []string) string {
	share := map[string]int{}
	for _, w := range words {
		for _, tongue := range smallWord[w] {
			share[tongue]++
		}
	}
	best := ""
	for tongue, n := range share {
		if n > share[best] || n == share[best] && tongue < best {
			best = tongue
		}
	}
	if best == "" || float64(share[best]) < leastSmall*float64(len(words)) {
		return ""
	}
	for tongue, n := range share {
		if tongue != best && float64(share[best]) < smallBefore*float64(n) && !slices.Contains(small[best].like, tongue) {
			return ""
		}
	}
	with := whatlanggo.Options{Whitelist: trigrams}
	votes, all := 0, 0
	for from := 0; from < len(words); {
		to, letters := from, 0
		for ; to < len(words) && letters < passage; to++ {
			letters += utf8.RuneCountInString(words[to])
		}
		if letters < passage && all > 0 {
			break // the rest is short
		}
		heard := whatlanggo.DetectLangWithOptions(strings.Join(words[from:to], " "), with)
		if all++; slices.Contains(small[best].heard, heard) {
			votes++
		}
		from = to
	}
	if float64(votes) < mostPassages*float64(all) {
		return ""
	}
	return best
}

// tongueOf is the language of a model among those that can be told apart, empty for others.
func tongueOf(model string) string {
	base, _, _ := strings.Cut(model, "_")
	switch base { // the old forms of a language are no other one
	case "frk":
		base = "deu"
	case "frm":
		base = "fra"
	case "enm":
		base = "eng"
	}
	if _, known := small[base]; known {
		return base
	}
	return ""
}

// Written tells whether one of the languages is written in a script that Tesseract calls
// so ("Latin", "Cyrillic" ...), or whether that cannot be said.
func Written(script string, languages []string) bool {
	s, known := scripts[osdScript(script)]
	if !known {
		return true
	}
	for _, name := range languages {
		if own := scriptOf(BCP47(name)); own == "" || own == scriptOf(s.tag) {
			return true
		}
	}
	return false
}

// osdScript is the name of the model for what Tesseract's look at a script calls so: there
// it tells the sorts of signs apart, and not simplified from traditional Chinese.
func osdScript(name string) string {
	switch name {
	case "Han":
		return "HanS"
	case "Hiragana", "Katakana":
		return "Japanese"
	case "Korean":
		return "Hangul"
	}
	return name
}

// scriptOf is the script of a language tag, empty where it is not known. Fraktur is a type
// of Latin letters, and Chinese, Japanese and Korean share theirs as far as a look can tell.
func scriptOf(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return ""
	}
	s, confidence := t.Script()
	switch code := s.String(); {
	case confidence == language.No:
		return ""
	case code == "Latf":
		return "Latn"
	case slices.Contains([]string{"Hans", "Hant", "Jpan", "Kore", "Hang"}, code):
		return "Hani"
	default:
		return code
	}
}

// scriptSuggestion is the model that reads a script: one for all of it, or one of a
// language that is installed.
func scriptSuggestion(script string, installed []string) Suggestion {
	name := osdScript(script)
	s := Suggestion{Name: strings.ReplaceAll(script, "_", " ") + " letters", Model: "script/" + name}
	if script == "Han" {
		s.Name = "Chinese or Japanese signs"
	}
	if slices.Contains(installed, name) && name != "" { // some systems keep them beside the languages
		s.Model = name
	}
	if s.Installed = slices.Contains(installed, s.Model); s.Installed {
		return s
	}
	for _, m := range installed {
		if own := scriptOf(BCP47(m)); own != "" && own == scriptOf(scripts[name].tag) {
			s.Model, s.Installed = m, true
			return s
		}
	}
	return s
}
