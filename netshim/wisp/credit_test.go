package wisp

import "testing"

// FuzzPlainCredit plays a plain client and a server whose packets take their
// time, in an order that the input chooses: the server must never accuse the
// client, never hold more than twice its window, and never starve it.
func FuzzPlainCredit(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 0}, byte(4))
	f.Add([]byte("send, carry, read, renew: 0123012301230123"), byte(16))
	f.Add([]byte{0, 0, 1, 1, 2, 2, 2, 2, 0, 0, 0, 3, 3, 0, 0, 1, 1, 1, 1, 2}, byte(2))
	f.Fuzz(func(t *testing.T, steps []byte, window byte) {
		n := int(window%32) + 1
		server := NewServer(Options{Packets: n})
		client := NewClient(Options{PlainMaxData: 3})
		mustReceive(t, client, server.Hello())
		id, packet, err := client.Connect("a", 1)
		if err != nil {
			t.Fatal(err)
		}
		mustReceive(t, server, packet)
		var up, down [][]byte // on their way
		var queue []int       // lengths of what the server holds
		bytes := 0            // that were consumed of queue[0]
		step := func(what byte) bool {
			switch what % 4 {
			case 0:
				m := client.Allow(id, int(what>>4)+1)
				if m == 0 {
					return false
				}
				up = append(up, AppendData(nil, id, make([]byte, m)))
			case 1:
				if len(up) == 0 {
					return false
				}
				in := mustReceive(t, server, up[0])
				up = up[1:]
				if in.Kind != KindData {
					t.Fatalf("kind %d (%s) for a client that keeps to its credit", in.Kind, in.Text)
				}
				if queue = append(queue, len(in.Data)); len(queue) > 2*n {
					t.Fatalf("the server holds %d packets; its window is %d", len(queue), n)
				}
			case 2:
				take := int(what>>2)%5 + 1
				total := -bytes
				for _, q := range queue {
					total += q
				}
				if take = min(take, total); take == 0 {
					return false
				}
				if p := server.Consumed(id, take); p != nil {
					down = append(down, p)
				}
				for bytes += take; len(queue) > 0 && bytes >= queue[0]; queue = queue[1:] {
					bytes -= queue[0]
				}
			case 3:
				if len(down) == 0 {
					return false
				}
				mustReceive(t, client, down[0])
				down = down[1:]
			}
			return true
		}
		for _, s := range steps {
			step(s)
		}
		// Let everything arrive and be consumed: the client can send again.
		for step(1) || step(2) || step(3) {
		}
		if !step(0) {
			t.Fatal("nothing is on its way, and the client may not send")
		}
	})
}

// FuzzFlowCredit does the same with byte credits, in both roles.
func FuzzFlowCredit(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 16, 17, 18, 19, 0, 1, 2, 3}, uint16(1), uint16(1024))
	f.Add([]byte("carry on, carry on"), uint16(3000), uint16(2000))
	f.Fuzz(func(t *testing.T, steps []byte, window, most uint16) {
		fl := Flow{Window: uint32(window) + 1, MaxData: uint32(most) + MinMaxData}
		server := NewServer(Options{Version2: true, Flow: fl})
		client := NewClient(Options{Version2: true, Flow: fl})
		in := mustReceive(t, client, server.Hello())
		mustReceive(t, client, mustReceive(t, server, in.Reply).Reply)
		id, packet, err := client.Connect("a", 1)
		if err != nil {
			t.Fatal(err)
		}
		mustReceive(t, server, packet)
		ends := [2]*Session{client, server}
		var way [2][][]byte // packets towards that end
		var held [2]int     // bytes it holds
		step := func(what byte) bool {
			to := int(what>>2) & 1
			from := ends[1-to]
			switch what % 4 {
			case 0:
				m := from.Allow(id, 1+int(what>>3)*100)
				if m == 0 {
					return false
				}
				way[to] = append(way[to], AppendData(nil, id, make([]byte, m)))
			case 1, 3:
				if len(way[to]) == 0 {
					return false
				}
				in := mustReceive(t, ends[to], way[to][0])
				way[to] = way[to][1:]
				if in.Kind == KindRefused {
					t.Fatalf("%s, from a sender that keeps to its credit", in.Text)
				}
				if held[to] += len(in.Data); held[to] > int(fl.Window) {
					t.Fatalf("%d bytes held; the window is %d", held[to], fl.Window)
				}
			case 2:
				take := min(held[to], 1+int(what>>3)*50)
				if take == 0 {
					return false
				}
				held[to] -= take
				if p := ends[to].Consumed(id, take); p != nil {
					way[1-to] = append(way[1-to], p)
				}
			}
			return true
		}
		for _, s := range steps {
			step(s)
		}
		for step(1) || step(5) || step(0xFA) || step(0xFE) {
		}
		if !step(0) || !step(4) {
			t.Fatal("nothing is on its way, and an end may not send")
		}
	})
}

// FuzzSession feeds a server any messages: it must not panic, and must keep
// to its bounds.
func FuzzSession(f *testing.F) {
	var flow []byte
	for _, m := range [][]byte{
		AppendInfo(nil, Info{2, 0, []Extension{DefaultFlow.Extension()}}),
		AppendConnect(nil, 1, "a", 80),
		AppendData(nil, 1, []byte("x")),
		AppendCredit(nil, 1, 100),
		AppendFin(nil, 1),
		AppendClose(nil, 1, ReasonVoluntary),
	} {
		flow = append(append(flow, byte(len(m))), m...)
	}
	f.Add(true, flow)
	f.Add(false, append([]byte{9}, AppendConnect(nil, 1, "a", 80)...))
	f.Fuzz(func(t *testing.T, version2 bool, data []byte) {
		s := NewServer(Options{Version2: version2, MaxStreams: 3})
		for len(data) > 0 {
			n := min(int(data[0]), len(data)-1)
			in, err := s.Receive(data[1 : 1+n])
			data = data[1+n:]
			if err != nil {
				return
			}
			if s.Len() > 3 {
				t.Fatalf("%d streams", s.Len())
			}
			switch in.Kind {
			case KindOpen:
				s.Opened(in.Stream)
			case KindData:
				s.Consumed(in.Stream, len(in.Data))
			case KindFin, KindCredit:
				s.Allow(in.Stream, 100)
				s.Finish(in.Stream)
			}
		}
	})
}

func mustReceive(t *testing.T, s *Session, msg []byte) Input {
	in, err := s.Receive(msg)
	if err != nil {
		t.Fatalf("receive %x: %v", msg, err)
	}
	return in
}

// TestPlainBurst: a client that spends all its credit just before each
// CONTINUE reaches it is within its rights, and does not fill the server.
func TestPlainBurst(t *testing.T) {
	const n = 4
	server, client := NewServer(Options{Packets: n}), NewClient(Options{PlainMaxData: 1})
	mustReceive(t, client, server.Hello())
	id, packet, err := client.Connect("a", 1)
	if err != nil {
		t.Fatal(err)
	}
	mustReceive(t, server, packet)
	held, sent, most := 0, 0, 0
	var down [][]byte
	for range 200 {
		for client.Allow(id, 1) > 0 {
			if in := mustReceive(t, server, AppendData(nil, id, []byte("x"))); in.Kind != KindData {
				t.Fatalf("kind %d (%s) after %d packets", in.Kind, in.Text, sent)
			}
			held++
			sent++
		}
		most = max(most, held)
		for i := 0; i < n/2 && held > 0; i++ {
			held--
			if p := server.Consumed(id, 1); p != nil {
				down = append(down, p)
			}
		}
		if len(down) > 0 {
			mustReceive(t, client, down[0])
			down = down[1:]
		}
	}
	if most > 2*n {
		t.Errorf("the server held %d packets; its window is %d", most, n)
	}
	if sent < 200*n/2-n {
		t.Errorf("only %d packets in 200 rounds", sent)
	}
	// An overrun is one.
	s := NewServer(Options{Packets: n})
	mustReceive(t, s, packet)
	for i := range n + 1 {
		in := mustReceive(t, s, AppendData(nil, id, []byte("x")))
		if over := in.Kind == KindRefused; over != (i == n) {
			t.Errorf("packet %d of %d: kind %d", i+1, n, in.Kind)
		}
	}
}
