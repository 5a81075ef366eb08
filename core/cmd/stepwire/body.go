package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/stepwire/stepwire/core"
)

// A body is read in pieces that grow from smallPiece, so that what comes slowly is
// written soon, to largePiece, so that a large one is few steps. One that goes
// nowhere is read at once unless it is announced to be larger.
const (
	smallPiece = 16 << 10
	largePiece = 1 << 20
	atOnce     = 16 << 20
)

// betweenReports is the time between two reports of a transfer's progress.
const betweenReports = 200 * time.Millisecond

// sink is where a body goes.
type sink struct {
	name    string // "" for nowhere, "-" for standard output
	out     io.Writer
	file    *os.File // nil unless it goes to a file
	report  *progress
	written int64
}

// newSink begins what -o asks for: a file is made anew, whatever was in it.
func newSink(s streams, name string, length int64) (*sink, error) {
	k := &sink{name: name, out: io.Discard}
	switch name {
	case "":
		return k, nil
	case "-":
		k.out = s.out
		if terminal(s.out) {
			k.out = legible{s.out}
			return k, nil
		}
	default:
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return nil, err
		}
		k.out, k.file = file, file
	}
	if terminal(s.err) {
		k.report = &progress{out: s.err, length: length, began: time.Now()}
	}
	return k, nil
}

func (k *sink) Write(p []byte) (int, error) {
	n, err := k.out.Write(p)
	k.written += int64(n)
	k.report.tell(k.written)
	return n, err
}

// close ends the file; err is what ended the body before its end. What came until
// then stays, as with curl, and the error says how much that is.
func (k *sink) close(err error) error {
	k.report.clear()
	if k.file != nil {
		err = errors.Join(err, k.file.Close())
	}
	if err == nil || k.name == "" {
		return err
	}
	where := k.name
	if where == "-" {
		where = "standard output"
	}
	return &cutError{err, fmt.Sprintf("%s has the first %d bytes of the body", where, k.written)}
}

// cutError is a body that ended early, and what is left of it.
type cutError struct {
	error
	left string
}

func (e *cutError) Unwrap() error { return e.error }

// receive reads a body to its end and writes it as it comes.
func receive(ctx context.Context, r *core.HTTPResponse, k *sink) error {
	length, known := r.Length()
	if k.name == "" && (!known || length <= atOnce) {
		_, err := r.ReadAll(ctx)
		return err
	}
	total := length
	for amt := smallPiece; !r.IsClosed(); amt = min(2*amt, largePiece) {
		data, err := r.ReadAmt(ctx, amt)
		if err != nil {
			data = core.Describe(err).Partial
		}
		if _, unwritten := k.Write(data); unwritten != nil || err != nil {
			return errors.Join(err, unwritten)
		}
	}
	// Like Python's, read(amt) takes the end of the stream for the end of the body.
	if left, _ := r.Length(); known && left > 0 {
		return fmt.Errorf("the server ended the body after %d of %d bytes", total-left, total)
	}
	return nil
}

// legible is a terminal: it shows no bytes that could change how it works.
type legible struct{ io.Writer }

func (w legible) Write(p []byte) (int, error) {
	if bytes.ContainsAny(p, "\x00\x1b") {
		return 0, errors.New("the body is binary and standard output a terminal; name a file with -o FILE, or use a pipe")
	}
	return w.Writer.Write(p)
}

// terminal reports a character device, which a person looks at.
func terminal(w any) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress tells on a terminal how much of a body has come. A nil one tells nothing.
type progress struct {
	out    io.Writer
	length int64 // 0: unknown
	began  time.Time
	last   time.Time
}

func (p *progress) tell(written int64) {
	if p == nil || time.Since(p.last) < betweenReports {
		return
	}
	p.last = time.Now()
	of := ""
	if p.length > 0 {
		of = fmt.Sprintf(" of %s, %d%%", mib(p.length), 100*written/p.length)
	}
	speed := float64(written) / max(time.Since(p.began).Seconds(), 1e-3)
	fmt.Fprintf(p.out, "\r%s%s, %s/s\x1b[K", mib(written), of, mib(int64(speed)))
}

// clear takes the line away again.
func (p *progress) clear() {
	if p != nil && !p.last.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
