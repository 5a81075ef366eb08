package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fromHAR writes the messages of a HAR as HTTP/1.1 again. A HAR holds no bytes:
// heads are as its fields say, bodies as decoded content, so framing fields that
// no longer fit are replaced. Messages of other versions of HTTP are shown as
// what HTTP/1.1 would have sent. What was loaded otherwise (data:, blob:) is left
// out, and lacks says so.
func fromHAR(data []byte) (list []Conversation, lacks []string, err error) {
	var file struct {
		Log struct {
			Entries []harEntry `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, nil, err
	}
	others := 0
	for i := range file.Log.Entries {
		v, err := file.Log.Entries[i].conversation()
		if err == errNotHTTP {
			others++
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("entry %d: %w", i, err)
		}
		list = append(list, v)
	}
	if others > 0 {
		lacks = append(lacks, some(others, "entry that is not of HTTP is left out", "entries that are not of HTTP are left out"))
	}
	return list, lacks, nil
}

// errNotHTTP is about an entry for something that no server was asked for, as
// data:, blob: and the files of extensions are.
var errNotHTTP = errors.New("not of HTTP")

// maxMillis bounds a time of the file: a day.
const maxMillis = 24 * 60 * 60 * 1000

type harPair struct{ Name, Value string }

type harEntry struct {
	StartedDateTime string
	Timings         struct{ Blocked, DNS, Connect, Send, Wait, Receive float64 } // milliseconds; -1: does not apply
	Request         struct {
		Method   string
		URL      string
		Headers  []harPair
		PostData *struct {
			Text     string
			Encoding string `json:"_encoding"`
		}
	}
	Response struct {
		Status     int
		StatusText string
		Headers    []harPair
		Content    struct {
			Text     string
			Encoding string
		}
	}
}

func (e *harEntry) conversation() (Conversation, error) {
	u, err := url.Parse(e.Request.URL)
	if scheme, _, ok := strings.Cut(e.Request.URL, ":"); ok && !slices.Contains([]string{"http", "https", "ws", "wss"}, strings.ToLower(scheme)) {
		return Conversation{}, errNotHTTP
	}
	if err != nil || u.Host == "" {
		return Conversation{}, fmt.Errorf("request.url is %.80q, expected an absolute URL", e.Request.URL)
	}
	if e.Request.Method == "" {
		return Conversation{}, errors.New("request.method is missing")
	}
	v := Conversation{Host: u.Hostname(), Port: 80}
	if u.Scheme == "https" || u.Scheme == "wss" {
		v.Port, v.TLS = 443, true
	}
	if p := u.Port(); p != "" {
		v.Port, _ = strconv.Atoi(p)
	}
	var body []byte
	if p := e.Request.PostData; p != nil {
		if body, err = content(p.Text, p.Encoding); err != nil {
			return v, fmt.Errorf("request.postData.text: %w", err)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", oneLine(e.Request.Method), oneLine(u.RequestURI()))
	headers(&b, e.Request.Headers, u.Host, len(body), len(body) > 0)
	b.Write(body)
	v.Sent = b.Bytes()
	now, _ := time.Parse(time.RFC3339, e.StartedDateTime) // without it, no times
	pass := func(ms float64) time.Time {
		if ms > 0 && !now.IsZero() {
			now = now.Add(time.Duration(min(ms, maxMillis) * float64(time.Millisecond)))
		}
		return now
	}
	pass(e.Timings.Blocked)
	pass(e.Timings.DNS)
	pass(e.Timings.Connect) // the handshake of TLS included
	v.SentAt = v.SentAt.mark(len(v.Sent), pass(e.Timings.Send))
	if e.Response.Status == 0 { // nothing came back
		return v, nil
	}
	if body, err = content(e.Response.Content.Text, e.Response.Content.Encoding); err != nil {
		return v, fmt.Errorf("response.content.text: %w", err)
	}
	var r bytes.Buffer
	fmt.Fprintf(&r, "HTTP/1.1 %03d %s\r\n", e.Response.Status, oneLine(e.Response.StatusText))
	waited := pass(e.Timings.Wait)
	bodiless := e.Request.Method == "HEAD" || e.Response.Status == 204 || e.Response.Status == 304 || e.Response.Status < 200
	headers(&r, e.Response.Headers, "", len(body), !bodiless)
	v.ReceivedAt = v.ReceivedAt.mark(r.Len(), waited)
	if !bodiless {
		r.Write(body)
	}
	v.Received = r.Bytes()
	v.ReceivedAt = v.ReceivedAt.mark(len(v.Received), pass(e.Timings.Receive))
	return v, nil
}

// content decodes a body of a HAR.
func content(text, encoding string) ([]byte, error) {
	if strings.EqualFold(encoding, "base64") {
		return base64.StdEncoding.DecodeString(text)
	}
	return []byte(text), nil
}

// headers writes fields; framed: in place of their framing, the length of the
// content as it follows.
func headers(b *bytes.Buffer, list []harPair, host string, length int, framed bool) {
	hasHost := host == ""
	for _, h := range list {
		name := oneLine(h.Name)
		if strings.HasPrefix(name, ":") || name == "" { // pseudo-header fields of HTTP/2 and 3
			continue
		}
		if framed && (strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding") || strings.EqualFold(name, "Content-Encoding")) {
			continue
		}
		hasHost = hasHost || strings.EqualFold(name, "Host")
		b.WriteString(name + ": " + oneLine(h.Value) + "\r\n")
	}
	if !hasHost {
		b.WriteString("Host: " + host + "\r\n")
	}
	if framed {
		b.WriteString("Content-Length: " + strconv.Itoa(length) + "\r\n")
	}
	b.WriteString("\r\n")
}

// oneLine keeps a value of the file from becoming lines of a message.
func oneLine(s string) string {
	return strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
}
