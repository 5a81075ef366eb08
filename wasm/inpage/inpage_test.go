package inpage

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func started(t *testing.T, faults Faults) *Server {
	t.Helper()
	s, err := Start(faults)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func dialled(t *testing.T, s *Server) net.Conn {
	t.Helper()
	conn, err := s.Dial(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	t.Cleanup(func() { conn.Close() })
	return conn
}

// asked is how a connection answers a request that asks for its end: the pieces
// in which the answer comes, and how it ends.
func asked(t *testing.T, faults Faults) (pieces []string, err error) {
	t.Helper()
	conn := dialled(t, started(t, faults))
	io.WriteString(conn, request)
	buffer := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buffer)
		if n > 0 {
			pieces = append(pieces, string(buffer[:n]))
		}
		if err == io.EOF {
			return pieces, nil
		}
		if err != nil {
			return pieces, err
		}
	}
}

const request = "GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

func whole(t *testing.T) string {
	t.Helper()
	pieces, err := asked(t, Faults{})
	if err != nil || len(pieces) != 1 || !strings.HasPrefix(pieces[0], "HTTP/1.1 200 OK\r\n") {
		t.Fatalf("without faults: %q, %v", pieces, err)
	}
	return pieces[0]
}

func TestPieces(t *testing.T) {
	answer := whole(t)
	pieces, err := asked(t, Faults{PieceSize: 7})
	if err != nil || strings.Join(pieces, "") != answer || len(pieces) != (len(answer)+6)/7 {
		t.Fatalf("got %q, %v", pieces, err)
	}
	for _, piece := range pieces[:len(pieces)-1] {
		if len(piece) != 7 {
			t.Errorf("a piece of %d bytes: %q", len(piece), piece)
		}
	}
}

func TestPause(t *testing.T) {
	answer := whole(t)
	const pause = 15 * time.Millisecond
	begun := time.Now()
	pieces, err := asked(t, Faults{PieceSize: (len(answer) + 2) / 3, Pause: pause})
	if took := time.Since(begun); err != nil || len(pieces) != 3 || took < 3*pause {
		t.Errorf("%d pieces after %v, %v", len(pieces), took, err)
	}
}

// A client that gives up waits for no pause, and neither does the server when it
// is gone.
func TestPauseCanBeAborted(t *testing.T) {
	s := started(t, Faults{Pause: time.Hour})
	conn := dialled(t, s)
	io.WriteString(conn, request)
	conn.SetReadDeadline(time.Now())
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	conn.Close()
	s.Stop() // waits for every connection
}

func TestEarlyEnds(t *testing.T) {
	answer := whole(t)
	for _, test := range []struct {
		end   End
		after int64
		want  string
		err   error
	}{
		{Cut, 0, "", nil},
		{Cut, 20, answer[:20], nil},
		{Cut, int64(len(answer)), answer, nil},
		{Cut, 1 << 40, answer, nil},
		{Reset, 0, "", syscall.ECONNRESET},
		{Reset, 20, answer[:20], syscall.ECONNRESET},
	} {
		for _, size := range []int{0, 8} {
			pieces, err := asked(t, Faults{End: test.end, EndAfter: test.after, PieceSize: size})
			if got := strings.Join(pieces, ""); got != test.want || !errors.Is(err, test.err) {
				t.Errorf("end %d after %d in pieces of %d: got %q, %v; want %q, %v", test.end, test.after, size, got, err, test.want, test.err)
			}
		}
	}
}

func TestSpoiledBytes(t *testing.T) {
	answer := []byte(whole(t))
	for _, size := range []int{0, 1, 8} {
		want := bytes.Clone(answer)
		for i := 6; i < 11; i++ {
			want[i] ^= 0x80
		}
		pieces, err := asked(t, Faults{SpoilAt: 6, SpoilSize: 5, PieceSize: size})
		if got := strings.Join(pieces, ""); got != string(want) || err != nil {
			t.Errorf("in pieces of %d: got %q, %v; want %q", size, got, err, want)
		}
	}
}

// Faults count from the start of each connection.
func TestEachConnectionIsFaulty(t *testing.T) {
	s := started(t, Faults{End: Cut, EndAfter: 8})
	for range 2 {
		conn := dialled(t, s)
		io.WriteString(conn, request)
		if got, err := io.ReadAll(conn); string(got) != "HTTP/1.1" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestSecure(t *testing.T) {
	s := started(t, Faults{PieceSize: 100})
	authority, err := s.Secure("in-page.test")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(authority))
	conn := tls.Client(dialled(t, s), &tls.Config{RootCAs: pool, ServerName: "in-page.test"})
	io.WriteString(conn, request)
	got, err := io.ReadAll(conn)
	if err != nil || string(got) != whole(t) {
		t.Errorf("got %q, %v", got, err)
	}
}
