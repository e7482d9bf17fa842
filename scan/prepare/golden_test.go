package prepare

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"image"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"recto/scan"
)

// Pixels that recipes of released versions make. Who changes what a stage makes of its
// parameters raises the stage's version, keeps the code of the version before, and adds
// pins here; pins that are here are never changed.
//
// They hold for one processor and one leptonica: compilers of others may fuse and order
// arithmetic otherwise.
const (
	goldenArch      = "amd64"
	goldenLeptonica = "leptonica-1.82.0"
)

// drawing is a page in colour, drawn with whole numbers alone: yellowed and shaded paper,
// lines of letters, ruled lines across and down, and specks.
func drawing(w, h int) []byte {
	r := rand.New(rand.NewPCG(1871, 5))
	pix := make([]byte, 3*w*h)
	for y := range h {
		for x := range w {
			light := 236 - 70*x/w - 25*y/h + r.IntN(9)
			pix[3*(y*w+x)], pix[3*(y*w+x)+1], pix[3*(y*w+x)+2] = byte(light+15), byte(light), byte(light-30)
		}
	}
	box := func(x0, y0, x1, y1 int) {
		for y := max(0, y0); y < min(h, y1); y++ {
			for x := max(0, x0); x < min(w, x1); x++ {
				for c := range 3 {
					pix[3*(y*w+x)+c] = byte(int(pix[3*(y*w+x)+c])/5 + 10*c)
				}
			}
		}
	}
	const high = 18 // of x
	for row := range (h - 120) / 48 {
		y := 70 + 48*row
		for x := 60; x < w-80; x += high {
			if r.IntN(6) == 0 {
				x += high / 2 // between words
			}
			switch r.IntN(4) {
			case 0: // n
				box(x, y, x+3, y+high)
				box(x+9, y, x+12, y+high)
				box(x+3, y, x+9, y+3)
			case 1: // h
				box(x, y-high/2, x+3, y+high)
				box(x+9, y, x+12, y+high)
				box(x+3, y, x+9, y+3)
			case 2: // u
				box(x, y, x+3, y+high)
				box(x+9, y, x+12, y+high)
				box(x+3, y+high-3, x+9, y+high)
			case 3: // o
				box(x, y, x+12, y+3)
				box(x, y+high-3, x+12, y+high)
				box(x, y+3, x+3, y+high-3)
				box(x+9, y+3, x+12, y+high-3)
			}
		}
	}
	box(40, 106, w-40, 108)
	box(w/2+90, 30, w/2+92, h-30)
	for range 60 {
		x, y, s := r.IntN(w), r.IntN(h), 1+r.IntN(3)
		box(x, y, x+s, y+s)
	}
	return pix
}

// kinds of the drawing. The fax has half as many rows, made square as every page is.
var kinds = []string{"colour", "grey", "bits", "fax"}

func drawn(t *testing.T) []*Picture {
	const w, h, wide = 722, 634, (722 + 7) / 8
	rgb := drawing(w, h)
	grey, bits := make([]byte, w*h), make([]byte, wide*h)
	for i := range grey {
		grey[i] = byte((int(rgb[3*i]) + 2*int(rgb[3*i+1]) + int(rgb[3*i+2])) / 4)
		if grey[i] < 110 {
			bits[i/w*wide+i%w/8] |= 0x80 >> (i % w % 8)
		}
	}
	rational := func(tag uint16, v uint32) field { return field{tag, 5, []uint32{v, 1}} }
	var out []*Picture
	for i, data := range [][]byte{
		append(fmt.Appendf(nil, "P6 %d %d 255\n", w, h), rgb...),
		append(fmt.Appendf(nil, "P5 %d %d 255\n", w, h), grey...),
		append(fmt.Appendf(nil, "P4 %d %d\n", w, h), bits...),
		tiffOf(w, h, 8, 1, 1, grey, rational(tagXResolution, 204), rational(tagYResolution, 98), short(296, 2)),
	} {
		p := decode(t, write(t, kinds[i], data))
		square, err := p.Squared()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(square.Close)
		out = append(out, square)
	}
	return out
}

// hashed adds a picture as the eye gets it and, where it has colour, as the recognition
// does: width, height, samples a pixel, rows.
func hashed(h hash.Hash, p *Picture) {
	add := func(size image.Point, samples int, rows []byte) {
		for _, v := range []int{size.X, size.Y, samples} {
			h.Write(binary.BigEndian.AppendUint32(nil, uint32(v)))
		}
		h.Write(rows)
	}
	if c, is := p.View().(*image.RGBA); is {
		add(p.Size(), 4, c.Pix)
	}
	size, grey := p.Grey()
	add(size, 1, grey)
}

func set(stage scan.Stage, params any) scan.Recipe {
	return scan.Recipe{scan.NewStep(stage, params, true)}
}

// bulge is a dewarp on a grid.
func bulge(columns, rows int) scan.Dewarp {
	d := scan.Dewarp{Columns: columns, Rows: rows}
	for i := range columns * rows {
		d.Up = append(d.Up, i%columns*7-i/columns*5+i*i%11-6)
	}
	return d
}

// making hands on each picture that a stage makes.
type making func(p *Picture, made func(*Picture, error))

// each makes one picture of every value.
func each[T any](f func(*Picture, T) (*Picture, error), values ...T) making {
	return func(p *Picture, made func(*Picture, error)) {
		for _, v := range values {
			made(f(p, v))
		}
	}
}

// once is for stages without parameters.
func once(f func(*Picture) (*Picture, error)) making {
	return func(p *Picture, made func(*Picture, error)) { made(f(p)) }
}

// pins are SHA-256 digests of all that a stage makes with fixed parameters of each kind of
// drawing.
var pins = []struct {
	stage   scan.Stage // "": no stage, and without a version, so that it may never change
	version int
	what    string
	make    making
	want    []string // in the order of kinds
}{
	{"", 0, "decoding and squaring", once(func(p *Picture) (*Picture, error) { return p.Oriented(1, 0) }), []string{
		"b85b6f532651c8eea7d8ad8bb943fe41e3886dadb1028b3dcd586a42f95ba1b7",
		"a9a2f429f3581e2ac780490caa4c086a98ee0a57d6849abd338685019e9d43d4",
		"5da796bd50e7bc809e34cc6dea3720651a75bead0986ac62441d6fcd4984b119",
		"fa61a96260a87b13f36e22041a24b382a1d5d38b86b8f24a0e9bd6c82f2f1c49",
	}},
	{scan.OrientStage, 0, "turns of all orientations", func(p *Picture, made func(*Picture, error)) {
		for o := range 8 {
			for turn := 0; turn < 360; turn += 90 {
				made(p.Oriented(scan.Orientation(o+1), turn))
			}
		}
	}, []string{
		"fb32f021f9b9c426db09e83672955e38b4d0599b40f6f606d874e6fc7ee8b080",
		"ce93341d8bfbc00cb6e85bfd038c9a1a000e73ce080ab43283326f23d7d4b502",
		"e57f27d1dc01bb39dfe3fc08e8e2595616e101a70a4734c8a503c1362cbce00b",
	}},
	{scan.SplitStage, 0, "both pages", each((*Picture).Part,
		set(scan.SplitStage, scan.Split{Part: 1, At: 361}), set(scan.SplitStage, scan.Split{Part: 2, At: 361}),
		set(scan.SplitStage, scan.Split{Part: 2, At: 97}), set(scan.SplitStage, scan.Split{At: 97}),
	), []string{
		"2d1249d17d2a6a9cf91f3ccc58b79299fa3cbd15f9688537b82b66e1169172f1",
		"3794965d8c3341d292a39eb8ae8d1930cc3a8b3050f4e439aadf4dfb7f894c0a",
		"52418efdcbfa7873091b9cce60c73c23c090b9ed1f72fe633e02378846eb62ae",
	}},
	{scan.DeskewStage, 0, "small turns", each(func(p *Picture, degrees float64) (*Picture, error) {
		return p.Deskewed(degrees, image.Rectangle{})
	}, 0.05, 1.25, -1.25, -3.137, 7, 44.9), []string{
		"4ca361dcd6c9596a5a07a9488cec38a933d7838d6008a4ee5e7a952270ff75d9",
		"022907023a9e99eae5ebb88a67222eff992d8d0a5dc52dbcec80c6f4535faf42",
		"7407d08ee2c2f0ac07b3812d16ac318048c39c91173ebdc021c7d7b65168bdf1",
	}},
	{scan.CropStage, 0, "straight", each(func(p *Picture, box image.Rectangle) (*Picture, error) {
		return p.Deskewed(0, box)
	}, image.Rect(31, 42, 657, 601), image.Rect(-20, -15, 300, 300), image.Rect(500, 400, 800, 700)), []string{
		"eb3fd4fd9c07fc660e7710adc6d47adec7e4c54f40c31167cd44c94c9010fdf6",
		"69dcca3ba717e6625f8c83470bdb4103adf7e74df02b86ff6ba0863170aa3268",
		"43a425654bae73aa503c49cbe105eb31af86b157159a31a584b83a3942a3513f",
	}},
	{scan.CropStage, 0, "turned", each(func(p *Picture, box image.Rectangle) (*Picture, error) {
		return p.Deskewed(-2.4, box)
	}, image.Rect(31, 42, 657, 601), image.Rect(-20, -15, 300, 300), image.Rect(500, 400, 800, 700)), []string{
		"f1cc7e28807b7a246f834669b21989deb2d26305a837f021b79a46810a955152",
		"54b4d16ba0a855913d44ebdd6e2673bb8a04b6a352b07b2eda7d6f5ef6961920",
		"03a2915fbd4331bc8b668350b14db61c8198e1d4a0dcc70a2eb10439b24238d1",
	}},
	{scan.DewarpStage, 0, "grids", each((*Picture).Dewarped, bulge(1, 1), bulge(4, 3), bulge(gridColumns, gridRows)), []string{
		"bcd350b43019f69999e40d86567e69d0f30f6ac7065656d140c3efa8541cce87",
		"aa40c353a515820324f75270e25e88702f754800292e711aa96691ed8f1ef8b6",
		"44ca779a257180b7a8f95436da4920431f7f2a9242b1b49587152cabef58f2ad",
	}},
	{scan.ToneStage, 0, scan.LevelTone, once((*Picture).Levelled), []string{
		"d7f9c23436847cc8f6540417d6538f7567a99bd5bab8bbb323757d8a00eaa839",
		"fefc2eb4a2a2a9eea6a38e3b3ea49cf526b4d5296283a1d4e13e0c05ab2619b2",
		"5da796bd50e7bc809e34cc6dea3720651a75bead0986ac62441d6fcd4984b119",
	}},
	{scan.ToneStage, 0, scan.LocalTone, once((*Picture).Local), []string{
		"6d3d471724d2e251d126fab18c829fffe3db2c659fa8dd2141ca7119b192e2ac",
		"45714337b4debd4728b4f29eec6cb020edece93fffe6a80bb3b9204768fe8d57",
		"5da796bd50e7bc809e34cc6dea3720651a75bead0986ac62441d6fcd4984b119",
	}},
	{scan.LinesStage, 0, "taken out", once((*Picture).WithoutLines), []string{
		"2e59ee85bb402f321b38e7599102bf88865ad3a2c7ab74c3ae6adc4b7b8d5616",
		"bdd90d3ad115a84dda23f56208a5c513433bfdf4d8528041fa31131eeb6cec85",
		"9a88c85d82d18a5960fdfd6225af2fc68d02a325f896ea1b44605f4035f164f7",
	}},
	{scan.DespeckleStage, 0, "sizes", each((*Picture).Despeckled, 1, 3, 8), []string{
		"9b06d70249cd2a4a8d147ed3015bc9ec2e416279e5bebf1fa4aa0ff681bd6618",
		"c5cc2d5122cc4ce46b43d4774cea89c01f2110db90ee79d58a5f0ec4ec32e449",
		"900719b7407e6ab7cae75d946d0e2e2237cf0dc284fccce67dd21227c95370d8",
	}},
	{scan.ScaleStage, 0, "factors", each((*Picture).Scaled, 0.1, 0.5, 0.731, 1, 1.37, 2.5), []string{
		"abe2ec63858c5ead6d0ec27a72274c3fc7668f5669dee83857acf998ebb89358",
		"99feef9c29fb6a1c728fdd04410b79b8fec41a10be1d2703523a8d183e36a886",
		"f67c6634b1b2d8e5801b3a4c6cdbbc1203f84aebfa07fb69cf7fd965e60335a3",
	}},
	{"", 0, "one stage after the other", func(p *Picture, made func(*Picture, error)) {
		page, err := p.Placed(6, scan.Recipe{
			scan.NewStep(scan.OrientStage, scan.Orient{Degrees: 270}, true), scan.NewStep(scan.SplitStage, scan.Split{Part: 2, At: 200}, true),
			scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: 0.8}, true), scan.NewStep(scan.CropStage, scan.Crop{Left: 9, Top: 11, Right: 500, Bottom: 620}, true),
		})
		for _, next := range []func(*Picture) (*Picture, error){
			func(p *Picture) (*Picture, error) { return p.Dewarped(bulge(4, 3)) },
			(*Picture).Levelled, (*Picture).WithoutLines,
			func(p *Picture) (*Picture, error) { return p.Despeckled(3) },
			func(p *Picture) (*Picture, error) { return p.Scaled(1.2) },
		} {
			if err == nil {
				q := page
				page, err = next(q)
				made(q, nil)
			}
		}
		made(page, err)
	}, []string{
		"475bf71229eab0cbc6efd87d34959634370d79149337e37951192ebe2b85098f",
		"819cbf17bac35a723098170548fa01759232680b244db53c6853b677aa530b9e",
		"cc2725338cfc6cdd43fc760721b0b15cdaf052bf42a9e26c477fbdee681933e4",
	}},
}

// Recipes make the same pixels as when they were stored.
func TestGolden(t *testing.T) {
	if runtime.GOARCH != goldenArch || Version() != goldenLeptonica {
		t.Skipf("NOT CHECKED that recipes make the same pixels as ever: they are pinned for %s with %s, and this is %s with %s", goldenArch, goldenLeptonica, runtime.GOARCH, Version())
	}
	pictures := drawn(t)
	type applied struct {
		stage   scan.Stage
		version int
	}
	pinned := map[applied]bool{}
	for _, pin := range pins {
		pinned[applied{pin.stage, pin.version}] = true
		var got []string
		for i := range pin.want {
			h, untouched := sha256.New(), sha256.New()
			pin.make(pictures[i], func(p *Picture, err error) {
				if err != nil {
					t.Fatalf("%s, %s, %s: %v", pin.stage, pin.what, kinds[i], err)
				}
				hashed(h, p)
				hashed(untouched, pictures[i])
				p.Close()
			})
			got = append(got, hex.EncodeToString(h.Sum(nil)))
			if same := got[i] == hex.EncodeToString(untouched.Sum(nil)); same && pin.stage != "" && !(pin.stage == scan.ToneStage && kinds[i] == "bits") {
				t.Errorf("%s, %s, %s: nothing is done, so nothing is pinned", pin.stage, pin.what, kinds[i])
			}
		}
		if !slices.Equal(got, pin.want) {
			t.Errorf("stage %q version %d, %s: other pixels than ever before.\nIf that is meant, raise the stage's version, keep the code of version %d, and add a pin:\n%q", pin.stage, pin.version, pin.what, pin.version, got)
		}
	}
	for stage, versions := range scan.Versions {
		for _, v := range versions {
			if !pinned[applied{stage, v}] && stage != scan.ReadStage { // which makes no pixels
				t.Errorf("no pixels of stage %s, version %d, are pinned", stage, v)
			}
		}
	}
}

// What a picture was looked at for before does not show in what stages make of it.
func TestUnseen(t *testing.T) {
	digest := func(make making, p *Picture) string {
		h := sha256.New()
		make(p, func(q *Picture, err error) {
			if err != nil {
				t.Fatal(err)
			}
			hashed(h, q)
			q.Close()
		})
		return hex.EncodeToString(h.Sum(nil))
	}
	for i, fresh := range drawn(t) {
		seen, err := fresh.Oriented(1, 90)
		if err != nil {
			t.Fatal(err)
		}
		defer seen.Close()
		seen.Glance(300) // so coarse that letters are other letters
		if seen, err = seen.Oriented(1, 270); err != nil {
			t.Fatal(err)
		}
		defer seen.Close()
		for _, pin := range pins {
			if a, b := digest(pin.make, fresh), digest(pin.make, seen); a != b {
				t.Errorf("%s, %s, %s: other pixels after a look", pin.stage, pin.what, kinds[i])
			}
		}
	}
}
