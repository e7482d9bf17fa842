package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// preserved is what a PREMIS document says, as far as tests ask.
type preserved struct {
	Objects []struct {
		IDs []struct {
			Type  string `xml:"objectIdentifierType"`
			Value string `xml:"objectIdentifierValue"`
		} `xml:"objectIdentifier"`
		Digests []string `xml:"objectCharacteristics>fixity>messageDigest"`
		Sources []string `xml:"relationship>relatedObjectIdentifier>relatedObjectIdentifierValue"`
		Made    []string `xml:"relationship>relatedEventIdentifier>relatedEventIdentifierValue"`
	} `xml:"object"`
	Events []struct {
		ID      string   `xml:"eventIdentifier>eventIdentifierValue"`
		Type    string   `xml:"eventType"`
		Details []string `xml:"eventDetailInformation>eventDetail"`
		Agents  []string `xml:"linkingAgentIdentifier>linkingAgentIdentifierValue"`
		Objects []string `xml:"linkingObjectIdentifier>linkingObjectIdentifierValue"`
	} `xml:"event"`
	Agents []struct {
		ID   string `xml:"agentIdentifier>agentIdentifierValue"`
		Type string `xml:"agentType"`
	} `xml:"agent"`
}

// TestPremis: a package tells in PREMIS of its files and of all that was done to the pages:
// recipes step by step, by whom, what read them, what was corrected.
func TestPremis(t *testing.T) {
	archive, ids := reader(t, "letter-1.jpg", "title.png")
	at, words := addressed(t, archive, ids[1])
	recto(t, "text", "edit", "--archive", archive, "--at", at[0], "--was", words[at[0]], "--to", "Quittenwurm", ids[1]).want(t, 0)
	recto(t, "page", "set", "--archive", archive, "--split-spread", "600", ids[0]).want(t, 0)
	recto(t, "process", "--archive", archive).want(t, 0)
	second := recto(t, "list", "pages", "--archive", archive, "--batch", "B").text(t, "pages.1.id")
	recto(t, "page", "set", "--archive", archive, "--deskew", "1.25", "--despeckle", "3", second).want(t, 0)
	recto(t, "process", "--archive", archive).want(t, 0)
	title := "A \"title\" & <b>\u202eדבר % 日本"
	recto(t, "document", "--archive", archive, "--batch", "B", "--title", title).want(t, 0)
	to := filepath.Join(t.TempDir(), "to")
	recto(t, "export", "--archive", archive, "--to", to, title).want(t, 0)
	found, _ := filepath.Glob(filepath.Join(to, "*", "data", "metadata", "preservation", "premis.xml"))
	if len(found) != 1 {
		t.Fatal("no PREMIS in the package")
	}
	b := read(t, found[0])
	var p preserved
	if err := xml.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	data := filepath.Dir(filepath.Dir(filepath.Dir(found[0])))
	events, agents, objects := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range p.Events {
		if events[e.ID] {
			t.Errorf("event %s is told twice", e.ID)
		}
		events[e.ID] = true
	}
	for _, a := range p.Agents {
		agents[a.ID] = true
	}
	for _, o := range p.Objects {
		if _, err := os.Stat(filepath.Join(data, o.IDs[0].Value)); err != nil {
			t.Errorf("told of, not there: %v", err)
		}
		objects[o.IDs[0].Value] = true
		for _, made := range o.Made {
			if !events[made] {
				t.Errorf("%s was made by an event that is not told of", o.IDs[0].Value)
			}
		}
		if !strings.HasPrefix(o.IDs[0].Value, "alto/") && len(o.Digests) != 2 {
			t.Errorf("%s has %d digests", o.IDs[0].Value, len(o.Digests))
		}
	}
	for _, dir := range []string{"masters", "alto", "pdf"} {
		files, _ := os.ReadDir(filepath.Join(data, dir))
		for _, f := range files {
			if !objects[dir+"/"+f.Name()] {
				t.Errorf("%s is not told of", f.Name())
			}
		}
	}
	kinds := map[string]int{}
	for _, e := range p.Events {
		kinds[e.Type]++
		for _, a := range e.Agents {
			if !agents[a] {
				t.Errorf("agent %s is not told of", a)
			}
		}
		for _, o := range e.Objects {
			if !objects[o] {
				t.Errorf("an event is about %s, which is not told of", o)
			}
		}
	}
	// Two masters; three pages and the PDF made; a spread cut and its half set; a word corrected.
	for kind, n := range map[string]int{"ingestion": 2, "message digest calculation": 2, "creation": 4, "metadata modification": 2, "modification": 1} {
		if kinds[kind] != n {
			t.Errorf("%d events of %s, want %d: %v", kinds[kind], kind, n, kinds)
		}
	}

	// The recipe of each page is there, step by step.
	for _, x := range recto(t, "prepare", "--archive", archive, "--batch", "B").list(t, "pages") {
		page := x.(map[string]any)
		id := page["page"].(string)
		steps, _ := json.Marshal(page["recipe"])
		var want, got []map[string]any
		json.Unmarshal(steps, &want)
		for _, e := range p.Events {
			if e.Type != "creation" || !slices.Contains(e.Details, "page "+id+" prepared and read") {
				continue
			}
			for _, d := range e.Details {
				var step map[string]any
				if json.Unmarshal([]byte(d), &step) == nil {
					got = append(got, step)
				}
			}
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if string(a) != string(b) || len(got) == 0 {
			t.Errorf("page %s: the package has the recipe %s, the archive %s", id, b, a)
		}
	}
	again := recto(t, "export", "--archive", archive, "--to", to, title).want(t, 0)
	if !strings.Contains(again.stdout, `"already": true`) && !strings.Contains(again.stdout, `"already":true`) {
		t.Errorf("the same document is packed anew: %s", again.stdout)
	}
	cmd := exec.Command(tool(t, "xmllint"), "--nonet", "--noout", "--schema", filepath.Join(shared(t, "schemas"), "premis-3.0.xsd"), found[0])
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(shared(t, "schemas"), "catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
