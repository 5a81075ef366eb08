package h1

import (
	"slices"
	"strings"
	"testing"
)

// rawLog keeps the spans and the diagnostics of raw bytes, as "kind text".
type rawLog struct {
	data  string
	spans []string
	diags []string
	at    int64
	holes bool
}

func (l *rawLog) Trace(e *Event) {
	switch e.Kind {
	case EventSpan:
		l.holes = l.holes || e.Start != l.at || e.End <= e.Start
		l.at = e.End
		l.spans = append(l.spans, string(e.Span)+" "+l.data[e.Start:e.End])
	case EventDiagnostic:
		l.diags = append(l.diags, e.Diagnostic.Code+" "+l.data[e.Start:e.End])
	}
}

func putRaw(data string) *rawLog {
	log := &rawLog{data: data}
	c := &Conn{Tracer: log}
	c.Opened()
	c.Wrote([]byte(data), len(data), c.PutRaw([]byte(data)))
	return log
}

func TestPutRawDiagnostics(t *testing.T) {
	const host = "GET / HTTP/1.1\r\nHost: a\r\n"
	for _, test := range []struct {
		data string
		want []string
	}{
		{host + "\r\n", nil},
		{"GET / HTTP/1.0\r\n\r\n", nil},
		{host + "Content-Length: 2\r\n\r\nok", nil},
		{host + "Transfer-Encoding: gzip, Chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n", nil},
		{"\r\n" + host + "\r\n", []string{"sent-blank-line \r\n"}},
		{"GET /\r\n\r\n", []string{"sent-request-line GET /"}},
		{"GET  / HTTP/1.0\r\n\r\n", []string{"sent-request-line GET  / HTTP/1.0"}},
		{"GET HTTP/1.0\r\n\r\n", []string{"sent-request-line GET HTTP/1.0"}},
		{"hello\r\n\r\n", []string{"sent-request-line hello"}},
		{"G\x01T / HTTP/1.0\r\n\r\n", []string{"sent-method-not-token G\x01T"}},
		{" / HTTP/1.0\r\n\r\n", []string{"sent-method-not-token  "}},
		{"GET / HTTP/2\r\n\r\n", []string{"sent-version HTTP/2"}},
		{"GET / HTTP/1.0\n\n", []string{"bare-lf \n", "bare-lf \n"}},
		{"GET /\r HTTP/1.0\r\n\r\n", []string{"sent-bare-cr \r"}},
		{host + "oops\r\n\r\n", []string{"sent-no-colon oops"}},
		{"GET / HTTP/1.0\r\n a: b\r\n\r\n", []string{"sent-no-colon  a: b"}},
		{host + "A : b\r\n\r\n", []string{"sent-blank-before-colon  "}},
		{host + ": b\r\n\r\n", []string{"sent-name-not-token :"}},
		{host + "A: b\x00c\r\n\r\n", []string{"sent-value-control \x00"}},
		{host + "A: b\r\n c\r\n\r\n", []string{"sent-obs-fold  c"}},
		{"GET / HTTP/1.1\r\n\r\n", []string{"sent-host GET / HTTP/1.1\r\n"}},
		{host + "hOST: b\r\n\r\n", []string{"sent-host hOST: b"}},
		{host, []string{"sent-head-unfinished \n"}},
		{"", []string{"sent-head-unfinished "}},
		{host + "Content-Length: +2\r\n\r\nok", []string{"sent-content-length +2"}},
		{host + "Content-Length: \r\n\r\nok", []string{"sent-content-length \r"}},
		{host + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", []string{"sent-content-length 3"}},
		{host + "Content-Length: 9\r\n\r\nok", []string{"sent-content-short 9"}},
		{host + "Content-Length: 1\r\n\r\nok", []string{"sent-after-message k"}},
		{host + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []string{"sent-length-and-transfer-encoding Transfer-Encoding: chunked"}},
		{host + "Transfer-Encoding: chunked, gzip\r\n\r\n", []string{"sent-transfer-encoding-not-chunked Transfer-Encoding: chunked, gzip"}},
		{host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", []string{"sent-chunk zz"}},
		{host + "Transfer-Encoding: chunked\r\n\r\n3\r\nok\r\n", []string{"sent-chunk \n"}},
		{host + "Transfer-Encoding: chunked\r\n\r\n2\r\nokay", []string{"sent-chunk a"}},
		{host + "Transfer-Encoding: chunked\r\n\r\n0\r\n", []string{"sent-chunk \n"}},
		{host + "\r\n" + host + "\r\n", []string{"sent-after-message " + host + "\r\n"}},
	} {
		log := putRaw(test.data)
		if !slices.Equal(log.diags, test.want) {
			t.Errorf("%q draws %q, want %q", test.data, log.diags, test.want)
		}
		if log.holes || log.at != int64(len(test.data)) {
			t.Errorf("%q is not covered: %q", test.data, log.spans)
		}
	}
}

func TestPutRawSpans(t *testing.T) {
	got := putRaw("PUT /x HTTP/1.1\r\nHost:\ta \r\n\r\nrest").spans
	want := []string{"method PUT", "sp  ", "target /x", "sp  ", "version HTTP/1.1", "crlf \r\n",
		"name Host", "colon :", "ows \t", "value a", "ows  ", "crlf \r\n", "head-end \r\n", "raw rest"}
	if !slices.Equal(got, want) {
		t.Errorf("spans %q, want %q", got, want)
	}
}

// TestPutRawOnce: what is sent before the response is begun goes on with it.
func TestPutRawOnce(t *testing.T) {
	log := &rawLog{data: strings.Repeat("GET / HTTP/1.0\r\n\r\n", 3)}
	c := &Conn{Tracer: log}
	c.Opened()
	send := func(n int) {
		t.Helper()
		at := c.Transport().Sent
		data := []byte(log.data[at : at+int64(n)])
		c.Wrote(data, n, c.PutRaw(data))
	}
	send(10)
	send(8)
	if c.Exchange() != 1 || log.spans[len(log.spans)-1] != "raw /1.0\r\n\r\n" {
		t.Errorf("exchange %d, spans %q", c.Exchange(), log.spans)
	}
	if err := c.BeginResponse(new(Response), "GET"); err != nil {
		t.Fatal(err)
	}
	send(18)
	if c.Exchange() != 2 || log.spans[len(log.spans)-1] != "head-end \r\n" {
		t.Errorf("exchange %d, spans %q", c.Exchange(), log.spans)
	}
	if c.State() != Idle {
		t.Errorf("the state became %v", c.State())
	}
	c.Detach()
	if err := c.BeginResponse(new(Response), "GET"); err == nil {
		t.Error("a response begins without a transport")
	}
}

func FuzzPutRaw(f *testing.F) {
	f.Add("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\nT: v\r\n\r\n")
	f.Add("POST / HTTP/1.1\r\nA: b\r\n c\r\nContent-Length: 5\r\n\r\nhello, more")
	f.Add("\n\r\n x\r:\n\n")
	f.Fuzz(func(t *testing.T, data string) {
		if log := putRaw(data); log.holes || log.at != int64(len(data)) {
			t.Errorf("%q is not covered: %q", data, log.spans)
		}
	})
}
