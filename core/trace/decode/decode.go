package decode

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// MaxInput is how large a file may be, in bytes.
const MaxInput = 64 << 20

// Kind names a format that Decode understands.
type Kind string

// The kinds.
const (
	KindRecording Kind = "recording"
	KindHAR       Kind = "har"
	KindCurlTrace Kind = "curl-trace"
	KindHexDump   Kind = "hex-dump"
	KindRequest   Kind = "request"
	KindResponse  Kind = "response"
	KindCapture   Kind = "capture"
)

// Options says how to decode.
type Options struct {
	// Limit is how many bytes of each direction the log keeps; 0: the default.
	Limit int64
	// KeyLog holds the secrets of TLS sessions, in the form of NSS key logs
	// (RFC 9850), for captures.
	KeyLog []byte

	events int // how many there may be; 0: as many as a recording may have
}

// Decode finds out what data is and makes a recording of it. What is in the file
// and cannot be in the recording, that one says as Lacks.
func Decode(data []byte, opts Options) (*recording.Recording, Kind, error) {
	data, err := unpacked(data)
	if err != nil {
		return nil, "", fmt.Errorf("decode: %w", err)
	}
	kind, err := Detect(data)
	if err != nil {
		return nil, "", err
	}
	if kind == KindRecording {
		rec, err := recording.Read(bytes.NewReader(data))
		return rec, kind, err
	}
	var list []Conversation
	var lacks []string
	switch kind {
	case KindHAR:
		list, lacks, err = fromHAR(data)
	case KindCurlTrace:
		list, err = fromCurlTrace(data)
	case KindHexDump:
		var plain []byte
		if plain, err = fromHexDump(data); err == nil {
			list, err = fromBytes(payloadOf(plain))
		}
	case KindCapture:
		list, lacks, err = fromCapture(data, opts.KeyLog)
	default:
		list, err = fromBytes(data)
	}
	if err != nil {
		return nil, kind, fmt.Errorf("decode: %s: %w", kind, err)
	}
	if len(list) == 0 {
		return nil, kind, fmt.Errorf("decode: %s: there is no HTTP/1.x conversation in it", kind)
	}
	log := trace.NewLog(opts.Limit, nil)
	var clock clock
	clock.start(list)
	log.SetClock(clock.elapsed)
	events := &counter{Tracer: log, most: cmp.Or(opts.events, recording.MaxEvents)}
	for i, v := range list {
		clock.rewind()
		events.next()
		v.trace(events, &clock, i+1)
		if events.n > events.most {
			return nil, kind, fmt.Errorf("decode: %s: more than %d events; decode a part of it", kind, events.most)
		}
	}
	created := clock.began
	if kind == KindCurlTrace { // it has the time of day, not the day
		created = time.Time{}
	}
	rec, err := recording.FromLog(log.Take(), "stepwire decode ("+string(kind)+")", created, opts.Limit)
	if err != nil {
		return nil, kind, err
	}
	rec.Lacks = strings.Join(lacks, "; ")
	return rec, kind, nil
}

// unpacked undoes gzip, in which captures and archives are often kept, and takes
// off the byte order mark that some programs begin a text with.
func unpacked(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\x1f\x8b\b")) {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(io.LimitReader(r, MaxInput+1))
		}
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
	}
	if len(data) > MaxInput {
		return nil, fmt.Errorf("%d bytes, at most %d MiB are read", len(data), MaxInput>>20)
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// some counts things in words: "1 entry", "2 entries"; none: "".
func some(n int, one, more string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// counter passes on so many events at most, and counts all. Each conversation
// counts its exchanges from one; those of the recording are counted through.
type counter struct {
	h1.Tracer
	n, most      int
	before, last int // exchanges: of the conversations before, and the last one
}

// next begins with another conversation.
func (c *counter) next() { c.before = c.last }

// Trace implements [h1.Tracer].
func (c *counter) Trace(e *h1.Event) {
	if c.n++; c.n > c.most {
		return
	}
	if e.Exchange > 0 {
		e.Exchange += c.before
		c.last = max(c.last, e.Exchange)
	}
	c.Tracer.Trace(e)
}

// Detect tells what data is by its beginning.
func Detect(data []byte) (Kind, error) {
	text := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(data) == 0:
		return "", errors.New("decode: nothing to decode: the input is empty")
	case isCapture(data):
		return KindCapture, nil
	case bytes.HasPrefix(data, []byte("HTTP/")):
		return KindResponse, nil
	case isCurlTrace(text):
		return KindCurlTrace, nil
	case len(text) > 0 && text[0] == '{':
		var head struct {
			Format string          `json:"format"`
			Log    json.RawMessage `json:"log"`
		}
		if err := json.Unmarshal(text, &head); err != nil {
			return "", fmt.Errorf("decode: looks like JSON but is not: %w", err)
		}
		if head.Log != nil {
			return KindHAR, nil
		}
		if head.Format == recording.Format {
			return KindRecording, nil
		}
		return "", errors.New(`decode: JSON, but neither a recording ("format": "stepwire-recording") nor a HAR ("log": {…})`)
	case isHexDump(text):
		return KindHexDump, nil
	case isRequest(data):
		return KindRequest, nil
	}
	return "", fmt.Errorf("decode: %.40q is nothing known here: expected a recording, a HAR, a pcap or pcapng file, the output of curl --trace, a hex dump, or the bytes of a request or response", data)
}

// isRequest looks for a request line.
func isRequest(data []byte) bool {
	line, _, ok := bytes.Cut(data, []byte("\n"))
	fields := bytes.Fields(line)
	return ok && len(fields) == 3 && bytes.HasPrefix(fields[2], []byte("HTTP/"))
}

// fromBytes takes data for one side of a conversation.
func fromBytes(data []byte) ([]Conversation, error) {
	switch {
	case bytes.HasPrefix(data, []byte("HTTP/")):
		return []Conversation{{Host: "pasted", Received: data}}, nil
	case isRequest(data):
		return []Conversation{{Host: "pasted", Sent: data, Cut: true}}, nil
	}
	return nil, fmt.Errorf("%.40q begins neither a request line nor a status line", data)
}
