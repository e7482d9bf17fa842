package ocr

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// textOf is a text as an engine that is sure of all gives it, twelve words a line.
func textOf(words []string, languages ...string) *Text {
	t := &Text{Languages: languages}
	var lines []Line
	for part := range slices.Chunk(words, 12) {
		l := Line{}
		for _, w := range part {
			l.Words = append(l.Words, Word{Text: w, Confidence: 0.9})
		}
		lines = append(lines, l)
	}
	t.Blocks = []Block{{Paragraphs: []Paragraph{{Lines: lines}}}}
	return t
}

// Passages from printed books of the public domain, and what is no running text.
var passages = map[string]string{
	"deu": `Es war einmal mitten im Winter, und die Schneeflocken fielen wie Federn vom Himmel herab, da saß eine Königin an einem Fenster, das einen Rahmen von schwarzem Ebenholz hatte, und nähte. Und wie sie so nähte und nach dem Schnee aufblickte, stach sie sich mit der Nadel in den Finger, und es fielen drei Tropfen Blut in den Schnee.`,
	"eng": `It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it was the season of Darkness, it was the spring of hope, it was the winter of despair, we had everything before us.`,
	"fra": `Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se fermaient si vite que je n'avais pas le temps de me dire: Je m'endors. Et, une demi-heure après, la pensée qu'il était temps de chercher le sommeil m'éveillait; je voulais poser le volume que je croyais avoir encore dans les mains.`,
	"ita": `Quel ramo del lago di Como, che volge a mezzogiorno, tra due catene non interrotte di monti, tutto a seni e a golfi, a seconda dello sporgere e del rientrare di quelli, vien, quasi a un tratto, a ristringersi, e a prender corso e figura di fiume, tra un promontorio a destra, e un'ampia costiera dall'altra parte.`,
	"lat": `Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani, tertiam qui ipsorum lingua Celtae, nostra Galli appellantur. Hi omnes lingua, institutis, legibus inter se differunt. Gallos ab Aquitanis Garumna flumen, a Belgis Matrona et Sequana dividit. Horum omnium fortissimi sunt Belgae, propterea quod a cultu atque humanitate provinciae longissime absunt, minimeque ad eos mercatores saepe commeant atque ea quae ad effeminandos animos pertinent important.`,
	"spa": `En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo de los de lanza en astillero, adarga antigua, rocín flaco y galgo corredor. Una olla de algo más vaca que carnero, salpicón las más noches, duelos y quebrantos los sábados, lentejas los viernes, consumían las tres partes de su hacienda.`,
	"cat": `Tots els éssers humans neixen lliures i iguals en dignitat i en drets. Són dotats de raó i de consciència, i han de comportar-se fraternalment els uns amb els altres. Tothom té tots els drets i llibertats proclamats en aquesta Declaració, sense cap distinció de raça, color, sexe, llengua, religió, opinió política o de qualsevol altra mena.`,
	// No running text of any language.
	"names":   strings.Repeat(`Müller Johann Schmidt Anna Maria Lefèvre Pierre Rossi Giovanni Kowalski Jan Novák Nilsson Erik van Dijk García López O'Brien Smith `, 4),
	"numbers": strings.Repeat(`12,40 1912 7 No. 88 a 3/4 fl. 119,20 Summa 14 kr. 0,75 xii 1.204 `, 9),
	"noise":   strings.Repeat(`l | i a . e -- o ' ii Il 1 ~ rn a i o e s ,, vv j `, 8),
	"short":   `der Herr und die Frau in dem Haus an der Straße`,
	"mixed":   `It was the best of times, it was the worst of times, it was the age of wisdom and of hope. Es war einmal mitten im Winter, und die Schneeflocken fielen wie Federn vom Himmel, da saß sie an dem Fenster und nähte. Longtemps, je me suis couché de bonne heure, et la pensée qu'il était temps de chercher le sommeil dans les mains.`,
}

func TestSuggestPassages(t *testing.T) {
	installed := []string{"deu", "eng", "fra"}
	for name, text := range passages {
		for _, asked := range []string{"deu", "eng", "fra", "ita", "lat", "spa", "frk", "cat", "script/Latin", "eng+deu", "eng+cat"} {
			read := strings.Split(asked, "+")
			got, found := textOf(strings.Fields(text), read...).Suggest(installed)
			_, known := small[name]
			none := !known || slices.Contains(read, name) || strings.Contains(asked, "cat") || asked == "script/Latin" || asked == "frk" && name == "deu"
			switch {
			case none && found && name != "cat": // Catalan is not known: whoever asked for German is told of a neighbour of it at worst
				t.Errorf("%s read as %s: %v", name, asked, got)
			case !none && (!found || got.Model != name || got.Installed != slices.Contains(installed, name)):
				t.Errorf("%s read as %s: %v %v", name, asked, got, found)
			}
		}
	}
}

// The ground truth of real pages: nothing is said of a page in its own language, and most
// are told when they are read as another.
func TestSuggestPages(t *testing.T) {
	scans := filepath.Join("..", "..", "shared", "scans")
	list, err := os.ReadFile(filepath.Join(scans, "MANIFEST.tsv"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: the scans are missing")
	}
	told, all := 0, 0
	for _, l := range strings.Split(string(list), "\n") {
		f := strings.Split(l, "\t")
		if len(f) < 9 {
			continue
		}
		truth, err := os.ReadFile(filepath.Join(scans, strings.TrimSuffix(f[0], filepath.Ext(f[0]))+".gt.txt"))
		own := strings.Split(f[5], "+")
		if err != nil || own[0] == "" {
			continue
		}
		words := strings.Fields(string(truth))
		if got, found := textOf(words, own...).Suggest(nil); found {
			t.Errorf("%s in %s: %v", f[0], f[5], got)
		}
		for _, other := range []string{"deu", "eng", "fra", "nld"} {
			if slices.Contains(own, other) || len(own) > 1 {
				continue
			}
			all++
			got, found := textOf(words, other).Suggest(nil)
			switch {
			case found && got.Model != own[0]:
				t.Errorf("%s in %s, read as %s: %v", f[0], own, other, got)
			case found:
				told++
			}
		}
	}
	if told*10 < all*8 {
		t.Errorf("of %d pages that were read in another language %d were told", all, told)
	}
	t.Logf("of %d pages that were read in another language %d were told", all, told)
}

func TestSuggestScript(t *testing.T) {
	for _, c := range []struct {
		script    string
		installed []string
		want      Suggestion
	}{
		{"Cyrillic", []string{"eng", "enm", "rus"}, Suggestion{"Cyrillic letters", "rus", true}},
		{"Cyrillic", []string{"eng", "rus", "script/Cyrillic"}, Suggestion{"Cyrillic letters", "script/Cyrillic", true}},
		{"Cyrillic", []string{"eng", "Fraktur", "enm"}, Suggestion{"Cyrillic letters", "script/Cyrillic", false}},
		{"Han", []string{"eng", "chi_tra"}, Suggestion{"Chinese or Japanese signs", "chi_tra", true}},
		{"Hebrew", nil, Suggestion{"Hebrew letters", "script/Hebrew", false}},
	} {
		text := Text{Languages: []string{"eng"}, Script: c.script}
		if got, found := text.Suggest(c.installed); !found || got != c.want {
			t.Errorf("%s with %v: %+v", c.script, c.installed, got)
		}
	}
	for _, c := range []struct {
		script    string
		languages []string
		want      bool
	}{
		{"Latin", []string{"eng"}, true}, {"Fraktur", []string{"eng"}, true}, {"Latin", []string{"frk"}, true},
		{"Cyrillic", []string{"eng", "deu"}, false}, {"Cyrillic", []string{"eng", "rus"}, true}, {"Latin", []string{"heb"}, false},
		{"Han", []string{"jpn"}, true}, {"Japanese", []string{"chi_sim"}, true}, {"Han", []string{"eng"}, false},
		{"NULL", []string{"eng"}, true}, {"", []string{"eng"}, true}, {"Cyrillic", []string{"enm"}, true}, // not known how that is written
	} {
		if got := Written(c.script, c.languages); got != c.want {
			t.Errorf("%s by %v: %v", c.script, c.languages, got)
		}
	}
	if said := (Suggestion{"Cyrillic letters", "script/Cyrillic", false}).String(); said != "This looks like Cyrillic letters (script/Cyrillic, not installed: apt install tesseract-ocr-script-cyrl)" {
		t.Error(said)
	}
}
