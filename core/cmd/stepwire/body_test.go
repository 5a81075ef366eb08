package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A body goes to its file piece by piece: a file that is a pipe gets the first
// bytes while the server holds the others back.
func TestBodyIsWrittenAsItArrives(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	seen := make(chan struct{})
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.Read(make([]byte, 4096))
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", 2*smallPiece, strings.Repeat("a", smallPiece))
		<-seen
		io.WriteString(conn, strings.Repeat("b", smallPiece))
	}()
	r, w := io.Pipe()
	var steps bytes.Buffer
	status := make(chan int)
	go func() {
		got := dispatch(context.Background(), streams{strings.NewReader(""), w, &steps}, []string{"get", "-o", "-", l.Addr().String()})
		w.Close()
		status <- got
	}()
	first := make([]byte, smallPiece)
	if _, err := io.ReadFull(r, first); err != nil {
		t.Fatal(err)
	}
	close(seen)
	rest, err := io.ReadAll(r)
	if got := <-status; got != exitDone || err != nil || string(first)+string(rest) != strings.Repeat("a", smallPiece)+strings.Repeat("b", smallPiece) {
		t.Errorf("status %d, %v, %d bytes", got, err, len(first)+len(rest))
	}
	// The steps go elsewhere: standard output has the body alone.
	if !strings.Contains(steps.String(), fmt.Sprintf("read(amt=%d)", smallPiece)) || !strings.Contains(steps.String(), "status-code 200") {
		t.Errorf("standard error does not have the steps:\n%s", steps.String())
	}
}

// What came of a body that is cut stays, and the error says how much it is.
func TestACutBodyLeavesWhatCame(t *testing.T) {
	short, _ := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
	chunks, _ := answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n4\r\nwo")
	whole, _ := answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	refused := "127.0.0.1:1"
	for name, c := range map[string]struct {
		address, want, left string
		status              int
	}{
		"short":   {short, "the server ended the body after 5 of 9 bytes; FILE has the first 5 bytes of the body", "hello", exitFailed},
		"chunks":  {chunks, "IncompleteRead: IncompleteRead(5 bytes read); FILE has the first 5 bytes", "hello", exitFailed},
		"whole":   {whole, "", "hello", exitDone},
		"refused": {refused, "ConnectionRefusedError", "before", exitFailed},
	} {
		file := filepath.Join(t.TempDir(), "body")
		if err := os.WriteFile(file, []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, errs, status := stepwire(t, "", "get", "-o", file, c.address)
		if errs = strings.ReplaceAll(errs, file, "FILE"); status != c.status || !strings.Contains(errs, c.want) || c.want == "" && errs != "" {
			t.Errorf("%s: status %d, %q; want %d, %q", name, status, errs, c.status, c.want)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != c.left {
			t.Errorf("%s: the file has %q, %v; want %q", name, got, err, c.left)
		}
	}
}

// A file that cannot be written is named, and how much of the body it got.
func TestAFullDiskIsNamed(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	full.Close()
	address, _ := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	out, errs, status := stepwire(t, "", "get", "-o", "/dev/full", address)
	if want := "stepwire get: write /dev/full: no space left on device; /dev/full has the first 0 bytes of the body\n"; status != exitFailed || errs != want {
		t.Errorf("status %d, %q; want %d, %q", status, errs, exitFailed, want)
	}
	if !strings.Contains(out, "status-code 200") {
		t.Errorf("the steps until then are not told:\n%s", out)
	}
}

// A terminal is spared what could change how it works; the null device stands for one.
func TestABinaryBodyIsNotShownOnATerminal(t *testing.T) {
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	binary, _ := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\x00b")
	text, _ := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na b")
	for address, want := range map[string]int{binary: exitFailed, text: exitDone} {
		var errs bytes.Buffer
		status := dispatch(context.Background(), streams{strings.NewReader(""), terminal, &errs}, []string{"get", "-o", "-", address})
		if status != want || strings.Contains(errs.String(), "name a file with -o FILE") != (want == exitFailed) {
			t.Errorf("status %d, want %d:\n%s", status, want, errs.String())
		}
	}
}

// Progress is told no more often than somebody can read it, and taken away again.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	k := &sink{name: "body", out: io.Discard, report: &progress{out: &out, length: 4 << 20}}
	for range 4 {
		k.Write(make([]byte, 1<<20))
	}
	if err := k.close(nil); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "\r1.0 MiB of 4.0 MiB, 25%, ") || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("%q", got)
	}
}

// An interrupted program says so by its status.
func TestInterrupted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, interrupt := context.WithCancel(context.Background())
	go func() {
		conn, err := l.Accept()
		if err == nil {
			conn.Read(make([]byte, 4096))
			interrupt()
			defer conn.Close()
			io.Copy(io.Discard, conn)
		}
	}()
	var out, errs bytes.Buffer
	if status := dispatch(ctx, streams{strings.NewReader(""), &out, &errs}, []string{"get", l.Addr().String()}); status != exitInterrupted || !strings.Contains(out.String(), "putrequest") {
		t.Errorf("status %d, %s\n%s", status, errs.String(), out.String())
	}
}
