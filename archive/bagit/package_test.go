package bagit

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"recto/archive"
	"recto/scan"
)

func pack(t *testing.T, i Info, members ...archive.Member) *Package {
	t.Helper()
	p, err := NewPackage(t.Context(), i, each(members...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPackage(t *testing.T) {
	all := slices.Concat(odd, percents)
	p := pack(t, info(), all...)
	dir := filepath.Join(t.TempDir(), "bag")
	var last int64
	files, size := p.Size()
	made, err := p.Write(t.Context(), dir, func(done, total int64) {
		if total != size {
			t.Errorf("total %d", total)
		}
		last = done
	})
	if err != nil || made.Bytes != size || made.Files != files || files != len(all) || last != size {
		t.Fatalf("%+v %v, size %d, last %d", made, err, size, last)
	}
	if findings, err := p.Check(t.Context(), dir, nil); err != nil || len(findings) > 0 {
		t.Errorf("%v %v", findings, err)
	}
	if same, err := p.Same(t.Context(), dir); err != nil || !same {
		t.Errorf("not the same: %v", err)
	}

	other := info()
	other.Date, other.Description = day.AddDate(1, 0, 0), "described anew"
	if same, err := pack(t, other, all...).Same(t.Context(), dir); err != nil || !same {
		t.Errorf("description and date make another package: %v", err)
	}
	other.Identifier = "another document"
	for name, p := range map[string]*Package{
		"identifier": pack(t, other, all...),
		"less":       pack(t, info(), all[1:]...),
		"more":       pack(t, info(), append(slices.Clone(all), member("more", ""))...),
		"content":    pack(t, info(), append(slices.Clone(all[:len(all)-1]), member(all[len(all)-1].Name, "other"))...),
		"name":       pack(t, info(), append(slices.Clone(all[:len(all)-1]), member("other", "s"))...),
	} {
		if same, err := p.Same(t.Context(), dir); err != nil || same {
			t.Errorf("%s: the same, %v", name, err)
		}
	}
	for name, dir := range map[string]string{"nothing": filepath.Join(dir, "none"), "empty": t.TempDir(), "payload": filepath.Join(dir, "data")} {
		if same, err := p.Same(t.Context(), dir); err != nil || same {
			t.Errorf("%s: the same, %v", name, err)
		}
	}
}

func TestPackageOfChangedMember(t *testing.T) {
	m := member("a", "content")
	m.Fixity = &scan.Fixity{SHA256: fixityOf("other 7").SHA256, Size: 7}
	if _, err := NewPackage(t.Context(), info(), each(m)); !errors.Is(err, scan.ErrChanged) {
		t.Error(err)
	}
}
