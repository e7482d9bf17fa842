// Command make draws the sample scans of this folder: typeset pages that are then
// aged - skew, yellow paper, stains, noise, a blank verso, a page upside down, a
// spread, two languages. Text and pictures are our own. The same seed draws the
// same pages:
//
//	go run ./assets/samples/make assets/samples
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/tiff"
)

const dpi = 200

var a5 = image.Pt(dpi*583/100, dpi*827/100) // 148 x 210 mm

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: make FOLDER")
		os.Exit(2)
	}
	dir := os.Args[1]
	ledger := page(a5, gomono.TTF, 10, letter)
	save(dir, "letter-1.jpg", age(ledger, 1, aging{skew: 1.7, paper: color.RGBA{236, 222, 186, 255}, stains: 3, noise: 7}))
	save(dir, "letter-2-verso.jpg", age(blank(a5), 2, aging{paper: color.RGBA{238, 226, 194, 255}, stains: 1, noise: 6}))
	save(dir, "letter-10.jpg", age(page(a5, gomono.TTF, 10, answer), 3, aging{turn: true, paper: color.RGBA{240, 232, 210, 255}, stains: 2, noise: 6}))
	save(dir, "bericht.tif", bilevel(age(page(a5, goregular.TTF, 10.5, bericht), 4, aging{skew: -0.8, paper: color.RGBA{250, 250, 250, 255}, noise: 12})))
	left, right := page(a5, goregular.TTF, 10, diary), page(a5, goregular.TTF, 10, tagebuch)
	spread := image.NewRGBA(image.Rect(0, 0, 2*a5.X, a5.Y))
	draw.Draw(spread, left.Bounds(), left, image.Point{}, draw.Src)
	draw.Draw(spread, right.Bounds().Add(image.Pt(a5.X, 0)), right, image.Point{}, draw.Src)
	save(dir, "spread.jpg", age(spread, 5, aging{paper: color.RGBA{232, 220, 192, 255}, stains: 2, noise: 6, gutter: true}))
	save(dir, "title.png", age(page(a5, gosmallcaps.TTF, 22, title), 6, aging{paper: color.RGBA{245, 240, 228, 255}, noise: 0}))
}

var title = []string{"", "", "", "The Miller's", "Year Book", "", "kept at the mill", "below the weir", "", "1911 to 1913"}

var letter = []string{"Upper Mill, 14 March 1912", "", "Dear Cousin Agnes,", "",
	"The ice went out of the river on", "Tuesday with a noise like cannon,", "and by evening the lower meadow", "stood under a foot of water. We",
	"lost eleven sacks of barley and", "the new footbridge, but the wheel", "held, and the miller says it will", "turn for another forty years.", "",
	"Your parcel of seeds arrived dry.", "The children have sown the blue", "lupins along the orchard wall, and", "quarrel every morning over who may",
	"carry the watering can.", "", "Write soon, and tell us whether", "the schoolhouse roof is finished.", "", "Your affectionate", "Harriet"}

var answer = []string{"Stonebridge, 2 April 1912", "", "Dear Harriet,", "",
	"What news about the flood! Father", "read your letter aloud twice and", "then walked to the mill pond to", "look at our own sluice, which he",
	"had mended with oak and iron.", "", "The schoolhouse has its roof at", "last. Forty slates were broken on", "the way from the quarry, and the",
	"carter blames the horse. The new", "teacher comes from the city and", "keeps a telescope in the attic.", "",
	"I enclose a drawing of the comet", "and a receipt for quince jelly.", "", "With love to all,", "Agnes"}

var bericht = []string{"Bericht über das Hochwasser", "", "Am zwölften März brach das Eis oberhalb der Mühle.",
	"Das Wasser stieg bis zur Schwelle des Backhauses und", "überflutete die unteren Wiesen. Menschen kamen nicht", "zu Schaden. Elf Säcke Gerste und der neue Steg gingen",
	"verloren; das Mühlrad blieb unbeschädigt.", "", "Die Gemeinde beschließt, das Wehr um zwei Fuß zu", "erhöhen und die Brücke aus Eichenholz zu erneuern.",
	"Der Müller stellt Fuhrwerk und Werkzeug, die Bürger", "leisten je drei Tage Arbeit. Für die Kosten haftet", "zur Hälfte die Kreiskasse.", "",
	"Gelesen, genehmigt und unterschrieben", "am dritten April neunzehnhundertzwölf."}

var diary = []string{"5 May. The swallows are back under", "the eaves of the granary, nine of", "them, and the cat sits below all day", "with her mouth open.", "",
	"7 May. Ground rye for the baker at", "Stonebridge. He paid in honey, two", "jars, and a promise.", "", "11 May. A painter has taken the room",
	"above the stable. He wants to paint", "the weir by moonlight and asks for", "candles. Harriet gave him six and", "told him to mind the hay.", "",
	"16 May. Frost in the night. The pear", "blossom is brown along the north", "wall, but the apples are safe."}

var tagebuch = []string{"20. Mai. Der Maler hat das Wehr nun", "dreimal gemalt und jedes Mal das", "Wasser vergessen. Er lacht darüber", "und trinkt unseren Apfelwein.", "",
	"24. Mai. Markt in der Stadt. Für das", "Mehl gab es einen guten Preis, für", "die Gänse einen schlechten. Auf dem", "Heimweg brach die Achse.", "",
	"28. Mai. Gewitter mit Hagel. Die", "Scheune bekam ein neues Fenster, das", "niemand bestellt hatte.", "", "1. Juni. Heuernte. Alle Hände helfen,",
	"sogar der Maler, der seinen Strohhut", "verlor und einen Sonnenbrand gewann."}

// page sets lines of text in black on white.
func page(size image.Point, ttf []byte, points float64, lines []string) *image.RGBA {
	img := blank(size)
	f, err := opentype.Parse(ttf)
	check(err)
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: points, DPI: dpi, Hinting: font.HintingNone})
	check(err)
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.RGBA{38, 32, 30, 255}), Face: face}
	lead := int(points * dpi / 72 * 1.5)
	y := size.Y/10 + lead
	for _, line := range lines {
		x := size.X / 9
		if points > 20 { // a title stands in the middle
			x = (size.X - d.MeasureString(line).Round()) / 2
		}
		d.Dot = fixed.P(x, y)
		d.DrawString(line)
		y += lead
	}
	return img
}

func blank(size image.Point) *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	return img
}

// aging is what time and the scanner do to a page.
type aging struct {
	skew   float64 // degrees clockwise
	turn   bool    // upside down
	paper  color.RGBA
	stains int
	noise  float64 // standard deviation of the grey levels
	gutter bool    // the shadow in the middle of an open book
}

func age(in *image.RGBA, seed uint64, a aging) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 1912))
	b := in.Bounds()
	out := image.NewRGBA(b)
	type stain struct{ x, y, size, depth float64 }
	var stains []stain
	for range a.stains {
		stains = append(stains, stain{r.Float64() * float64(b.Dx()), r.Float64() * float64(b.Dy()), 60 + 160*r.Float64(), 0.06 + 0.1*r.Float64()})
	}
	sin, cos := math.Sincos(-a.skew * math.Pi / 180)
	cx, cy := float64(b.Dx())/2, float64(b.Dy())/2
	for y := range b.Dy() {
		for x := range b.Dx() {
			dx, dy := float64(x)-cx, float64(y)-cy
			sx, sy := cx+dx*cos-dy*sin, cy+dx*sin+dy*cos
			if a.turn {
				sx, sy = float64(b.Dx()-1)-sx, float64(b.Dy()-1)-sy
			}
			ink := 1 - sample(in, sx, sy)
			dark := 0.0
			for _, s := range stains {
				d := math.Hypot(float64(x)-s.x, float64(y)-s.y) / s.size
				// A dried drop is darkest at its rim.
				if d < 1 {
					dark += s.depth * (0.4 + 0.6*d*d*d*d)
				}
			}
			if a.gutter {
				dark += 0.35 * math.Exp(-math.Abs(float64(x)-cx)/35)
			}
			grain := r.NormFloat64() * a.noise
			level := func(paper uint8, ink8 float64) uint8 {
				v := float64(paper)*(1-dark)*(1-ink) + ink8*ink + grain
				return uint8(max(0, min(255, v)))
			}
			out.SetRGBA(x, y, color.RGBA{level(a.paper.R, 52), level(a.paper.G, 44), level(a.paper.B, 46), 255})
		}
	}
	return out
}

// sample reads a brightness between pixels, 0 black to 1 white; outside is white.
func sample(img *image.RGBA, x, y float64) float64 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(x0), y-float64(y0)
	at := func(x, y int) float64 {
		if !image.Pt(x, y).In(img.Rect) {
			return 1
		}
		return float64(img.Pix[img.PixOffset(x, y)+1]) / 255
	}
	return (at(x0, y0)*(1-fx)+at(x0+1, y0)*fx)*(1-fy) + (at(x0, y0+1)*(1-fx)+at(x0+1, y0+1)*fx)*fy
}

// bilevel is what an office scanner makes of a page.
func bilevel(in *image.RGBA) image.Image {
	out := image.NewPaletted(in.Bounds(), color.Palette{color.White, color.Black})
	for i := range out.Pix {
		if in.Pix[4*i+1] < 140 {
			out.Pix[i] = 1
		}
	}
	return out
}

// save encodes a page with its resolution, which Go's encoders leave out.
func save(dir, name string, img image.Image) {
	var b bytes.Buffer
	switch filepath.Ext(name) {
	case ".jpg":
		check(jpeg.Encode(&b, img, &jpeg.Options{Quality: 72}))
		app0 := []byte{0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 1, 0, dpi, 0, dpi, 0, 0}
		b = *bytes.NewBuffer(append(append([]byte{0xFF, 0xD8}, app0...), b.Bytes()[2:]...))
	case ".png":
		check((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img))
		perMetre := uint32(math.Round(dpi / 0.0254))
		chunk := binary.BigEndian.AppendUint32([]byte("pHYs"), perMetre)
		chunk = append(binary.BigEndian.AppendUint32(chunk, perMetre), 1)
		whole := binary.BigEndian.AppendUint32(nil, 9)
		whole = append(whole, chunk...)
		whole = binary.BigEndian.AppendUint32(whole, crc32.ChecksumIEEE(chunk))
		const header = 8 + 25 // signature and IHDR
		b = *bytes.NewBuffer(append(append(append([]byte{}, b.Bytes()[:header]...), whole...), b.Bytes()[header:]...))
	case ".tif":
		check(tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate, Predictor: true}))
		// The encoder always says 72/1 dpi.
		raw := b.Bytes()
		raw = bytes.ReplaceAll(raw, []byte{72, 0, 0, 0, 1, 0, 0, 0}, []byte{dpi, 0, 0, 0, 1, 0, 0, 0})
		b = *bytes.NewBuffer(raw)
	}
	check(os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644))
	fmt.Println(strings.TrimSpace(name), b.Len())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}
