package recording

import (
	"strconv"
	"strings"
)

// Field is a header or trailer field.
type Field struct {
	Name  string
	Value string
}

// Range is a part of a stream, half-open.
type Range struct {
	Start, End int64
}

// Len counts its bytes.
func (r Range) Len() int64 { return r.End - r.Start }

// grow makes the range cover one more leaf.
func (r *Range) grow(e *Event) {
	if r.End == 0 {
		r.Start = e.Start
	}
	r.End = e.End
}

// Message is a request or a response, put together from the leaves that the
// engine named.
type Message struct {
	Head     Range // with the empty line
	Body     Range // on the wire, with its framing
	Method   string
	Target   string
	Status   int
	Reason   string
	Version  string // "HTTP/1.1"
	Fields   []Field
	Trailers []Field
	Content  []byte // the body without chunked coding, as far as it was kept
	Length   int64  // bytes of content that were sent or read
	Chunked  bool
	Partial  bool // some of the content is missing from the log
}

// Exchange is a request and what came back. Times are milliseconds since the
// log began, -1 where something did not happen.
type Exchange struct {
	Number   int
	Conn     int
	Host     string
	Port     int
	TLS      bool
	Request  Message
	Response Message
	Error    *Error // what ended it early

	Started                  float64
	ConnectStart, ConnectEnd float64 // of the transport, in its first exchange
	SendStart, SendEnd       float64
	ReceiveStart, ReceiveEnd float64
	TLSStart, TLSEnd         float64
}

// Exchanges puts the exchanges of the recording together, in order.
func (rec *Recording) Exchanges() []*Exchange {
	var list []*Exchange
	byNumber := map[int]*Exchange{}
	streams := map[[2]string]*Stream{}
	for _, s := range rec.Streams() {
		streams[[2]string{strconv.Itoa(s.Conn), s.Dir}] = s
	}
	var connect struct {
		host       string
		port       int
		start, end float64
		tlsStart   float64
		tlsEnd     float64
		tls        bool
		used       bool
	}
	connect.start, connect.end, connect.tlsStart, connect.tlsEnd = -1, -1, -1, -1
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Type == "connect" {
			switch e.Phase {
			case "start":
				connect.host, connect.port = e.Host, e.Port
				connect.start, connect.end, connect.used = e.T, -1, false
				connect.tlsStart, connect.tlsEnd, connect.tls = -1, -1, false
			default:
				// What was decoded tells of a transport once, when it is open.
				if connect.end >= 0 || connect.host == "" {
					connect.start, connect.used = -1, false
					connect.tlsStart, connect.tlsEnd, connect.tls = -1, -1, false
				}
				connect.host, connect.port, connect.end = e.Host, e.Port, e.T
			}
		}
		if strings.HasPrefix(e.Type, "tls") {
			connect.tls = true
			if connect.tlsStart < 0 {
				connect.tlsStart = e.T
			}
			if e.Type == "tls-handshake" {
				connect.tlsEnd = e.T
			}
		}
		if e.Exchange == 0 {
			continue
		}
		x := byNumber[e.Exchange]
		if x == nil {
			x = &Exchange{Number: e.Exchange, Started: e.T, ConnectStart: -1, ConnectEnd: -1, SendStart: -1, SendEnd: -1,
				ReceiveStart: -1, ReceiveEnd: -1, TLSStart: -1, TLSEnd: -1}
			byNumber[e.Exchange] = x
			list = append(list, x)
		}
		if connect.host != "" && x.Host == "" && e.Conn > 0 {
			x.Host, x.Port, x.TLS = connect.host, connect.port, connect.tls
			if !connect.used {
				connect.used = true
				if connect.start >= 0 {
					x.ConnectStart, x.ConnectEnd = connect.start, connect.end
				}
			}
		}
		if e.Type == "tls-handshake" {
			x.TLS, x.TLSStart, x.TLSEnd = true, connect.tlsStart, connect.tlsEnd
		}
		x.add(e, streams)
	}
	return list
}

func (x *Exchange) add(e *Event, streams map[[2]string]*Stream) {
	if e.Omitted > 0 { // of either message: the event does not tell
		x.Request.Partial, x.Response.Partial = true, true
	}
	switch e.Type {
	case "send":
		if x.SendStart < 0 {
			x.SendStart = e.T
		}
		x.SendEnd = e.T
	case "recv":
		if x.ReceiveStart < 0 {
			x.ReceiveStart = e.T
		}
		x.ReceiveEnd = e.T
	case "return":
		if e.Error != nil {
			x.Error = e.Error
		}
	case "span":
		if len(e.Path) == 0 {
			return
		}
		x.Conn = e.Conn
		stream := streams[[2]string{strconv.Itoa(e.Conn), e.Dir}]
		switch e.Path[0] {
		case "request":
			x.Request.add(e, stream)
		case "response":
			x.Response.add(e, stream)
		}
	}
}

// add takes a leaf.
func (m *Message) add(e *Event, stream *Stream) {
	item := ""
	if len(e.Path) > 1 {
		item, _, _ = strings.Cut(e.Path[1], "[")
	}
	switch item {
	case "request-line", "status-line", "header", "head-end", "junk":
		m.Head.grow(e)
	case "chunk", "trailer", "trailer-end", "body", "raw":
		m.Body.grow(e)
	}
	switch e.Kind {
	case "method":
		m.Method = e.Value
	case "target":
		m.Target = e.Value
	case "version":
		m.Version = e.Value
	case "status-code":
		m.Status, _ = strconv.Atoi(e.Value)
	case "reason":
		m.Reason = e.Value
	case "name":
		if item == "trailer" {
			m.Trailers = append(m.Trailers, Field{Name: e.Value})
		} else {
			m.Fields = append(m.Fields, Field{Name: e.Value})
		}
	case "value":
		list := m.Fields
		if item == "trailer" {
			list = m.Trailers
		}
		// The first leaf of a folded value carries all of it.
		if n := len(list); n > 0 && e.Value != "" {
			list[n-1].Value = e.Value
		}
	case "chunk-size", "last-chunk":
		m.Chunked = true
	case "body", "chunk-data", "raw":
		m.Length += e.End - e.Start
		if stream == nil {
			m.Partial = true
			return
		}
		data, complete := stream.Slice(e.Start, e.End)
		m.Content = append(m.Content, data...)
		m.Partial = m.Partial || !complete
	}
}

// Get gives the first value of a field, in any case of its name.
func (m *Message) Get(name string) (string, bool) {
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// URL is where the request went.
func (x *Exchange) URL() string {
	scheme, port := "http", 80
	if x.TLS {
		scheme, port = "https", 443
	}
	target := x.Request.Target
	if strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") {
		return target
	}
	host := x.Host
	if named, ok := x.Request.Get("Host"); ok && named != "" {
		return scheme + "://" + named + target
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if x.Port != port && x.Port != 0 {
		host += ":" + strconv.Itoa(x.Port)
	}
	return scheme + "://" + host + target
}
