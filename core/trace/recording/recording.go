package recording

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stepwire/stepwire/core/trace"
)

// Format is the value of a recording's "format" member.
const Format = "stepwire-recording"

// MaxSize is how large a recording may be, in bytes.
const MaxSize = 64 << 20

// MaxEvents is how many events a recording may have that is read: each takes up
// to 1 KiB of memory.
const MaxEvents = 1 << 19

// Schema is the JSON Schema (draft 2020-12) of a recording.
//
//go:embed recording.schema.json
var Schema []byte

// Recording is an event log with its header.
type Recording struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Creator string    `json:"creator,omitempty"` // what wrote it
	Created time.Time `json:"created,omitzero"`  // when the log began
	Limit   int64     `json:"limit,omitempty"`   // bytes kept of each direction
	Lacks   string    `json:"lacks,omitempty"`   // what the file had that it was made from, and it has not
	Events  []Event   `json:"events"`
}

// Bytes is how the log writes bytes. Size is how many there were, where fewer
// are kept.
type Bytes struct {
	B64  []byte `json:"b64"`
	Size int    `json:"size,omitempty"`
}

// Error is an exception in the log.
type Error struct {
	Name     string   `json:"name"`
	Bases    []string `json:"bases"`
	Message  string   `json:"message"`
	Party    string   `json:"party"`
	Offset   *int64   `json:"offset,omitempty"`
	Code     string   `json:"code,omitempty"`    // StrictError: the diagnostic
	Section  string   `json:"section,omitempty"` // StrictError: "9112 §5.2"
	Partial  *Bytes   `json:"partial,omitempty"`
	Expected *int64   `json:"expected,omitempty"`
}

// Event is one event of any type; which fields it has depends on Type. Raw is
// the whole event as written, with the fields not named here.
type Event struct {
	Type     string  `json:"type"`
	Seq      int     `json:"seq"`
	T        float64 `json:"t"` // milliseconds since the log began
	Conn     int     `json:"conn"`
	Exchange int     `json:"exchange"`
	Omitted  int64   `json:"omitted"` // spans, diagnostics, transfers and records before it that were not kept

	Call   int             `json:"call"`
	Name   string          `json:"name"`
	Args   json.RawMessage `json:"args"`
	Result json.RawMessage `json:"result"`
	Error  *Error          `json:"error"`
	State  string          `json:"state"`
	Stdout string          `json:"stdout"`

	Kind    string   `json:"kind"`
	Path    []string `json:"path"`
	Value   string   `json:"value"`
	Dir     string   `json:"dir"`
	Start   int64    `json:"start"`
	End     int64    `json:"end"`
	Offset  int64    `json:"offset"`
	Bytes   *Bytes   `json:"bytes"`
	Size    int64    `json:"size"`
	Dropped int64    `json:"dropped"`
	EOF     bool     `json:"eof"`

	Phase string `json:"phase"`
	Host  string `json:"host"`
	Port  int    `json:"port"`

	Raw json.RawMessage `json:"-"`
}

// plain is an Event without its methods.
type plain Event

// UnmarshalJSON keeps the event as it was written besides taking it apart.
func (e *Event) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	e.Raw = bytes.Clone(data)
	return nil
}

// MarshalJSON writes the event as it was read.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.Raw == nil {
		return nil, errors.New("recording: an event that was never read cannot be written")
	}
	return e.Raw, nil
}

// Read reads a recording. The error says what is wrong with it, and where.
func Read(r io.Reader) (*Recording, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("recording: larger than %d MiB", MaxSize>>20)
	}
	file := struct {
		Recording
		Events eventList `json:"events"`
	}{}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("recording: %w", describe(data, err))
	}
	rec := file.Recording
	rec.Events = file.Events
	return &rec, rec.check()
}

// eventList is counted before it is read, so that a file of very many events ends
// with an error and not with the memory.
type eventList []Event

// UnmarshalJSON implements [json.Unmarshaler].
func (l *eventList) UnmarshalJSON(data []byte) error {
	if elements(data) > MaxEvents {
		return fmt.Errorf("more than %d events", MaxEvents)
	}
	return json.Unmarshal(data, (*[]Event)(l))
}

// elements counts the elements of a JSON list, or one too many for an empty one.
func elements(list []byte) int {
	n, depth, quoted := 1, 0, false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 1:
			n++
		}
	}
	return n
}

// describe adds the place to an error of encoding/json.
func describe(data []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
	return fmt.Errorf("line %d: not JSON: %w", line, err)
}

// check holds the recording to what the views rely on.
func (rec *Recording) check() error {
	if rec.Format != Format {
		return fmt.Errorf(`recording: "format" is %q, expected %q`, rec.Format, Format)
	}
	if rec.Version < 1 || rec.Version > trace.Version {
		return fmt.Errorf("recording: version %d; this program reads versions 1 to %d", rec.Version, trace.Version)
	}
	for i := range rec.Events {
		e := &rec.Events[i]
		switch {
		case e.Type == "":
			return fmt.Errorf(`recording: event %d has no "type"`, i)
		case e.Seq != i:
			return fmt.Errorf("recording: event %d has seq %d; events are numbered from 0 without gaps", i, e.Seq)
		case e.Start < 0 || e.End < e.Start || e.Offset < 0 || e.Size < 0 || e.Dropped < 0 || e.Omitted < 0:
			return fmt.Errorf("recording: event %d (%s) has a range that does not exist", i, e.Type)
		case e.Conn < 0 || e.Exchange < 0:
			return fmt.Errorf("recording: event %d (%s) has a negative number", i, e.Type)
		}
	}
	return nil
}

// FromLog makes a recording of what a [trace.Log] handed over: JSON objects
// separated by line feeds.
func FromLog(events []byte, creator string, created time.Time, limit int64) (*Recording, error) {
	rec := &Recording{Format: Format, Version: trace.Version, Creator: creator, Created: created.UTC(), Limit: limit}
	for line := range bytes.SplitSeq(events, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("recording: event %d: %w", len(rec.Events), err)
		}
		rec.Events = append(rec.Events, e)
	}
	return rec, rec.check()
}

// Write writes the recording, an event a line.
func (rec *Recording) Write(w io.Writer) error {
	head := *rec
	head.Events = nil
	data, err := json.Marshal(struct {
		Recording
		Events *struct{} `json:"events,omitempty"`
	}{Recording: head})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.Write(bytes.TrimSuffix(data, []byte("}")))
	b.WriteString(",\n\"events\": [")
	for i := range rec.Events {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(rec.Events[i].Raw)
	}
	b.WriteString("\n]}\n")
	_, err = w.Write(b.Bytes())
	return err
}
