package main

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/netshim/site"
)

func TestWrite(t *testing.T) {
	from, out := t.TempDir(), filepath.Join(t.TempDir(), "dist")
	if err := write(from, out); err == nil || !strings.Contains(err.Error(), "no built site") {
		t.Errorf("a folder without a site gives %v", err)
	}
	for name, content := range map[string]string{
		"index.html": "page", "index.html.br": "br", "client/index.js": "client", "PLACEHOLDER.md": "a note",
	} {
		if err := create(filepath.Join(from, name), func(w io.Writer) error { _, err := io.WriteString(w, content); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(from, out); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := site.Archive(&archive, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"index.html": "page", "client/index.js": "client", "stepwire.zip": archive.String()}
	got := map[string]string{}
	err := filepath.WalkDir(out, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		relative, _ := filepath.Rel(out, name)
		got[filepath.ToSlash(relative)] = string(content)
		return err
	})
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v, want %v", err, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	for _, bad := range []string{"", out} {
		if err := write(from, bad); err == nil {
			t.Errorf("-out %q is taken", bad)
		}
	}
}
