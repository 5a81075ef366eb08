//go:build !js

package core_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/stepwire/stepwire/"

// A layer says what a room must not import, directly or, where deep, through
// anything. A trailing /... covers the packages below, too.
type layer struct {
	why       string
	packages  []string
	forbidden []string
	deep      bool
	wasm      bool // as built for the browser
}

var layers = []layer{{
	why:      "the engine blocks on nothing, dials nothing, reads no clock and knows no browser",
	packages: []string{"core/h1"},
	forbidden: []string{"net/...", "os/...", "time", "context", "syscall/js", "github.com/...",
		module + "netshim/...", module + "wasm/...", module + "core", module + "core/trace", module + "core/scenario"},
}, {
	why:       "the event log does no I/O but to a writer",
	packages:  []string{"core/trace"},
	forbidden: []string{"net/...", "os/...", "syscall/js", module + "netshim/...", module + "wasm/..."},
}, {
	why:       "the core gets its connections handed in and knows no relay and no browser",
	packages:  []string{"core", "core/..."},
	forbidden: []string{"syscall/js", "github.com/hack-pad/safejs", module + "netshim/...", module + "wasm/..."},
}, {
	why:       "the relay carries bytes and knows no HTTP client",
	packages:  []string{"netshim", "netshim/..."},
	forbidden: []string{module + "core/...", module + "wasm/..."},
}, {
	why:       "the bridge's messages are plain values, so that it is tested natively",
	packages:  []string{"wasm/bridge"},
	forbidden: []string{"syscall/js", "github.com/hack-pad/safejs", module + "netshim/..."},
	wasm:      true,
}, {
	why:       "what weighs most stays out of the module that every visitor loads",
	packages:  []string{"wasm"},
	forbidden: []string{"net/http/...", "encoding/json", "crypto/tls/...", "text/template/..."},
	deep:      true,
	wasm:      true,
}}

func TestLayers(t *testing.T) {
	for _, l := range layers {
		patterns := make([]string, len(l.packages))
		for i, p := range l.packages {
			patterns[i] = module + p
		}
		for _, p := range list(t, l.wasm, patterns) {
			imports := p.Imports
			if l.deep {
				imports = p.Deps
			}
			for _, imported := range imports {
				for _, f := range l.forbidden {
					if within(imported, f) && !within(p.ImportPath, f) {
						t.Errorf("%s must not import %s: %s", strings.TrimPrefix(p.ImportPath, module), imported, l.why)
					}
				}
			}
		}
	}
}

// within reports whether path is pattern, or below it when that ends in /...
func within(path, pattern string) bool {
	parent, below := strings.CutSuffix(pattern, "/...")
	return path == parent || below && strings.HasPrefix(path, parent+"/")
}

type goPackage struct {
	ImportPath    string
	Imports, Deps []string
}

// list asks the go command for packages. Those that hold no file for the
// system asked about are left out.
func list(t *testing.T, wasm bool, patterns []string) []goPackage {
	t.Helper()
	command := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Imports,Deps"}, patterns...)...)
	command.Env = os.Environ()
	if wasm {
		command.Env = append(command.Env, "GOOS=js", "GOARCH=wasm")
	}
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		t.Fatalf("go list finds nothing for %q", patterns)
	}
	return packages
}

var (
	jsImport = regexp.MustCompile(`(?m)^(?:import|export)\b[^"';]*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)[^.]`)
	jsSocket = regexp.MustCompile(`\bnew (WebSocket|WebTransport)\b`)
)

// TestPageHasNoProtocol holds the page to the client module's front door: it
// reaches into no other room, and opens no socket of its own.
func TestPageHasNoProtocol(t *testing.T) {
	root := filepath.Join("..", "web", "src")
	files := 0
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".js" {
			return err
		}
		files++
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, found := range jsImport.FindAllStringSubmatch(string(text), -1) {
			specifier := found[1] + found[2]
			if !strings.HasPrefix(specifier, ".") {
				continue
			}
			if to, err := filepath.Rel(filepath.Join("..", "web"), filepath.Join(filepath.Dir(file), specifier)); err != nil || strings.HasPrefix(to, "..") {
				t.Errorf("%s imports %s from another room; the page uses /client/index.js as anyone would", file, specifier)
			}
		}
		if at := jsSocket.FindString(string(text)); at != "" {
			t.Errorf("%s has %q: sockets are netshim's", file, at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Errorf("no scripts found in %s", root)
	}
}
