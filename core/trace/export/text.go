package export

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/stepwire/stepwire/core/trace/recording"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Raw writes one direction of one transport byte for byte; conn 0 is the first.
func Raw(w io.Writer, rec *recording.Recording, conn int, dir string, opts Options) error {
	for _, s := range rec.Streams() {
		if s.Dir != dir || conn != 0 && s.Conn != conn {
			continue
		}
		if s.Dropped > 0 {
			return fmt.Errorf("export: the log kept %d of %d bytes %s over transport %d; record with a larger limit", s.Size-s.Dropped, s.Size, dir, s.Conn)
		}
		_, err := w.Write(opts.mask(rec, s.Conn, dir, 0, s.All()))
		return err
	}
	return fmt.Errorf("export: the recording has no transport %d", conn)
}

// CurlTrace writes what curl --trace shows: a hex dump of each send and receive.
func CurlTrace(w io.Writer, rec *recording.Recording, opts Options) error {
	var b bytes.Buffer
	for i := range rec.Events {
		e := &rec.Events[i]
		switch e.Type {
		case "connect":
			switch e.Phase {
			case "start":
				fmt.Fprintf(&b, "== Info:   Trying %s:%d...\n", e.Host, e.Port)
			case "open":
				fmt.Fprintf(&b, "== Info: Connected to %s port %d (#%d)\n", e.Host, e.Port, e.Conn-1)
			default:
				fmt.Fprintf(&b, "== Info: connect to %s port %d failed: %s\n", e.Host, e.Port, message(e))
			}
		case "send", "recv":
			opts.curlData(&b, rec, e)
		case "closed":
			fmt.Fprintf(&b, "== Info: Closing connection %d\n", e.Conn-1)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func message(e *recording.Event) string {
	if e.Error == nil {
		return "unknown"
	}
	return e.Error.Message
}

// curlData dumps the bytes of an event, heads and content apart as curl does.
func (o Options) curlData(b *bytes.Buffer, rec *recording.Recording, e *recording.Event) {
	if e.Bytes == nil || len(e.Bytes.B64) == 0 {
		return
	}
	dir, header, data := "sent", "=> Send header", "=> Send data"
	if e.Type == "recv" {
		dir, header, data = "received", "<= Recv header", "<= Recv data"
	}
	bytes := o.mask(rec, e.Conn, dir, e.Offset, e.Bytes.B64)
	for at := e.Offset; at < e.Offset+int64(len(bytes)); {
		end, head := part(rec, e, dir, at)
		end = min(end, e.Offset+int64(len(bytes)))
		title := data
		if head {
			title = header
		}
		hexDump(b, title, bytes[at-e.Offset:end-e.Offset])
		at = end
	}
	if e.Dropped > 0 {
		fmt.Fprintf(b, "== Info: %d more bytes were not kept\n", e.Dropped)
	}
}

// part finds how far the line or the content at an offset goes.
func part(rec *recording.Recording, e *recording.Event, dir string, at int64) (end int64, head bool) {
	end = e.Offset + int64(len(e.Bytes.B64))
	for i := range rec.Events {
		s := &rec.Events[i]
		if s.Type != "span" || s.Conn != e.Conn || s.Dir != dir || s.End <= at {
			continue
		}
		inHead := isHead(s)
		if s.Start <= at {
			head = inHead
		} else if inHead != head {
			return s.Start, head
		}
		if inHead && (s.Kind == "crlf" || s.Kind == "head-end") {
			return s.End, true
		}
	}
	return end, head
}

func isHead(s *recording.Event) bool {
	switch s.Kind {
	case "body", "chunk-size", "chunk-ext", "chunk-data", "chunk-crlf", "last-chunk", "trailer-end", "raw", "discarded":
		return false
	}
	return true
}

// hexDump writes a block as curl --trace does, sixteen bytes a line.
func hexDump(b *bytes.Buffer, title string, data []byte) {
	fmt.Fprintf(b, "%s, %d bytes (0x%x)\n", title, len(data), len(data))
	for i := 0; i < len(data); i += 16 {
		fmt.Fprintf(b, "%04x: ", i)
		for j := i; j < i+16; j++ {
			if j < len(data) {
				fmt.Fprintf(b, "%02x ", data[j])
			} else {
				b.WriteString("   ")
			}
		}
		for _, c := range data[i:min(i+16, len(data))] {
			if c < ' ' || c >= 0x7f {
				c = '.'
			}
			b.WriteByte(c)
		}
		b.WriteByte('\n')
	}
}
