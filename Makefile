# Recto. Every target installs what it needs; no other step comes before.
TAGS     := x11,sqlite_fts5
GO       := go
GOFLAGS  += -tags=$(TAGS)
export GOFLAGS
export CGO_ENABLED := 1
DEMO     := demo
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Rooms whose code runs on many goroutines, for the race detector.
RACE     := ./scan ./scan/escl ./scan/folder ./scan/spool ./ocr ./ocr/markup ./archive ./archive/journal ./archive/catalogue ./archive/bagit ./archive/deposit ./app/worker ./app/workbench

.PHONY: build run demo test soak bench bench-ocr lint clean
build:
	@.ci/needs build
	$(GO) build -o bin/recto ./app

# The window, on the archive that the demo makes.
run: build
	@test -f $(DEMO)/archive/recto.json || $(MAKE) --no-print-directory demo
	bin/recto window --archive $(DEMO)/archive

# The main job without a display: scans in, searchable PDF/A out, catalogued, packaged.
demo: build
	@.ci/demo $(DEMO)

test: lint
	$(GO) test -timeout 60m ./...
	$(GO) test -timeout 20m -race -short $(RACE)

# The long counts: 200 kills of import and process, and so on.
soak:
	@.ci/needs test
	RECTO_SOAK=1 $(GO) test -timeout 6h -count 1 ./...

bench:
	@.ci/needs bench
	$(GO) build -o bin/recto ./app
	$(GO) run ./app/bench -recto bin/recto

# How well pages are read, beside the peers, by kind of page.
bench-ocr:
	@.ci/needs bench
	$(GO) build -o bin/recto ./app
	$(GO) run ./app/bench -recto bin/recto -only tesseract,ocrmypdf,recto -pages

lint:
	@.ci/needs test
	@bad=$$(gofmt -l app scan ocr archive assets); test -z "$$bad" || { echo "gofmt: $$bad"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

clean:
	rm -rf bin $(DEMO)
