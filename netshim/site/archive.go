package site

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Files calls do with each file of a built tree that a host without package
// site needs, in lexical order: compressed siblings, hidden files and the note
// of an empty tree are left out.
func Files(tree fs.FS, do func(name string) error) error {
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !served(tree, name) {
			return err
		}
		return do(name)
	})
}

// Archive writes the files of a built tree as a zip, in the folder stepwire/.
// The same tree gives the same bytes. What has a sibling name.gz is not
// compressed again: a zip holds the same deflated data.
func Archive(w io.Writer, tree fs.FS) error {
	z := zip.NewWriter(w)
	err := Files(tree, func(name string) error {
		h, data, err := entry(tree, name)
		if err != nil {
			return err
		}
		to, err := z.CreateRaw(h)
		if err == nil {
			_, err = to.Write(data)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("site: cannot archive the built files: %w", err)
	}
	return z.Close()
}

// entry is the header and the data of one file in the archive.
func entry(tree fs.FS, name string) (*zip.FileHeader, []byte, error) {
	h := &zip.FileHeader{
		Name:           "stepwire/" + name,
		CreatorVersion: 3 << 8, // Unix, so that the mode counts
		ReaderVersion:  20,
		//lint:ignore SA1019 CreateRaw takes the time from here alone: the first day that a zip can name
		ModifiedDate: 1<<5 | 1,
	}
	h.SetMode(0o644)
	info, err := fs.Stat(tree, name)
	if err != nil {
		return nil, nil, err
	}
	data, err := fs.ReadFile(tree, name+".gz")
	if err == nil && len(data) >= 18 && bytes.HasPrefix(data, plainGzip) {
		end := len(data) - 8
		h.CRC32 = binary.LittleEndian.Uint32(data[end:])
		if size := binary.LittleEndian.Uint32(data[end+4:]); int64(size) == info.Size() {
			h.Method = zip.Deflate
			h.UncompressedSize64, h.CompressedSize64 = uint64(size), uint64(end-10)
			return h, data[10:end], nil
		}
	}
	if data, err = fs.ReadFile(tree, name); err != nil {
		return nil, nil, err
	}
	h.CRC32 = crc32.ChecksumIEEE(data)
	h.UncompressedSize64, h.CompressedSize64 = uint64(len(data)), uint64(len(data))
	return h, data, nil
}

// plainGzip is how a gzip member without optional fields begins (RFC 1952 §2.3):
// ten bytes of header, the deflated data, then its checksum and size.
var plainGzip = []byte{0x1f, 0x8b, 8, 0}

// archived serves the archive of a tree. It is written anew for each request:
// that is copying, and would be memory for as long as the server runs.
type archived struct {
	tree fs.FS
	once sync.Once
	size int64
	etag string
	err  error
}

func (a *archived) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.once.Do(func() {
		digest := sha256.New()
		counted := &counter{w: digest}
		a.err = Archive(counted, a.tree)
		a.size, a.etag = counted.n, `"`+base64.RawURLEncoding.EncodeToString(digest.Sum(nil)[:18])+`"`
	})
	header := w.Header()
	if a.err != nil {
		header.Set("Cache-Control", "no-store")
		plain(w, r, http.StatusInternalServerError, "The archive cannot be made.\n")
		return
	}
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", a.etag)
	if matches(r.Header.Values("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", "application/zip")
	header.Set("Content-Disposition", `attachment; filename="stepwire.zip"`)
	header.Set("Content-Length", strconv.FormatInt(a.size, 10))
	if r.Method == http.MethodGet {
		Archive(w, a.tree) // an error is the client's going away
	}
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}

// served tells whether a file of the tree is addressed itself.
func served(tree fs.FS, name string) bool {
	if base := strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz"); base != name {
		if _, err := fs.Stat(tree, base); err == nil {
			return false // a sibling, found with its file
		}
	}
	return !strings.HasPrefix(name[strings.LastIndexByte(name, '/')+1:], ".") && name != "PLACEHOLDER.md"
}
