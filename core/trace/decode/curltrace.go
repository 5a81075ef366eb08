package decode

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// isCurlTrace reports the output of curl --trace.
func isCurlTrace(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line, _ = cutTime(line)
	return bytes.HasPrefix(line, []byte("== Info:")) || bytes.HasPrefix(line, []byte("=> Send")) || bytes.HasPrefix(line, []byte("<= Recv"))
}

// cutTime takes off the time of day that --trace-time puts before a line.
func cutTime(line []byte) (rest []byte, at time.Time) {
	const form = "15:04:05.000000 "
	if len(line) > len(form) && line[2] == ':' && line[5] == ':' && line[8] == '.' && line[15] == ' ' {
		at, _ = time.Parse(form, string(line[:len(form)]))
		return line[len(form):], at.AddDate(1, 0, 0) // the zero time would be none
	}
	return line, at
}

// fromCurlTrace reads the hex dumps of curl --trace. With TLS, curl shows the
// plaintext as header and data, and its records as SSL data, which are left out.
func fromCurlTrace(text []byte) ([]Conversation, error) {
	// A command may use several connections, one after the other.
	v := &Conversation{Host: "curl", Cut: true}
	all := []*Conversation{v}
	byNumber := map[string]*Conversation{}
	var into *[]byte
	want := 0
	short := func(n int) error {
		return fmt.Errorf("line %d: %d bytes are missing from the block before it", n, want)
	}
	lines := bytes.Split(text, []byte("\n"))
	for n, line := range lines {
		line, at := cutTime(bytes.TrimRight(line, "\r"))
		switch {
		case len(line) == 0:
		case bytes.HasPrefix(line, []byte("== Info:")):
			host, port, number, began := connection(string(line))
			if began {
				if len(v.Sent)+len(v.Received) > 0 {
					v = &Conversation{Cut: true}
					all = append(all, v)
				}
				v.Host, v.Port, byNumber[number] = host, port, v
			} else if known := byNumber[number]; known != nil {
				v = known
			}
		case bytes.HasPrefix(line, []byte("=> Send")), bytes.HasPrefix(line, []byte("<= Recv")):
			if want > 0 {
				return nil, short(n + 1)
			}
			title, size, ok := strings.Cut(string(line), ", ")
			size, _, ok2 := strings.Cut(size, " bytes")
			count, err := strconv.Atoi(size)
			if !ok || !ok2 || err != nil || count < 0 {
				return nil, fmt.Errorf("line %d: %.60q: expected the size of a block, as in \"=> Send header, 83 bytes (0x53)\"", n+1, line)
			}
			into, want = &v.Sent, count
			times := &v.SentAt
			if title[0] == '<' {
				into, times = &v.Received, &v.ReceivedAt
			}
			if strings.HasSuffix(title, "SSL data") {
				into, v.TLS = new([]byte), true
				break
			}
			if n := len(*times); n > 0 && at.Before((*times)[n-1].at) { // past midnight
				at = at.AddDate(0, 0, 1)
			}
			*times = times.mark(len(*into)+count, at)
		default:
			if into == nil {
				return nil, fmt.Errorf("line %d: %.60q comes before any block", n+1, line)
			}
			_, data, ok := hexLine(line, usual)
			if !ok || len(data) > 16 || want == 0 {
				return nil, fmt.Errorf("line %d: %.60q: expected at most %d bytes in hexadecimal; --trace-ascii has none", n+1, line, want)
			}
			data = data[:min(len(data), want)] // the text beside them may look like digits
			*into = append(*into, data...)
			want -= len(data)
		}
	}
	if want > 0 {
		return nil, short(len(lines))
	}
	var list []Conversation
	for _, v := range all {
		if len(v.Sent)+len(v.Received) > 0 {
			list = append(list, *v)
		}
	}
	return list, nil
}

// connection reads which connection curl goes on with. One that began has its
// address, as in "Connected to a.example (192.0.2.1) port 80 (#0)" or, from curl
// 8.16 on, "Established connection to a.example (192.0.2.1 port 80)"; one that is
// used again has the number, where curl tells it: "Re-using existing connection #0".
func connection(line string) (host string, port int, number string, began bool) {
	if _, n, ok := strings.Cut(line, "#"); ok {
		number = digits(n)
	}
	for _, words := range []string{"Connected to ", "Established connection to "} {
		if _, rest, ok := strings.Cut(line, words); ok {
			host, rest, _ = strings.Cut(rest, " ")
			_, rest, _ = strings.Cut(rest, "port ")
			port, _ = strconv.Atoi(digits(rest))
			return host, port, number, true
		}
	}
	if !strings.Contains(line, "Re-using existing") {
		number = "none"
	}
	return "", 0, number, false
}

// digits are those that a text begins with.
func digits(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}
