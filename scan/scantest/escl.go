package scantest

import (
	"bytes"
	"crypto/tls"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ESCL is a virtual network scanner that speaks eSCL over real sockets. What it shows
// is drawn by [ESCLSample], so that every pixel of a scan can be checked. It is strict:
// settings that its capabilities do not offer are answered with 409. Set the fields
// before Serve.
type ESCL struct {
	Maker, Model, Serial, UUID, Version string

	Platen, Feeder, Duplex bool
	Detects                bool // the feeder has a sensor and says so
	Width, Height          int  // of glass and feeder in 1/300 inch
	Modes, Formats         []string
	Resolutions            []int
	Loaded                 int    // sheets of paper in the feeder
	Refill                 int    // sheets that somebody puts in before each job; 0: nobody does
	ICC                    []byte // goes into PNG
	Caps                   string // in place of the capabilities made from the above
	NoInfo                 bool   // has no ScanImageInfo
	Location               string // in place of the job's address; "%s" is its name
	Faults                 ESCLFaults

	mu       sync.Mutex
	jobs     []*esclJob
	requests []string
}

// ESCLFaults are what can go wrong. At is the image of a job, from 1, that those
// below it hit.
type ESCLFaults struct {
	Asleep     int    // connections that are dropped before it wakes up
	BusyStatus int    // answers of ScannerStatus that say Processing
	BusyJobs   int    // jobs refused with 503
	BusyImages int    // images refused with 503
	RetryAfter string // with those
	State      string // of the device, always
	Adf        string // state of the feeder, always
	Job        int    // HTTP status of every attempt to make a job
	Denied     int    // HTTP status of everything

	At       int
	Status   int    // HTTP status of NextDocument
	AdfThen  string // state of the feeder once it has happened
	JobThen  string // state of the job once it has happened
	Drop     bool   // the connection breaks before the answer, the sheet is through
	Cut      int    // bytes after which the connection breaks
	Stall    int    // bytes after which nothing more comes
	Truncate int    // bytes after which the body ends as if whole
	Short    int    // bytes that the announced length is too small by
	Long     int    // bytes that it is too large by
	Lie      string // media type of what comes, whatever was asked for
	Called   string // media type that it is called by
	Body     []byte // comes in place of an image
	Pause    time.Duration
}

// NewESCL gives a scanner with glass, feeder and all formats.
func NewESCL() *ESCL {
	return &ESCL{Maker: "Noname", Model: "Virtual 3000", Serial: "V3-0001", UUID: "6f1c2d9e-0000-4000-8000-00000000e5c1", Version: "2.63",
		Platen: true, Feeder: true, Duplex: true, Detects: true, Width: 600, Height: 900,
		Modes:   []string{"BlackAndWhite1", "Grayscale8", "Grayscale16", "RGB24", "RGB48"},
		Formats: []string{"application/pdf", "image/jpeg", "image/png", "image/tiff", "application/octet-stream"}, Resolutions: []int{75, 100, 300, 600}, Loaded: 3}
}

// esclJob is a job and the settings that it was made with.
type esclJob struct {
	name    string
	state   string
	image   int // given so far
	feeder  bool
	duplex  bool
	back    bool // the next image is the back of the sheet that is in
	mode    string
	format  string
	dpi     int
	x, y    int // pixels
	w, h    int
	deleted bool
}

// Serve answers on loopback until the test ends and gives the root's address.
func (v *ESCL) Serve(t testing.TB) string { return v.serve(t, nil) }

// ServeTLS does so by HTTPS with a certificate; see [SelfSigned].
func (v *ESCL) ServeTLS(t testing.TB, c tls.Certificate) string { return v.serve(t, &c) }

func (v *ESCL) serve(t testing.TB, c *tls.Certificate) string {
	t.Helper()
	s := httptest.NewUnstartedServer(v)
	s.Listener = &sleeper{Listener: s.Listener, v: v}
	s.Config.ErrorLog = discard()
	if c != nil {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{*c}}
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL + "/eSCL"
}

// sleeper drops the first connections, as devices do whose network card wakes them.
type sleeper struct {
	net.Listener
	v *ESCL
}

func (s *sleeper) Accept() (net.Conn, error) {
	for {
		c, err := s.Listener.Accept()
		if err != nil {
			return nil, err
		}
		s.v.mu.Lock()
		asleep := s.v.Faults.Asleep > 0
		if asleep {
			s.v.Faults.Asleep--
			s.v.requests = append(s.v.requests, "(asleep)")
		}
		s.v.mu.Unlock()
		if !asleep {
			return c, nil
		}
		c.Close()
	}
}

// Requests are those that came so far, "GET /eSCL/ScannerStatus".
func (v *ESCL) Requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.requests)
}

// Deleted is how many jobs were deleted.
func (v *ESCL) Deleted() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, j := range v.jobs {
		if j.deleted {
			n++
		}
	}
	return n
}

// Change changes the scanner while it serves.
func (v *ESCL) Change(f func(*ESCL)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f(v)
}

// ServeHTTP answers one request.
func (v *ESCL) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.requests = append(v.requests, r.Method+" "+r.URL.Path)
	denied := v.Faults.Denied
	v.mu.Unlock()
	what := strings.TrimPrefix(r.URL.Path, "/eSCL/")
	switch name, rest, _ := strings.Cut(strings.TrimPrefix(what, "ScanJobs/"), "/"); {
	case denied != 0:
		w.WriteHeader(denied)
	case what == "ScannerCapabilities" && r.Method == http.MethodGet:
		v.document(w, v.capabilities())
	case what == "ScannerStatus" && r.Method == http.MethodGet:
		v.document(w, v.status())
	case what == "ScanJobs" && r.Method == http.MethodPost:
		v.post(w, r)
	case strings.HasPrefix(what, "ScanJobs/") && rest == "NextDocument" && r.Method == http.MethodGet:
		v.next(w, r, name)
	case strings.HasPrefix(what, "ScanJobs/") && rest == "ScanImageInfo" && r.Method == http.MethodGet && !v.NoInfo:
		v.info(w, name)
	case strings.HasPrefix(what, "ScanJobs/") && rest == "" && r.Method == http.MethodDelete:
		v.remove(w, name)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (v *ESCL) document(w http.ResponseWriter, s string) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, s)
}

const esclSpaces = ` xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"`

// element is XML of a name and values, each its own element.
func element[T any](name string, values ...T) string {
	var b strings.Builder
	for _, v := range values {
		var text bytes.Buffer
		_ = xml.EscapeText(&text, []byte(fmt.Sprint(v)))
		fmt.Fprintf(&b, "<%s>%s</%s>", name, &text, name)
	}
	return b.String()
}

// wrap is XML of a name and other XML.
func wrap(name string, parts ...string) string {
	return "<" + name + ">" + strings.Join(parts, "") + "</" + strings.Fields(name)[0] + ">"
}

func (v *ESCL) capabilities() string {
	if v.Caps != "" {
		return v.Caps
	}
	var res []string
	for _, r := range v.Resolutions {
		res = append(res, wrap("scan:DiscreteResolution", element("scan:XResolution", r), element("scan:YResolution", r)))
	}
	input := func(name string) string {
		return wrap(name, element("scan:MinWidth", 30), element("scan:MaxWidth", v.Width), element("scan:MinHeight", 30), element("scan:MaxHeight", v.Height),
			element("scan:MaxScanRegions", 1), wrap("scan:SettingProfiles", wrap("scan:SettingProfile",
				wrap("scan:ColorModes", element("scan:ColorMode", v.Modes...)),
				wrap("scan:DocumentFormats", element("pwg:DocumentFormat", v.Formats...), element("scan:DocumentFormatExt", v.Formats...)),
				wrap("scan:SupportedResolutions", wrap("scan:DiscreteResolutions", res...)))),
			wrap("scan:SupportedIntents", element("scan:Intent", "Document", "Photo", "Preview", "TextAndGraphic")))
	}
	parts := []string{element("pwg:Version", v.Version), element("pwg:MakeAndModel", v.Maker+" "+v.Model), element("pwg:SerialNumber", v.Serial), element("scan:UUID", v.UUID)}
	if v.Platen {
		parts = append(parts, wrap("scan:Platen", input("scan:PlatenInputCaps")))
	}
	if v.Feeder {
		feeder := []string{input("scan:AdfSimplexInputCaps")}
		if v.Duplex {
			feeder = append(feeder, input("scan:AdfDuplexInputCaps"))
		}
		feeder = append(feeder, element("scan:FeederCapacity", 50))
		if v.Detects {
			feeder = append(feeder, wrap("scan:AdfOptions", element("scan:AdfOption", "DetectPaperLoaded")))
		}
		parts = append(parts, wrap("scan:Adf", feeder...))
	}
	parts = append(parts, wrap("scan:BrightnessSupport", element("scan:Min", 0), element("scan:Max", 2000), element("scan:Normal", 1000), element("scan:Step", 1)))
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + wrap("scan:ScannerCapabilities"+esclSpaces, parts...)
}

func (v *ESCL) status() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	state, feeder := "Idle", "ScannerAdfEmpty"
	if v.Loaded > 0 || v.Refill > 0 {
		feeder = "ScannerAdfLoaded"
	}
	var jobs []string
	for _, j := range slices.Backward(v.jobs) {
		if j.state == "Processing" {
			state = "Processing"
		}
		jobs = append(jobs, wrap("scan:JobInfo", element("pwg:JobUri", "/eSCL/ScanJobs/"+j.name), element("pwg:JobUuid", j.name), element("scan:Age", 1),
			element("pwg:ImagesCompleted", j.image), element("pwg:ImagesToTransfer", 0), element("pwg:JobState", j.state)))
	}
	if v.Faults.BusyStatus > 0 {
		v.Faults.BusyStatus--
		state = "Processing"
	}
	if v.Faults.State != "" {
		state = v.Faults.State
	}
	if v.Faults.Adf != "" {
		feeder = v.Faults.Adf
	}
	parts := []string{element("pwg:Version", v.Version), element("pwg:State", state)}
	if v.Feeder {
		parts = append(parts, element("scan:AdfState", feeder))
	}
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + wrap("scan:ScannerStatus"+esclSpaces, append(parts, wrap("scan:Jobs", jobs...))...)
}

// esclSettings is what a client posts.
type esclSettings struct {
	XMLName xml.Name `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ScanSettings"`
	Regions []struct {
		Units  string `xml:"ContentRegionUnits"`
		X      int    `xml:"XOffset"`
		Y      int    `xml:"YOffset"`
		Width  int    `xml:"Width"`
		Height int    `xml:"Height"`
	} `xml:"http://www.pwg.org/schemas/2010/12/sm ScanRegions>ScanRegion"`
	Source    string `xml:"http://www.pwg.org/schemas/2010/12/sm InputSource"`
	Mode      string `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 ColorMode"`
	X         int    `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 XResolution"`
	Y         int    `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 YResolution"`
	Format    string `xml:"http://www.pwg.org/schemas/2010/12/sm DocumentFormat"`
	FormatExt string `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 DocumentFormatExt"`
	Duplex    bool   `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 Duplex"`
}

func (v *ESCL) post(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	busy := slices.ContainsFunc(v.jobs, func(j *esclJob) bool { return j.state == "Processing" })
	if v.Faults.BusyJobs > 0 || busy {
		v.Faults.BusyJobs = max(0, v.Faults.BusyJobs-1)
		v.later(w)
		return
	}
	if v.Faults.Job != 0 {
		w.WriteHeader(v.Faults.Job)
		return
	}
	var s esclSettings
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil {
		err = xml.Unmarshal(b, &s)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	j := &esclJob{name: fmt.Sprintf("%s-%d", v.UUID[:8], len(v.jobs)+1), state: "Processing", feeder: s.Source == "Feeder", duplex: s.Duplex, mode: s.Mode, dpi: s.X}
	j.format = s.FormatExt
	if j.format == "" {
		j.format = s.Format
	}
	x, y, width, height := 0, 0, v.Width, v.Height
	if len(s.Regions) > 0 {
		g := s.Regions[0]
		x, y, width, height = g.X, g.Y, g.Width, g.Height
	}
	pixels := func(n int) int { return n * s.X / 300 }
	j.x, j.y, j.w, j.h = pixels(x), pixels(y), pixels(width), pixels(height)
	switch {
	case s.Source != "Platen" && s.Source != "Feeder", s.Source == "Platen" && (!v.Platen || s.Duplex), j.feeder && !v.Feeder, j.duplex && !v.Duplex,
		!slices.Contains(v.Modes, s.Mode), !slices.Contains(v.Resolutions, s.X), s.X != s.Y, !slices.Contains(v.Formats, j.format),
		x < 0 || y < 0 || width < 30 || height < 30 || x+width > v.Width || y+height > v.Height:
		http.Error(w, "these settings are not offered", http.StatusConflict)
		return
	case j.feeder && v.Refill == 0 && v.Loaded == 0 && v.Detects:
		w.WriteHeader(http.StatusConflict)
		return
	}
	if v.Refill > 0 {
		v.Loaded = v.Refill
	}
	v.jobs = append(v.jobs, j)
	location := "http://" + r.Host + "/eSCL/ScanJobs/" + j.name
	if r.TLS != nil {
		location = "https" + strings.TrimPrefix(location, "http")
	}
	if v.Location != "" {
		location = strings.ReplaceAll(v.Location, "%s", j.name)
	}
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusCreated)
}

func (v *ESCL) later(w http.ResponseWriter) {
	if v.Faults.RetryAfter != "" {
		w.Header().Set("Retry-After", v.Faults.RetryAfter)
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

func (v *ESCL) job(name string) *esclJob {
	for _, j := range v.jobs {
		if j.name == name && !j.deleted {
			return j
		}
	}
	return nil
}

func (v *ESCL) remove(w http.ResponseWriter, name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	j := v.job(name)
	if j == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	j.deleted = true
	if j.state == "Processing" {
		j.state = "Canceled"
	}
}

func (v *ESCL) info(w http.ResponseWriter, name string) {
	v.mu.Lock()
	j := v.job(name)
	v.mu.Unlock()
	if j == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	v.document(w, `<?xml version="1.0" encoding="UTF-8"?>`+wrap("scan:ScanImageInfo"+esclSpaces, element("scan:JobUri", "/eSCL/ScanJobs/"+name),
		element("scan:ActualWidth", j.w), element("scan:ActualHeight", j.h), element("scan:ActualBytesPerLine", len(ESCLRow(1, j.mode, j.x, 0, j.w)))))
}

// take settles what the next request for an image gives: an image's number, or an HTTP
// status.
func (v *ESCL) take(name string) (j *esclJob, n, code int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if j = v.job(name); j == nil || j.state != "Processing" {
		return j, 0, http.StatusNotFound
	}
	if v.Faults.BusyImages > 0 {
		v.Faults.BusyImages--
		return j, 0, http.StatusServiceUnavailable
	}
	if f := &v.Faults; f.At == j.image+1 && (f.Status != 0 || f.AdfThen != "") {
		f.Adf = f.AdfThen
		j.state = "Aborted"
		if f.JobThen != "" {
			j.state = f.JobThen
		}
		if f.Status == 0 {
			return j, 0, http.StatusConflict
		}
		return j, 0, f.Status
	}
	if j.feeder && !j.back && v.Loaded == 0 || !j.feeder && j.image == 1 {
		j.state = "Completed"
		return j, 0, http.StatusNotFound
	}
	if j.feeder && !j.back {
		v.Loaded--
	}
	j.back = j.duplex && !j.back
	j.image++
	return j, j.image, http.StatusOK
}

func (v *ESCL) next(w http.ResponseWriter, r *http.Request, name string) {
	j, n, code := v.take(name)
	if code == http.StatusServiceUnavailable {
		v.later(w)
		return
	}
	if code != http.StatusOK {
		w.WriteHeader(code)
		return
	}
	v.mu.Lock()
	f := v.Faults
	v.mu.Unlock()
	if f.At != n {
		f = ESCLFaults{Pause: f.Pause}
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	format := j.format
	if f.Lie != "" {
		format = f.Lie
	}
	body := f.Body
	if body == nil {
		body = v.Encode(n, j.mode, format, j.dpi, j.x, j.y, j.w, j.h)
	}
	if f.Truncate > 0 {
		body = body[:min(f.Truncate, len(body))]
	}
	called := format
	if f.Lie != "" {
		called = j.format
	}
	if f.Called != "" {
		called = f.Called
	}
	w.Header().Set("Content-Type", called)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)-f.Short+f.Long))
	w.Header().Set("Content-Location", "/eSCL/ScanJobs/"+name+"/"+strconv.Itoa(n))
	send := body[:len(body)-f.Short]
	stop := max(f.Cut, f.Stall)
	if stop > 0 {
		send = send[:min(stop, len(send))]
	}
	for len(send) > 0 {
		k := min(len(send), 1<<14)
		if _, err := w.Write(send[:k]); err != nil {
			return
		}
		send = send[k:]
		if f.Pause > 0 {
			_ = http.NewResponseController(w).Flush()
			time.Sleep(f.Pause)
		}
	}
	if stop > 0 || f.Long > 0 {
		_ = http.NewResponseController(w).Flush()
	}
	switch {
	case f.Stall > 0:
		<-r.Context().Done()
	case f.Cut > 0 || f.Long > 0:
		panic(http.ErrAbortHandler) // closes the connection
	}
}
