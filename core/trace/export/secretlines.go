package export

import (
	"bytes"

	"github.com/stepwire/stepwire/core/trace/recording"
)

// SecretLines finds the values of secret fields in bytes that a caller sends on
// its own, piece after piece: a line may be cut anywhere, and be folded.
type SecretLines struct {
	at    linePart
	name  []byte // of the line so far, before its colon
	shown bool   // Redacted stands for the value of this line already
}

type linePart uint8

const (
	lineName  linePart = iota // before the colon
	lineRest                  // what is no secret
	lineValue                 // a secret
	lineBreak                 // after a line of a secret: a blank goes on with it
)

// longestName is more than any secret field's name has, in bytes.
const longestName = 64

// next takes one more byte, and reports whether it is to be hidden.
func (s *SecretLines) next(b byte) bool {
	if s.at == lineBreak {
		s.at, s.shown = lineName, false
		if b == ' ' || b == '\t' {
			s.at = lineValue
		}
	}
	switch {
	case b == '\n' && s.at == lineValue:
		s.at = lineBreak
	case s.at == lineValue:
		return b != '\r' && (s.shown || b != ' ' && b != '\t')
	case b == '\n' || b == '\r':
		s.at, s.name = lineName, s.name[:0]
	case s.at == lineRest:
	case b == ':':
		s.at = lineRest
		if Secret(string(bytes.TrimSpace(s.name))) {
			s.at, s.shown = lineValue, false
		}
		s.name = s.name[:0]
	case len(s.name) == longestName:
		s.at = lineRest
	default:
		s.name = append(s.name, b)
	}
	return false
}

// Called forgets a line that was cut where a call is made that begins or ends
// lines itself.
func (s *SecretLines) Called(name string) {
	switch name {
	case "request", "endheaders", "connect", "close":
		*s = SecretLines{}
	}
}

// Redact gives the next piece without the values of secret fields.
func (s *SecretLines) Redact(data []byte) (redacted []byte, found bool) {
	redacted = make([]byte, 0, len(data))
	for _, b := range data {
		if !s.next(b) {
			redacted = append(redacted, b)
			continue
		}
		if found = true; !s.shown {
			redacted = append(redacted, Redacted...)
			s.shown = true
		}
	}
	return redacted, found
}

// cutSecrets finds what to hide in the bytes that were sent over a transport on the
// caller's own, beside what the spans tell: they know a field only where it came
// in one piece. The ranges are of the stream.
func cutSecrets(rec *recording.Recording, conn int) (hidden [][2]int64) {
	var content [][2]int64 // of requests that have a form: it is no field
	raw := false
	for i := range rec.Events {
		switch e := &rec.Events[i]; {
		case e.Type != "span" || e.Conn != conn || e.Dir != "sent":
		case e.Kind == "raw":
			raw = true
		case e.Kind == "body" || e.Kind == "chunk-data":
			content = append(content, [2]int64{e.Start, e.End})
		}
	}
	if !raw {
		return nil
	}
	var lines SecretLines
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Type != "send" || e.Conn != conn || e.Bytes == nil {
			continue
		}
		for j, b := range e.Bytes.B64 {
			at := e.Offset + int64(j)
			for len(content) > 0 && content[0][1] <= at {
				content = content[1:]
			}
			if len(content) > 0 && content[0][0] <= at || !lines.next(b) {
				continue
			}
			lines.shown = true
			if n := len(hidden); n > 0 && hidden[n-1][1] == at {
				hidden[n-1][1]++
			} else {
				hidden = append(hidden, [2]int64{at, at + 1})
			}
		}
	}
	return hidden
}
