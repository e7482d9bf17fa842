package tesseract

import (
	"context"
	"errors"
	"testing"
)

func TestOrientation(t *testing.T) {
	e := newEngine(t, "eng", "osd")
	for _, name := range []string{"tesseract/phototest.tif", "nubis/1dkv_1863_1.jpg"} {
		img := load(t, name)
		for turned := 0; turned < 360; turned += 90 {
			o, err := e.Orientation(context.Background(), img)
			if err != nil {
				t.Fatal(err)
			}
			if want := (360 - turned) % 360; o.Degrees != want || o.Confidence < 2 || o.Script != "Latin" {
				t.Errorf("%s turned by %d: %+v, want %d", name, turned, o, want)
			}
			img = turn(img)
		}
	}
	// Reading goes on with its own languages in between.
	if text, err := e.Recognise(context.Background(), load(t, "tesseract/phototest.tif"), english); err != nil || len(words(text)) < 50 {
		t.Errorf("reading after orientation: %v", err)
	}
}

func TestOrientationOfNothing(t *testing.T) {
	e := newEngine(t, "osd")
	if o, err := e.Orientation(context.Background(), plain(1000, 1000, 255)); err != nil || o != (Orientation{}) {
		t.Errorf("white page: %+v, %v", o, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Orientation(ctx, plain(9, 9, 255)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
