// Command origin is the server that every measured client talks to. It also
// serves the measuring pages, so that the browser's own fetch needs no CORS.
//
//	origin /prefix/=folder …
//
// It prints its address and ends with its standard input. GET /bytes?n=N gives a
// body of N bytes; POST /upload says how many bytes it got.
package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "origin:", err)
		os.Exit(1)
	}
}

// block is bytes that nothing can compress.
var block = func() []byte {
	b := make([]byte, 256<<10)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}()

// most is the longest body that is served.
const most = 1 << 30

func run(folders []string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bytes", serveBytes)
	mux.HandleFunc("POST /upload", takeUpload)
	for _, folder := range folders {
		prefix, path, ok := strings.Cut(folder, "=")
		if !ok || !strings.HasPrefix(prefix, "/") || !strings.HasSuffix(prefix, "/") {
			return fmt.Errorf("want /prefix/=folder, not %q", folder)
		}
		if _, err := os.Stat(path); err != nil {
			return err
		}
		mux.Handle("GET "+prefix, isolated(http.StripPrefix(prefix, http.FileServer(http.Dir(path)))))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return http.Serve(l, mux)
}

// isolated has the browser isolate its pages, which makes its clock finer.
func isolated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func serveBytes(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil || n < 0 || n > most {
		http.Error(w, fmt.Sprintf("n must be a number of bytes, at most %d", most), http.StatusBadRequest)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.Itoa(n))
	h.Set("Cache-Control", "no-store")
	for n > 0 {
		m, err := w.Write(block[:min(n, len(block))])
		if err != nil {
			return
		}
		n -= m
	}
}

func takeUpload(w http.ResponseWriter, r *http.Request) {
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r.Body, make([]byte, 256<<10))
	if err != nil {
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, n)
}
