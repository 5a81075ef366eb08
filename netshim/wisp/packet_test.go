package wisp

import (
	"bytes"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name string
		msg  string
		want Packet
		err  string // a part of it
	}{
		{"data", "\x02\x01\x02\x03\x04abc", Packet{TypeData, 0x04030201, []byte("abc")}, ""},
		{"empty data", "\x02\x01\x00\x00\x00", Packet{TypeData, 1, []byte{}}, ""},
		{"connect", "\x01\x01\x00\x00\x00\x01\x50\x00a", Packet{TypeConnect, 1, []byte("\x01\x50\x00a")}, ""},
		{"continue on 0", "\x03\x00\x00\x00\x00\x10\x00\x00\x00", Packet{TypeContinue, 0, []byte("\x10\x00\x00\x00")}, ""},
		{"close", "\x04\x01\x00\x00\x00\x02", Packet{TypeClose, 1, []byte("\x02")}, ""},
		{"close on 0", "\x04\x00\x00\x00\x00\x04", Packet{TypeClose, 0, []byte("\x04")}, ""},
		{"info", "\x05\x00\x00\x00\x00\x02\x00", Packet{TypeInfo, 0, []byte("\x02\x00")}, ""},
		{"credit", "\xf8\x01\x00\x00\x00\x00\x00\x01\x00", Packet{TypeCredit, 1, []byte("\x00\x00\x01\x00")}, ""},
		{"fin", "\xf9\x01\x00\x00\x00", Packet{TypeFin, 1, []byte{}}, ""},

		{"nothing", "", Packet{}, "a packet of 0 bytes"},
		{"short header", "\x02\x01\x00\x00", Packet{}, "a packet of 4 bytes"},
		{"type 0", "\x00\x01\x00\x00\x00", Packet{}, "unknown type 0x00 on stream 1"},
		{"type 6", "\x06\x01\x00\x00\x00", Packet{}, "unknown type 0x06"},
		{"twisp resize", "\xf0\x01\x00\x00\x00abcd", Packet{}, "unknown type 0xf0"},
		{"connect without host", "\x01\x01\x00\x00\x00\x01\x50\x00", Packet{}, "CONNECT with a payload of 3 bytes; expected type, port and a host"},
		{"connect on 0", "\x01\x00\x00\x00\x00\x01\x50\x00a", Packet{}, "CONNECT on stream 0"},
		{"data on 0", "\x02\x00\x00\x00\x00a", Packet{}, "DATA on stream 0"},
		{"short continue", "\x03\x01\x00\x00\x00\x01\x00\x00", Packet{}, "CONTINUE with a payload of 3 bytes; expected 4"},
		{"long continue", "\x03\x01\x00\x00\x00\x01\x00\x00\x00\x00", Packet{}, "CONTINUE with a payload of 5 bytes; expected 4"},
		{"close without reason", "\x04\x01\x00\x00\x00", Packet{}, "CLOSE with a payload of 0 bytes; expected 1"},
		{"long close", "\x04\x01\x00\x00\x00\x02\x02", Packet{}, "CLOSE with a payload of 2 bytes"},
		{"info without minor", "\x05\x00\x00\x00\x00\x02", Packet{}, "INFO with a payload of 1 bytes"},
		{"info on 1", "\x05\x01\x00\x00\x00\x02\x00", Packet{}, "INFO on stream 1"},
		{"short credit", "\xf8\x01\x00\x00\x00\x01", Packet{}, "CREDIT with a payload of 1 bytes"},
		{"credit on 0", "\xf8\x00\x00\x00\x00\x01\x00\x00\x00", Packet{}, "CREDIT on stream 0"},
		{"long fin", "\xf9\x01\x00\x00\x00\x00", Packet{}, "FIN with a payload of 1 bytes; expected 0"},
		{"fin on 0", "\xf9\x00\x00\x00\x00", Packet{}, "FIN on stream 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Decode([]byte(c.msg))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v; want an error that says %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Type != c.want.Type || p.Stream != c.want.Stream || !bytes.Equal(p.Payload, c.want.Payload) {
				t.Errorf("got %+v; want %+v", p, c.want)
			}
		})
	}
}

func TestConnectPayload(t *testing.T) {
	for _, c := range []struct {
		name, payload, err string
	}{
		{"name", "\x01\xbb\x01example.org", ""},
		{"IPv6 with zone", "\x01\xbb\x01fe80::1%lo", ""},
		{"not ASCII", "\x01\xbb\x01b\u00fccher.example", ""},
		{"longest host", "\x01\xbb\x01" + strings.Repeat("a", MaxHostLen), ""},
		{"UDP", "\x02\xbb\x01example.org", "UDP"},
		{"terminal", "\x03\xbb\x01example.org", "stream type 0x03"},
		{"port 0", "\x01\x00\x00example.org", "port 0"},
		{"too long", "\x01\xbb\x01" + strings.Repeat("a", MaxHostLen+1), "a host of 256 bytes"},
		{"not UTF-8", "\x01\xbb\x01\xff", `not UTF-8: "\xff"`},
		{"space", "\x01\xbb\x01a b", "space or control"},
		{"line feed", "\x01\xbb\x01a\n", "space or control"},
		{"NUL", "\x01\xbb\x01a\x00", "space or control"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Decode(append(AppendHeader(nil, TypeConnect, 1), c.payload...))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Connect()
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v; want an error that says %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if again := AppendConnect(nil, 1, got.Host, got.Port); string(again[HeaderLen:]) != c.payload {
				t.Errorf("encoded again: %q; want %q", again[HeaderLen:], c.payload)
			}
		})
	}
}

func TestInfo(t *testing.T) {
	for _, c := range []struct {
		name, payload, err string
		ids                string
	}{
		{"none", "\x02\x00", "", ""},
		{"two", "\x02\x01\x01\x00\x00\x00\x00\x04\x02\x00\x00\x00hi", "", "\x01\x04"},
		{"cut head", "\x02\x00\x01\x00\x00\x00", "ends inside an extension's id and length: 4 of 5", ""},
		{"cut data", "\x02\x00\x04\x03\x00\x00\x00hi", "extension 0x04 of 3 bytes; only 2 follow", ""},
		{"huge", "\x02\x00\x04\xff\xff\xff\xffhi", "extension 0x04 of 4294967295 bytes", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Decode(append(AppendHeader(nil, TypeInfo, 0), c.payload...))
			if err != nil {
				t.Fatal(err)
			}
			i, err := p.Info()
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v; want an error that says %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			ids := ""
			for _, e := range i.Extensions {
				ids += string(rune(e.ID))
			}
			if ids != c.ids {
				t.Errorf("extensions %q; want %q", ids, c.ids)
			}
			if again := AppendInfo(nil, i); string(again[HeaderLen:]) != c.payload {
				t.Errorf("encoded again: %q; want %q", again[HeaderLen:], c.payload)
			}
		})
	}
}

func TestFlowMetadata(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       Flow
		known      bool
		err        string
	}{
		{"plain", "\x01\x00\x00\x00\x10\x00\x00\x04\x00\x00", Flow{1 << 20, 1024}, true, ""},
		{"flags and more", "\x01\xff\x00\x00\x10\x00\x00\x04\x00\x00later", Flow{1 << 20, 1024}, true, ""},
		{"version 2", "\x02", Flow{}, false, ""},
		{"empty", "", Flow{}, false, "without metadata"},
		{"short", "\x01\x00\x00", Flow{}, false, "of 3 bytes; expected 10"},
		{"window", "\x01\x00\x00\x00\x00\x80\x00\x04\x00\x00", Flow{}, false, "window of 2147483648"},
		{"tiny packets", "\x01\x00\x00\x00\x10\x00\xff\x03\x00\x00", Flow{}, false, "at most 1023 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, known, err := parseFlow(Extension{ExtFlow, []byte(c.data)})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v; want an error that says %q", err, c.err)
				}
				return
			}
			if err != nil || known != c.known || known && f != c.want {
				t.Errorf("got %+v, %v, %v; want %+v, %v", f, known, err, c.want, c.known)
			}
		})
	}
}

func TestReasonCloseCodes(t *testing.T) {
	for r, code := range map[Reason]int{
		ReasonVoluntary: 1000, ReasonNetworkError: 4003, ReasonRefused: 4068, ReasonBlocked: 4072, 0xFF: 4255,
	} {
		if got := r.CloseCode(); got != code {
			t.Errorf("%v has close code %d; want %d", r, got, code)
		}
		if got, ok := ReasonOf(code); !ok || got != r {
			t.Errorf("close code %d is %v, %v; want %v", code, got, ok, r)
		}
	}
	for _, code := range []int{0, 999, 1001, 1006, 3000, 4000, 4256, 4999} {
		if r, ok := ReasonOf(code); ok {
			t.Errorf("close code %d is %v; want none", code, r)
		}
	}
}

// FuzzDecode: whatever decodes encodes to the same bytes, and no payload
// accessor panics.
func FuzzDecode(f *testing.F) {
	for _, msg := range [][]byte{
		AppendConnect(nil, 1, "example.org", 443),
		AppendData(nil, 1, []byte("GET / HTTP/1.1\r\n\r\n")),
		AppendContinue(nil, 0, 16),
		AppendClose(nil, 7, ReasonRefused),
		AppendInfo(nil, Info{2, 0, []Extension{{ExtOpenConfirm, nil}, DefaultFlow.Extension()}}),
		AppendCredit(nil, 1, 1<<20),
		AppendFin(nil, 1),
		{},
		{2, 0, 0, 0},
	} {
		f.Add(msg)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		p, err := Decode(msg)
		if err != nil {
			return
		}
		var again []byte
		switch p.Type {
		case TypeConnect:
			c, err := p.Connect()
			if err != nil {
				return
			}
			again = AppendConnect(nil, p.Stream, c.Host, c.Port)
		case TypeData:
			again = AppendData(nil, p.Stream, p.Payload)
		case TypeContinue:
			again = AppendContinue(nil, p.Stream, p.Count())
		case TypeClose:
			again = AppendClose(nil, p.Stream, p.Reason())
		case TypeCredit:
			again = AppendCredit(nil, p.Stream, p.Count())
		case TypeFin:
			again = AppendFin(nil, p.Stream)
		case TypeInfo:
			i, err := p.Info()
			if err != nil {
				return
			}
			for _, e := range i.Extensions {
				_, _, _ = parseFlow(e)
			}
			again = AppendInfo(nil, i)
		}
		if !bytes.Equal(again, msg) {
			t.Errorf("%x encoded again: %x", msg, again)
		}
	})
}
