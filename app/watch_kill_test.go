package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestKillWatch kills the watch of a hot folder at random moments, while files come
// in and are renamed: nothing told is lost, and in the end each file is a page
// exactly once.
func TestKillWatch(t *testing.T) {
	kills, seed := captureKills(t)
	r := rand.New(rand.NewPCG(seed, 13))
	base, err := os.ReadFile(sample("letter-1.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var k *killed
	var hot string
	var names []string
	round := 0
	fresh := func() {
		round++
		names = nil
		hot = filepath.Join(dir, fmt.Sprintf("hot-%d", round))
		if err := os.Mkdir(hot, 0o755); err != nil {
			t.Fatal(err)
		}
		k = &killed{t: t, archive: filepath.Join(dir, fmt.Sprint(round)), told: map[string]bool{}, hashes: map[string]bool{}, batch: "Killed"}
		recto(t, "init", k.archive).want(t, 0)
	}
	// drop puts a file of its own bytes into the folder, at once or in two parts.
	drop := func() {
		n := len(names)
		note := fmt.Sprintf("file %d of %d", n, round)
		b := append([]byte{0xFF, 0xD8, 0xFF, 0xFE, 0, byte(len(note) + 2)}, note...)
		b = append(b, base[2:]...)
		sum := sha256.Sum256(b)
		k.hashes[hex.EncodeToString(sum[:])] = true
		name := filepath.Join(hot, fmt.Sprintf("IMG_%04d.jpg", n))
		names = append(names, name)
		if n%3 == 0 {
			if err := os.WriteFile(name, b[:len(b)/2], 0o644); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.IntN(60)) * time.Millisecond)
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.Write(b[len(b)/2:])
			f.Close()
			return
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	watch := func(more ...string) []string {
		return append([]string{"watch", "--archive", k.archive, "--batch", "Killed", "--settle", "0.1", hot}, more...)
	}
	finish := func() {
		t.Helper()
		recto(t, watch("--idle", "1")...).want(t, 0)
		pages := k.check(-1)
		seen := map[string]int{}
		for _, p := range pages {
			seen[p["sha256"].(string)]++
		}
		for sum, n := range seen {
			if n != 1 {
				t.Fatalf("round %d: %d pages of one file (%s)", round, n, sum)
			}
		}
		if len(seen) != len(names) {
			t.Fatalf("round %d: %d of %d files came in", round, len(seen), len(names))
		}
	}
	fresh()
	for hit := 0; hit < kills; hit++ {
		done := make(chan bool)
		go func() {
			defer close(done)
			for range 1 + hit%4 {
				drop()
				time.Sleep(time.Duration(10+hit%7*20) * time.Millisecond)
			}
		}()
		k.run(time.Duration(50+r.IntN(700))*time.Millisecond, watch())
		<-done
		if n := len(names); n > 1 && hit%3 == 1 { // somebody tidies up
			to := filepath.Join(hot, fmt.Sprintf("renamed-%04d.jpg", hit))
			if err := os.Rename(names[n-1], to); err != nil {
				t.Fatal(err)
			}
			names[n-1] = to
		}
		k.check(hit)
		if len(names) > 60 {
			finish()
			fresh()
		}
	}
	finish()
	t.Logf("%d kills in %d rounds, seed %d", kills, round, seed)
}
