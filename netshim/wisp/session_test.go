package wisp

import (
	"strings"
	"testing"
)

// receive feeds msg and fails the test on an error.
func receive(t *testing.T, s *Session, msg []byte) Input {
	t.Helper()
	in, err := s.Receive(msg)
	if err != nil {
		t.Fatalf("receive %x: %v", msg, err)
	}
	return in
}

func expect(t *testing.T, in Input, kind Kind, stream uint32) {
	t.Helper()
	if in.Kind != kind || in.Stream != stream {
		t.Fatalf("got kind %d on stream %d (%s); want kind %d on stream %d", in.Kind, in.Stream, in.Text, kind, stream)
	}
}

// shake runs the handshake between both, and returns when both are Ready.
func shake(t *testing.T, server, client *Session) {
	t.Helper()
	in := receive(t, client, server.Hello())
	ready := in.Kind == KindReady
	if in.Reply != nil {
		back := receive(t, server, in.Reply)
		expect(t, back, KindReady, 0)
		in = receive(t, client, back.Reply)
		ready = ready || in.Kind == KindReady
	}
	if !ready {
		t.Fatal("the client is not ready")
	}
}

// pair makes both ends after the handshake, and a stream that is open.
func pair(t *testing.T, so, co Options) (server, client *Session, id uint32) {
	t.Helper()
	server, client = NewServer(so), NewClient(co)
	shake(t, server, client)
	id, packet, err := client.Connect("example.org", 80)
	if err != nil {
		t.Fatal(err)
	}
	in := receive(t, server, packet)
	expect(t, in, KindOpen, id)
	if in.Connect != (Connect{TCP, 80, "example.org"}) {
		t.Fatalf("connect %+v", in.Connect)
	}
	if p := server.Opened(id); p != nil {
		expect(t, receive(t, client, p), KindOpened, id)
	}
	return server, client, id
}

func TestNegotiation(t *testing.T) {
	for _, c := range []struct {
		name           string
		server, client Options
		want           Agreed
	}{
		{"version 1", Options{}, Options{}, Agreed{Version: 1}},
		{"version 1 server", Options{}, Options{Version2: true}, Agreed{Version: 1}},
		{"no flow here", Options{Version2: true}, Options{Version2: true, NoFlow: true}, Agreed{Version: 2, Confirms: true}},
		{"no flow there", Options{Version2: true, NoFlow: true, MOTD: "hi"}, Options{Version2: true}, Agreed{Version: 2, Confirms: true, MOTD: "hi"}},
		{"flow", Options{Version2: true, Flow: Flow{5000, 2000}}, Options{Version2: true}, Agreed{Version: 2, Confirms: true, Flow: true, Peer: Flow{5000, 2000}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, client := NewServer(c.server), NewClient(c.client)
			shake(t, server, client)
			if got := client.Agreed(); got != c.want {
				t.Errorf("client agreed to %+v; want %+v", got, c.want)
			}
			if got := server.Agreed(); got.Version != c.want.Version || got.Flow != c.want.Flow || got.Confirms != c.want.Confirms {
				t.Errorf("server agreed to %+v; want %+v", got, c.want)
			}
		})
	}
}

// TestFirstByte: the first packet tells the versions apart, and a client that
// offered no subprotocol gets CONTINUE first.
func TestFirstByte(t *testing.T) {
	if h := NewServer(Options{}).Hello(); string(h) != "\x03\x00\x00\x00\x00\x10\x00\x00\x00" {
		t.Errorf("version 1 starts with %x", h)
	}
	if h := NewServer(Options{Version2: true}).Hello(); h[0] != 0x05 || h[5] != 2 {
		t.Errorf("version 2 starts with %x", h)
	}
}

func TestSessionViolations(t *testing.T) {
	hello := AppendInfo(nil, Info{Major: 2})
	flow := AppendInfo(nil, Info{Major: 2, Extensions: []Extension{DefaultFlow.Extension()}})
	open := AppendConnect(nil, 1, "a", 80)
	for _, c := range []struct {
		name string
		s    *Session
		msgs [][]byte
		err  string
	}{
		{"CONNECT before INFO", NewServer(Options{Version2: true}), [][]byte{open}, "CONNECT on stream 1 is not expected during the handshake"},
		{"INFO of version 1", NewServer(Options{Version2: true}), [][]byte{AppendInfo(nil, Info{Major: 1})}, "version 1; expected 2"},
		{"INFO in version 1", NewServer(Options{}), [][]byte{hello}, "INFO on stream 0 is not expected after the handshake"},
		{"INFO twice", NewServer(Options{Version2: true}), [][]byte{hello, hello}, "INFO on stream 0 is not expected after"},
		{"bad flow", NewServer(Options{Version2: true}), [][]byte{AppendInfo(nil, Info{2, 0, []Extension{{ExtFlow, []byte{1}}}})}, "of 1 bytes; expected 10"},
		{"CONTINUE from a client", NewServer(Options{}), [][]byte{open, AppendContinue(nil, 1, 1)}, "CONTINUE on stream 1 is not expected"},
		{"CONTINUE on 0 from a client", NewServer(Options{}), [][]byte{AppendContinue(nil, 0, 1)}, "CONTINUE on stream 0 is not expected"},
		{"CREDIT in version 1", NewServer(Options{}), [][]byte{open, AppendCredit(nil, 1, 1)}, "CREDIT on stream 1 is not expected without the flow extension"},
		{"FIN without flow", NewServer(Options{Version2: true}), [][]byte{hello, open, AppendFin(nil, 1)}, "FIN on stream 1 is not expected without"},
		{"FIN twice", NewServer(Options{Version2: true}), [][]byte{flow, open, AppendFin(nil, 1), AppendFin(nil, 1)}, "FIN on stream 1 is not expected a second time"},
		{"DATA after FIN", NewServer(Options{Version2: true}), [][]byte{flow, open, AppendFin(nil, 1), AppendData(nil, 1, []byte("x"))}, "DATA on stream 1 is not expected after FIN"},
		{"long DATA", NewServer(Options{Version2: true, Flow: Flow{1 << 20, 1024}}), [][]byte{flow, open, AppendData(nil, 1, make([]byte, 1025))}, "DATA of 1025 bytes; at most 1024"},
		{"too much CREDIT", NewServer(Options{Version2: true}), [][]byte{flow, open, AppendCredit(nil, 1, 1<<31-1)}, "passes 2^31-1"},
		{"short packet", NewServer(Options{}), [][]byte{{2}}, "a packet of 1 bytes"},

		{"CONNECT from a relay", NewClient(Options{}), [][]byte{AppendContinue(nil, 0, 1), open}, "CONNECT on stream 1 is not expected from a relay"},
		{"INFO although version 1", NewClient(Options{}), [][]byte{hello}, "no subprotocol was offered"},
		{"DATA first", NewClient(Options{Version2: true}), [][]byte{AppendData(nil, 1, nil)}, "DATA on stream 1 is not expected during"},
		{"CONTINUE on 1 first", NewClient(Options{Version2: true}), [][]byte{AppendContinue(nil, 1, 1)}, "CONTINUE on stream 1 is not expected during"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, m := range c.msgs {
				in, err := c.s.Receive(m)
				if i < len(c.msgs)-1 {
					if err != nil {
						t.Fatalf("message %d: %v", i, err)
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got %v; want an error that says %q", err, c.err)
				}
				if p, err := Decode(in.Reply); err != nil || p.Type != TypeClose || p.Stream != 0 {
					t.Errorf("reply %x; want CLOSE on stream 0", in.Reply)
				}
			}
			if _, err := c.s.Receive(AppendClose(nil, 1, ReasonVoluntary)); err == nil {
				t.Error("the session goes on")
			}
		})
	}
}

func TestRefusedStreams(t *testing.T) {
	connect := func(kind byte, port byte, host string) []byte {
		return append(append(AppendHeader(nil, TypeConnect, 1), kind, port, 0), host...)
	}
	for _, c := range []struct {
		name   string
		msgs   [][]byte
		reason Reason
		known  bool
		text   string
	}{
		{"UDP", [][]byte{connect(2, 53, "a")}, ReasonInvalid, false, "UDP"},
		{"port 0", [][]byte{connect(1, 0, "a")}, ReasonInvalid, false, "port 0"},
		{"host", [][]byte{connect(1, 80, "a b")}, ReasonInvalid, false, "space"},
		{"duplicate id", [][]byte{connect(1, 80, "a"), connect(1, 80, "a")}, ReasonInvalid, true, "stream 1, which is open"},
		{"too many", [][]byte{AppendConnect(nil, 2, "a", 1), AppendConnect(nil, 3, "a", 1), connect(1, 80, "a")}, ReasonThrottled, false, "more than 2 streams"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewServer(Options{MaxStreams: 2})
			var in Input
			for _, m := range c.msgs {
				in = receive(t, s, m)
			}
			expect(t, in, KindRefused, 1)
			if in.Reason != c.reason || in.Known != c.known || !strings.Contains(in.Text, c.text) {
				t.Errorf("got %v, known %v, %q", in.Reason, in.Known, in.Text)
			}
			if p, err := Decode(in.Reply); err != nil || p.Type != TypeClose || p.Stream != 1 || p.Reason() != c.reason {
				t.Errorf("reply %x", in.Reply)
			}
			// The session goes on, and the id is free.
			if c.name != "too many" {
				expect(t, receive(t, s, AppendConnect(nil, 1, "a", 80)), KindOpen, 1)
			}
		})
	}
}

// TestClosedStreams: packets for a stream that is not open are ignored, and its
// id can be used again.
func TestClosedStreams(t *testing.T) {
	server, client, id := pair(t, Options{Version2: true}, Options{Version2: true})
	closing := server.Close(id, ReasonNetworkError)
	for _, m := range [][]byte{AppendData(nil, id, []byte("x")), AppendCredit(nil, id, 1), AppendFin(nil, id), client.Close(id, ReasonVoluntary)} {
		expect(t, receive(t, server, m), KindNone, 0)
	}
	expect(t, receive(t, client, closing), KindNone, 0)
	if server.Close(id, ReasonVoluntary) != nil || server.Finish(id) != nil || server.Consumed(id, 1<<20) != nil || server.Opened(id) != nil || server.Allow(id, 1) != 0 {
		t.Error("a closed stream still does something")
	}
	expect(t, receive(t, server, AppendConnect(nil, id, "a", 1)), KindOpen, id)
	if n := server.Len(); n != 1 {
		t.Errorf("%d streams; want 1", n)
	}
	again, _, err := client.Connect("a", 1)
	if err != nil || again == id {
		t.Errorf("the client used id %d again (%v)", again, err)
	}
}

func TestFlowCredits(t *testing.T) {
	server, client, id := pair(t,
		Options{Version2: true, Flow: Flow{4000, 1500}},
		Options{Version2: true, Flow: Flow{2500, 2000}})
	// Up: 4000 bytes in packets of 1500.
	for _, want := range []int{1500, 1500, 1000, 0} {
		n := client.Allow(id, 1<<20)
		if n != want {
			t.Fatalf("the client may send %d; want %d", n, want)
		}
		if n > 0 {
			expect(t, receive(t, server, AppendData(nil, id, make([]byte, n))), KindData, id)
		}
	}
	if p := server.Consumed(id, 999); p != nil {
		t.Fatalf("credit %x before a quarter of the window", p)
	}
	p := server.Consumed(id, 1)
	expect(t, receive(t, client, p), KindCredit, id)
	if n := client.Allow(id, 900); n != 900 {
		t.Errorf("the client may send %d", n)
	}
	client.Return(id, 500)
	if n := client.Allow(id, 5000) + client.Allow(id, 5000); n != 600 {
		t.Errorf("the client may send %d of the 600 that are left", n)
	}
	// Down: 2500 bytes in packets of 2000.
	if a, b, c := server.Allow(id, 1<<20), server.Allow(id, 1<<20), server.Allow(id, 1); a != 2000 || b != 500 || c != 0 {
		t.Errorf("the server may send %d, %d, %d", a, b, c)
	}
	// Ends.
	expect(t, receive(t, client, server.Finish(id)), KindFin, id)
	if server.Allow(id, 1) != 0 || server.Finish(id) != nil {
		t.Error("the server finished twice")
	}
	expect(t, receive(t, server, client.Finish(id)), KindFin, id)
	expect(t, receive(t, server, client.Close(id, ReasonVoluntary)), KindClosed, id)
}

func TestFlowOverrun(t *testing.T) {
	server, client, id := pair(t, Options{Version2: true, Flow: Flow{3000, 2000}}, Options{Version2: true, Flow: Flow{3000, 2000}})
	for _, c := range []struct {
		s      *Session
		reason Reason
	}{{server, ReasonThrottled}, {client, ReasonClientError}} {
		expect(t, receive(t, c.s, AppendData(nil, id, make([]byte, 2000))), KindData, id)
		expect(t, receive(t, c.s, AppendData(nil, id, make([]byte, 1000))), KindData, id)
		in := receive(t, c.s, AppendData(nil, id, make([]byte, 1)))
		expect(t, in, KindRefused, id)
		if in.Reason != c.reason || !in.Known || in.Reply == nil {
			t.Errorf("%+v", in)
		}
	}
}

// TestFlowDefaults: each half of what is announced has a default of its own.
func TestFlowDefaults(t *testing.T) {
	for _, c := range []struct{ set, want Flow }{
		{Flow{}, DefaultFlow},
		{Flow{Window: 5000}, Flow{5000, DefaultFlow.MaxData}},
		{Flow{MaxData: 5000}, Flow{DefaultFlow.Window, 5000}},
	} {
		if got := (Options{Flow: c.set}).withDefaults().Flow; got != c.want {
			t.Errorf("%+v becomes %+v, want %+v", c.set, got, c.want)
		}
	}
}

// TestNothingAfterTheEnd: a session that a violation ended takes no more, though
// it be right.
func TestNothingAfterTheEnd(t *testing.T) {
	s := NewServer(Options{})
	if _, err := s.Receive([]byte{2}); err == nil {
		t.Fatal("a packet of 1 byte is taken")
	}
	if in, err := s.Receive(AppendConnect(nil, 1, "a", 80)); err == nil || !strings.Contains(err.Error(), "after the end") || in.Kind == KindOpen {
		t.Errorf("%+v, %v", in, err)
	}
}

// TestEmptyData: empty packets cost no bytes, but packets.
func TestEmptyData(t *testing.T) {
	s := NewServer(Options{Packets: 4})
	receive(t, s, AppendConnect(nil, 1, "a", 1))
	granted := 4
	for i := range 100 {
		if granted == 0 {
			t.Fatalf("no credit after %d empty packets", i)
		}
		in := receive(t, s, AppendData(nil, 1, nil))
		expect(t, in, KindNone, 1)
		if granted--; in.Reply != nil {
			granted = 4
		}
	}
}

// TestPlainServerFinish: without half-close the destination's end is the
// stream's.
func TestPlainServerFinish(t *testing.T) {
	server, client, id := pair(t, Options{}, Options{})
	in := receive(t, client, server.Finish(id))
	expect(t, in, KindClosed, id)
	if in.Reason != ReasonVoluntary || server.Len() != 0 || client.Len() != 0 {
		t.Errorf("%+v, %d and %d streams", in, server.Len(), client.Len())
	}
	if client.Finish(id) != nil {
		t.Error("a plain client has no half-close")
	}
}

// TestPlainClientCredit: CONTINUE resets the counter of packets.
func TestPlainClientCredit(t *testing.T) {
	c := NewClient(Options{PlainMaxData: 10})
	receive(t, c, AppendContinue(nil, 0, 2))
	id, _, err := c.Connect("a", 1)
	if err != nil {
		t.Fatal(err)
	}
	if a, b, n := c.Allow(id, 100), c.Allow(id, 3), c.Allow(id, 3); a != 10 || b != 3 || n != 0 {
		t.Errorf("may send %d, %d, %d; want 10, 3, 0", a, b, n)
	}
	receive(t, c, AppendContinue(nil, id, 1))
	receive(t, c, AppendContinue(nil, id, 1))
	if a, b := c.Allow(id, 1), c.Allow(id, 1); a != 1 || b != 0 {
		t.Errorf("may send %d, %d after CONTINUE; want 1, 0", a, b)
	}
}

func TestGoodbye(t *testing.T) {
	client := NewClient(Options{Version2: true})
	server := NewServer(Options{Version2: true})
	receive(t, client, server.Hello())
	in := receive(t, client, AppendClose(nil, 0, ReasonNeedsPassword))
	expect(t, in, KindGoodbye, 0)
	if in.Reason != ReasonNeedsPassword {
		t.Errorf("reason %v", in.Reason)
	}
	expect(t, receive(t, server, AppendClose(nil, 0, ReasonIncompatible)), KindGoodbye, 0)
	if _, _, err := client.Connect("a", 1); err == nil {
		t.Error("a stream after the end")
	}
}

func TestConnectArguments(t *testing.T) {
	c := NewClient(Options{})
	if _, _, err := c.Connect("a", 1); err == nil {
		t.Error("a stream before the handshake")
	}
	receive(t, c, AppendContinue(nil, 0, 2))
	for _, p := range []int{-1, 0, 65536} {
		if _, _, err := c.Connect("a", p); err == nil || !strings.Contains(err.Error(), "expected 1 to 65535") {
			t.Errorf("port %d: %v", p, err)
		}
	}
	if _, _, err := c.Connect("", 1); err == nil {
		t.Error("an empty host")
	}
}
