package trace

import (
	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// encode writes one event. The keys that are in every event of a kind are
// written with what separates them: half of an event is keys.
func (l *Log) encode(w *writer, e *h1.Event) {
	b := append(w.b, `{"type":"`...)
	b = append(b, e.Kind.String()...)
	b = appendInt(append(b, `","seq":`...), int64(l.seq))
	w.b = append(b, l.stamped(stamp{l.time(e.Kind), e.Conn, e.Exchange})...)
	if l.omitted > 0 {
		w.num(`,"omitted":`, l.omitted)
		l.omitted = 0
	}
	switch e.Kind {
	case h1.EventTransition:
		w.token(`,"from":"`, e.From.String())
		w.token(`,"input":"`, e.Input.String())
		w.token(`,"to":"`, e.To.String())
	case h1.EventBuffer:
		if e.Bytes != nil {
			w.token(`,"kind":"`, string(e.Span))
			l.path(w, e.Path)
			w.bytes(`,"bytes":`, e.Bytes, maxResult)
		}
		w.num(`,"size":`, int64(e.Size))
	case h1.EventSpan:
		w.rng(e)
		w.token(`,"kind":"`, string(e.Span))
		l.path(w, e.Path)
		if e.Value != "" {
			w.str(`,"value":`, e.Value)
		}
	case h1.EventDiagnostic:
		w.rng(e)
		w.token(`,"code":"`, e.Diagnostic.Code)
		w.token(`,"severity":"`, string(e.Diagnostic.Severity))
		w.token(`,"rfc":"`, e.Diagnostic.Section)
		w.str(`,"text":`, e.Diagnostic.Text)
	case h1.EventCall:
		w.num(`,"call":`, int64(e.Call))
		w.str(`,"name":`, e.Name)
		w.raw(`,"args":`)
		w.value(h1.Pairs(e.Args))
		w.token(`,"state":"`, e.State.String())
	case h1.EventReturn:
		w.num(`,"call":`, int64(e.Call))
		w.str(`,"name":`, e.Name)
		if e.Err != nil {
			w.err(e.Err)
		} else {
			w.raw(`,"result":`)
			if p, ok := e.Result.([]byte); ok {
				n := int(min(int64(len(p)), maxResult, max(l.limit-l.results, 0)))
				l.results += int64(n)
				w.data(p, n)
			} else {
				w.value(e.Result)
			}
		}
		w.token(`,"state":"`, e.State.String())
		w.flag(`,"unread":`, e.State.Unread())
		w.raw(`,"legal":[`)
		for _, name := range e.Legal {
			w.item()
			w.text(name)
		}
		w.close(']')
		w.str(`,"stdout":`, e.Printed)
	case h1.EventConnect:
		w.token(`,"phase":"`, e.Phase)
		w.str(`,"host":`, e.Host)
		w.num(`,"port":`, int64(e.Port))
		if e.Err != nil {
			w.err(e.Err)
		}
	case h1.EventSend:
		l.stream(w, e, h1.Sent)
	case h1.EventRecv:
		l.stream(w, e, h1.Received)
	case h1.EventRelay:
		w.str(`,"what":`, e.Name)
		w.str(`,"detail":`, e.Value)
	case h1.EventTLSHandshake:
		w.token(`,"phase":"`, e.Phase)
		w.members(e.Args)
		if e.Err != nil {
			w.err(e.Err)
		}
	case h1.EventTLSCertificate:
		w.members(e.Args)
	case h1.EventTLSRecord:
		w.token(`,"dir":"`, e.Dir.String())
		l.stream(w, e, ciphertext+e.Dir)
		w.members(e.Args)
	}
	w.close('}')
}

// stamp is what many events in a row share.
type stamp struct {
	time           int64 // microseconds
	conn, exchange int
}

// stamped gives a stamp as members, written once for as long as it stays the same.
func (l *Log) stamped(s stamp) []byte {
	if s == l.stamp && len(l.members) > 0 {
		return l.members
	}
	l.stamp = s
	w := writer{b: append(l.members[:0], `,"t":`...)}
	w.b = appendMillis(w.b, s.time)
	if s.conn > 0 {
		w.num(`,"conn":`, int64(s.conn))
	}
	if s.exchange > 0 {
		w.num(`,"exchange":`, int64(s.exchange))
	}
	l.members = w.b
	return w.b
}

// members writes the members that an event brings itself.
func (w *writer) members(args []h1.Arg) {
	for _, a := range args {
		w.key(a.Name)
		w.value(a.Value)
	}
}

// stream writes what went over the transport, as far as there is room for it.
func (l *Log) stream(w *writer, e *h1.Event, d h1.Direction) {
	w.num(`,"offset":`, e.Start)
	size, n := max(len(e.Bytes), e.Size), l.keep(d, len(e.Bytes))
	w.num(`,"size":`, int64(size))
	if len(e.Bytes) > 0 {
		w.bytes(`,"bytes":`, e.Bytes[:n], n)
	}
	if n < size {
		w.num(`,"dropped":`, int64(size-n))
	}
	if e.EOF {
		w.flag(`,"eof":`, true)
	}
	if e.Err != nil {
		w.err(e.Err)
	}
}

// rng writes the range of a span or diagnostic.
func (w *writer) rng(e *h1.Event) {
	b := append(w.b, `,"dir":"`...)
	b = append(b, e.Dir.String()...)
	b = appendInt(append(b, `","start":`...), e.Start)
	w.b = appendInt(append(b, `,"end":`...), e.End)
}

// path writes a path as a list: ["response","header[3]","value"]. The parts of
// a line have all but their last element in common, which is written once.
func (l *Log) path(w *writer, p h1.Path) {
	part := p.Part
	p.Part = ""
	if p != l.place || len(l.within) == 0 {
		l.place = p
		l.within = append(l.within[:0], `,"path":[`...)
		l.within = appendPart(l.within, p.Message, p.MessageIndex)
		l.within = appendPart(l.within, p.Item, p.ItemIndex)
	}
	b := appendPart(append(w.b, l.within...), part, -1)
	b[len(b)-1] = ']' // in the place of the last comma: a path has a message
	w.b = b
}

// appendPart writes an element of a path and a comma; its names need no escapes.
func appendPart(b []byte, name string, index int) []byte {
	if name == "" {
		return b
	}
	b = append(b, '"')
	b = append(b, name...)
	if index >= 0 {
		b = append(b, '[')
		b = appendInt(b, int64(index))
		b = append(b, ']')
	}
	return append(b, '"', ',')
}

// err writes an exception.
func (w *writer) err(err error) {
	info := core.Describe(err)
	w.str(`,"error":{"name":`, info.Name)
	w.raw(`,"bases":[`)
	for _, base := range info.Bases {
		w.item()
		w.text(base)
	}
	w.close(']')
	w.str(`,"message":`, info.Message)
	w.str(`,"party":`, info.Party)
	if info.Offset >= 0 {
		w.num(`,"offset":`, info.Offset)
	}
	if info.Code != "" {
		w.token(`,"code":"`, info.Code)
		w.str(`,"section":`, info.Section)
	}
	if info.Name == "IncompleteRead" {
		w.bytes(`,"partial":`, info.Partial, maxResult)
		w.raw(`,"expected":`)
		if info.Expected == nil {
			w.raw("null")
		} else {
			w.b = appendInt(w.b, *info.Expected)
		}
	}
	w.close('}')
}
