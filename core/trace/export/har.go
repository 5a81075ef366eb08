package export

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stepwire/stepwire/core/trace/recording"
)

// The structures of HAR 1.2. A size or time of -1 is unknown.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Pages   []struct{} `json:"pages"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment,omitempty"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		StartedDateTime string      `json:"startedDateTime"`
		Time            float64     `json:"time"`
		Request         harRequest  `json:"request"`
		Response        harResponse `json:"response"`
		Cache           struct{}    `json:"cache"`
		Timings         harTimings  `json:"timings"`
		ServerIPAddress string      `json:"serverIPAddress,omitempty"`
		Connection      string      `json:"connection,omitempty"`
		Error           string      `json:"_error,omitempty"`
		Trailers        []harPair   `json:"_trailers,omitempty"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		QueryString []harPair `json:"queryString"`
		PostData    *harPost  `json:"postData,omitempty"`
		HeadersSize int64     `json:"headersSize"`
		BodySize    int64     `json:"bodySize"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int64      `json:"headersSize"`
		BodySize    int64      `json:"bodySize"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harPost struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params"`
		Text     string    `json:"text"`
		Encoding string    `json:"_encoding,omitempty"`
	}
	harContent struct {
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	harTimings struct {
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// HAR writes the exchanges as an HTTP Archive, version 1.2: headers in wire
// order with duplicates, bodySize as on the wire, content.size without chunked
// coding.
func HAR(w io.Writer, rec *recording.Recording, opts Options) error {
	file := harFile{harLog{Version: "1.2", Creator: harCreator{"Stepwire", "1"}, Pages: []struct{}{}, Entries: []harEntry{}}}
	if !opts.Secrets {
		file.Log.Comment = "The values of Authorization, Cookie, Set-Cookie and Proxy-Authorization are left out."
	}
	for _, x := range rec.Exchanges() {
		if x.Request.Method != "" {
			file.Log.Entries = append(file.Log.Entries, opts.entry(rec, x))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(file)
}

func (o Options) entry(rec *recording.Recording, x *recording.Exchange) harEntry {
	began := rec.Created.Add(time.Duration(x.Started * float64(time.Millisecond)))
	e := harEntry{
		StartedDateTime: began.UTC().Format("2006-01-02T15:04:05.000Z"),
		Request:         o.harRequest(rec, x),
		Response:        o.harResponse(x),
		Timings:         timings(x),
		Trailers:        o.pairs(x.Response.Trailers),
	}
	if x.Conn > 0 {
		e.Connection = "conn-" + itoa(x.Conn)
	}
	if x.Error != nil {
		e.Error = x.Error.Name + ": " + x.Error.Message
	}
	for _, t := range []float64{e.Timings.Blocked, e.Timings.Connect, e.Timings.Send, e.Timings.Wait, e.Timings.Receive} {
		e.Time += max(t, 0)
	}
	return e
}

func (o Options) pairs(fields []recording.Field) []harPair {
	list := []harPair{}
	for _, f := range fields {
		list = append(list, harPair{f.Name, o.value(f)})
	}
	return list
}

func (o Options) harRequest(rec *recording.Recording, x *recording.Exchange) harRequest {
	m := &x.Request
	r := harRequest{
		Method: m.Method, URL: x.URL(), HTTPVersion: m.Version, Cookies: []harPair{}, Headers: o.pairs(m.Fields),
		QueryString: []harPair{}, HeadersSize: m.Head.Len(), BodySize: m.Body.Len(),
	}
	if _, query, ok := strings.Cut(r.URL, "?"); ok {
		for part := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(part, "=")
			r.QueryString = append(r.QueryString, harPair{unescape(name), unescape(value)})
		}
	}
	if o.Secrets {
		r.Cookies = cookies(m.Fields, "Cookie", ";")
	}
	if m.Length > 0 {
		kind, _ := m.Get("Content-Type")
		text, encoding := harText(o.content(rec, x))
		r.PostData = &harPost{MimeType: kind, Params: []harPair{}, Text: text, Encoding: encoding}
	}
	return r
}

func (o Options) harResponse(x *recording.Exchange) harResponse {
	m := &x.Response
	if m.Status == 0 { // nothing came back
		return harResponse{HTTPVersion: "", Cookies: []harPair{}, Headers: []harPair{},
			Content: harContent{MimeType: "x-unknown"}, HeadersSize: -1, BodySize: -1}
	}
	kind, ok := m.Get("Content-Type")
	if !ok {
		kind = "x-unknown"
	}
	r := harResponse{
		Status: m.Status, StatusText: m.Reason, HTTPVersion: m.Version, Cookies: []harPair{}, Headers: o.pairs(m.Fields),
		Content: harContent{Size: m.Length, MimeType: kind}, HeadersSize: m.Head.Len(), BodySize: m.Body.Len(),
	}
	r.RedirectURL, _ = m.Get("Location")
	r.Content.Text, r.Content.Encoding = harText(m.Content)
	if m.Partial {
		r.Content.Comment = "The log kept only a part of the content."
	}
	if o.Secrets {
		r.Cookies = cookies(m.Fields, "Set-Cookie", "")
	}
	return r
}

// harText gives content as text where it is text, else in base64.
func harText(content []byte) (text, encoding string) {
	if utf8.Valid(content) {
		return string(content), ""
	}
	return base64.StdEncoding.EncodeToString(content), "base64"
}

// cookies takes the pairs out of cookie fields.
func cookies(fields []recording.Field, name, separator string) []harPair {
	list := []harPair{}
	for _, f := range fields {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		parts := []string{f.Value}
		if separator != "" {
			parts = strings.Split(f.Value, separator)
		}
		for _, part := range parts {
			pair, _, _ := strings.Cut(part, ";")
			key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			list = append(list, harPair{key, value})
		}
	}
	return list
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// timings of an exchange; HAR counts ssl within connect.
func timings(x *recording.Exchange) harTimings {
	span := func(from, to float64) float64 {
		if from < 0 || to < from {
			return -1
		}
		return to - from
	}
	t := harTimings{Blocked: -1, DNS: -1, Connect: span(x.ConnectStart, x.ConnectEnd), SSL: -1,
		Send: max(span(x.SendStart, x.SendEnd), 0), Wait: max(span(x.SendEnd, x.ReceiveStart), 0),
		Receive: max(span(x.ReceiveStart, x.ReceiveEnd), 0)}
	if x.TLS {
		t.SSL = span(x.TLSStart, x.TLSEnd)
		if t.SSL >= 0 {
			t.Connect = max(t.Connect, 0) + t.SSL
		}
	}
	return t
}
