// Command dist writes the built site for hosts that only hand out files: into a
// folder, and beside them, as stepwire.zip, the same in one file.
//
//	go run ./netshim/site/dist -out FOLDER
//
// The folder must not exist yet. The site works from any path of any host; the
// relay and the demo origin are netshim's, and not in it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stepwire/stepwire/netshim/site"
)

func main() {
	from := flag.String("from", "netshim/cmd/netshim/site", "the folder of the built site")
	out := flag.String("out", "", "the folder to write, which must not exist")
	flag.Parse()
	if err := write(*from, *out); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func write(from, out string) (err error) {
	if out == "" {
		return errors.New("-out FOLDER is missing")
	}
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("%s exists; remove it, or name another folder", out)
	}
	tree := os.DirFS(from)
	if _, err := fs.Stat(tree, "index.html"); err != nil {
		return fmt.Errorf("%s holds no built site; make build places it there", from)
	}
	err = site.Files(tree, func(name string) error {
		return create(filepath.Join(out, filepath.FromSlash(name)), func(w io.Writer) error {
			content, err := tree.Open(name)
			if err != nil {
				return err
			}
			defer content.Close()
			_, err = io.Copy(w, content)
			return err
		})
	})
	if err != nil {
		return err
	}
	return create(filepath.Join(out, "stepwire.zip"), func(w io.Writer) error { return site.Archive(w, tree) })
}

func create(name string, fill func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := fill(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
