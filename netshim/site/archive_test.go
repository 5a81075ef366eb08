package site

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
)

func gzipped(t *testing.T, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unzip gives the files of an archive and the methods they are stored by.
func unzip(t *testing.T, archive []byte) (content map[string]string, methods map[string]uint16) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	content, methods = map[string]string{}, map[string]uint16{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		data, err := io.ReadAll(r) // the checksum is checked at the end
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		content[f.Name], methods[f.Name] = string(data), f.Method
		if y, m, d := f.Modified.Date(); y != 1980 || m != 1 || d != 1 || f.Mode() != 0o644 {
			t.Errorf("%s is of %v with mode %v", f.Name, f.Modified, f.Mode())
		}
	}
	return content, methods
}

func TestArchive(t *testing.T) {
	page, script := strings.Repeat("<p>page</p>", 200), strings.Repeat("step();", 300)
	built := tree(map[string]string{
		"index.html": page, "index.html.gz": gzipped(t, page), "index.html.br": "br",
		"client/index.js": script, "client/index.js.gz": gzipped(t, script+"old"), // of an earlier build
		"assets/font.woff2": "font", "PLACEHOLDER.md": "a note", ".hidden": "secret",
		"short.txt": "", "short.txt.gz": "no gzip",
	})
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := Archive(b, built); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two archives of one tree differ")
	}
	content, methods := unzip(t, first.Bytes())
	if want := map[string]string{"stepwire/index.html": page, "stepwire/client/index.js": script, "stepwire/assets/font.woff2": "font", "stepwire/short.txt": ""}; !maps.Equal(content, want) {
		t.Errorf("the archive holds %v", slices.Sorted(maps.Keys(content)))
	}
	if methods["stepwire/index.html"] != zip.Deflate || methods["stepwire/client/index.js"] != zip.Store {
		t.Errorf("methods: %v", methods)
	}

	h := newSite(t, built)
	r := serve(t, h, "GET", "/stepwire.zip")
	got := body(t, r)
	if got != first.String() || r.ContentLength != int64(len(got)) {
		t.Errorf("served: %d, %d bytes of %d announced", r.StatusCode, len(got), r.ContentLength)
	}
	if r.Header.Get("Content-Type") != "application/zip" || !strings.Contains(r.Header.Get("Content-Disposition"), "stepwire.zip") {
		t.Errorf("%v", r.Header)
	}
	if r := serve(t, h, "GET", "/stepwire.zip", "If-None-Match", r.Header.Get("ETag")); r.StatusCode != 304 || body(t, r) != "" {
		t.Errorf("again: %d", r.StatusCode)
	}
	if r := serve(t, h, "HEAD", "/stepwire.zip"); r.ContentLength != int64(len(got)) || body(t, r) != "" {
		t.Errorf("HEAD: %d bytes announced", r.ContentLength)
	}
}

func TestArchiveFails(t *testing.T) {
	if err := Archive(io.Discard, brokenFS{built}); err == nil || !strings.Contains(err.Error(), "cannot archive") {
		t.Errorf("an unreadable tree gives %v", err)
	}
	if err := Archive(failing{}, built); err == nil {
		t.Error("a writer that fails gives no error")
	}
	if r := serve(t, newSite(t, tree(nil)), "GET", "/stepwire.zip"); r.StatusCode != 404 {
		t.Errorf("before a build: %d", r.StatusCode)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, fs.ErrClosed }
