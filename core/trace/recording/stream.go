package recording

// Stream is one direction of one transport, as far as its bytes were kept.
type Stream struct {
	Conn    int
	Dir     string // "sent" or "received"
	Size    int64  // bytes that went over it
	Dropped int64  // bytes that were not kept
	Ended   bool   // the peer ended it
	pieces  []piece
}

type piece struct {
	offset int64
	data   []byte
	t      float64
}

// Slice gives the kept bytes of the range from start to end; complete is false
// when some are missing.
func (s *Stream) Slice(start, end int64) (data []byte, complete bool) {
	at := start
	complete = true
	for _, p := range s.pieces {
		last := p.offset + int64(len(p.data))
		if last <= at || p.offset >= end {
			continue
		}
		if p.offset > at {
			complete = false
			at = p.offset
		}
		to := min(end, last)
		data = append(data, p.data[at-p.offset:to-p.offset]...)
		at = to
	}
	return data, complete && at >= end
}

// All gives all kept bytes.
func (s *Stream) All() []byte {
	data, _ := s.Slice(0, s.Size)
	return data
}

// Streams lists the streams of the recording in the order of their transports,
// sent before received.
func (rec *Recording) Streams() []*Stream {
	var list []*Stream
	find := map[[2]int]*Stream{}
	get := func(conn, dir int) *Stream {
		s := find[[2]int{conn, dir}]
		if s == nil {
			for d, name := range []string{"sent", "received"} {
				n := &Stream{Conn: conn, Dir: name}
				find[[2]int{conn, d}] = n
				list = append(list, n)
			}
			s = find[[2]int{conn, dir}]
		}
		return s
	}
	for i := range rec.Events {
		e := &rec.Events[i]
		var s *Stream
		switch e.Type {
		case "send":
			s = get(e.Conn, 0)
		case "recv":
			s = get(e.Conn, 1)
			s.Ended = s.Ended || e.EOF
		default:
			continue
		}
		s.Size = max(s.Size, e.Offset+e.Size)
		s.Dropped += e.Dropped
		if e.Bytes != nil && len(e.Bytes.B64) > 0 {
			s.pieces = append(s.pieces, piece{e.Offset, e.Bytes.B64, e.T})
		}
	}
	return list
}
