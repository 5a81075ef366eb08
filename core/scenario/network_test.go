package scenario

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
	"golang.org/x/net/nettest"
)

// connected is the two ends of a connection over a Network.
func connected(t testing.TB) (client, server net.Conn) {
	t.Helper()
	var network Network
	l, err := network.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	host, port := splitAddress(l.Addr())
	if client, err = network.Dial(context.Background(), host, port, nil); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (a, b net.Conn, stop func(), err error) {
		a, b = connected(t)
		return a, b, func() { a.Close(); b.Close() }, nil
	})
}

func TestDialFaults(t *testing.T) {
	var network Network
	l, _ := network.Listen()
	host, port := splitAddress(l.Addr())
	for _, test := range []struct {
		host   string
		port   int
		source *core.SourceAddress
		want   error
	}{
		{host, port, nil, nil},
		{"localhost", port, nil, nil},
		{host, port, &core.SourceAddress{Host: "127.0.0.1"}, nil},
		{host, port, &core.SourceAddress{Host: "192.0.2.1"}, syscall.EADDRNOTAVAIL},
		{host, port + 1, nil, syscall.ECONNREFUSED},
		{"192.0.2.1", port, nil, syscall.ENETUNREACH},
	} {
		conn, err := network.Dial(context.Background(), test.host, test.port, test.source)
		if !errors.Is(err, test.want) {
			t.Errorf("%s:%d: got %v, want %v", test.host, test.port, err, test.want)
		}
		if err == nil {
			conn.Close()
		}
	}
	var unresolved *net.DNSError
	if _, err := network.Dial(context.Background(), "nowhere.example", 80, nil); !errors.As(err, &unresolved) || !unresolved.IsNotFound {
		t.Errorf("an unknown name gives %v", err)
	}
	waiting, err := network.Dial(context.Background(), host, port, nil)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := network.Dial(context.Background(), host, port, nil); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after the listener closed: %v", err)
	}
	if _, err := waiting.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a connection that nobody accepted reads %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed listener accepts with %v", err)
	}
}

func TestAcceptDeadline(t *testing.T) {
	var network Network
	l, _ := network.Listen()
	defer l.Close()
	done := make(chan error)
	go func() {
		_, err := l.Accept()
		done <- err
	}()
	l.SetDeadline(time.Now())
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// readAll is what conn gives until it ends, and how it ends.
func readAll(conn net.Conn) (string, error) {
	data, err := io.ReadAll(conn)
	return string(data), err
}

func TestHalfClose(t *testing.T) {
	client, server := connected(t)
	client.Write([]byte("question"))
	client.(*pairConn).CloseWrite()
	if got, err := readAll(server); got != "question" || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing after CloseWrite: %v", err)
	}
	server.Write([]byte("answer"))
	server.Close()
	if got, err := readAll(client); got != "answer" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReset(t *testing.T) {
	client, server := connected(t)
	server.Write([]byte("last words"))
	server.(*pairConn).SetLinger(0)
	server.Close()
	got, err := readAll(client)
	if got != "last words" || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %q, %v", got, err)
	}
	if n, err := client.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the reset is told once, then %d, %v", n, err)
	}
	if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing after it: %v", err)
	}
}

func TestResetIsToldToWriter(t *testing.T) {
	client, server := connected(t)
	server.(*pairConn).abort()
	if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("first: %v", err)
	}
	if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("then: %v", err)
	}
}

func TestCloseWithUnreadDataResets(t *testing.T) {
	client, server := connected(t)
	client.Write([]byte("never read"))
	server.Close()
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

func TestWriteToClosedEnd(t *testing.T) {
	client, server := connected(t)
	server.Close()
	if n, err := client.Write([]byte("lost")); n != 4 || err != nil {
		t.Errorf("the first write gives %d, %v", n, err)
	}
	if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the second: %v", err)
	}
	if n, err := client.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("reading gives %d, %v", n, err)
	}
	if err := client.(*pairConn).CloseWrite(); !errors.Is(err, syscall.ENOTCONN) {
		t.Errorf("finishing to send to an end that is gone: %v", err)
	}
}

// A reader never sees a part of a write that fits the buffer.
func TestWriteArrivesWhole(t *testing.T) {
	client, server := connected(t)
	want := bytes.Repeat([]byte("x"), 50_000)
	go server.Write(want)
	buffer := make([]byte, 60_000)
	if n, err := client.Read(buffer); n != len(want) || err != nil {
		t.Errorf("got %d bytes, %v", n, err)
	}
}

func TestWriteWaitsForRoom(t *testing.T) {
	client, server := connected(t)
	server.SetWriteDeadline(time.Now())
	server.SetWriteDeadline(time.Time{})
	done := make(chan error)
	data := bytes.Repeat([]byte("0123456789"), pairBuffer/5)
	go func() {
		_, err := server.Write(data)
		done <- errors.Join(err, server.Close())
	}()
	got, err := readAll(client)
	if err != nil || got != string(data) {
		t.Errorf("got %d of %d bytes, %v", len(got), len(data), err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSettle(t *testing.T) {
	client, server := connected(t)
	settled := make(chan error, 1)
	settle := func(pause time.Duration) {
		go func() { settled <- server.(*pairConn).Settle(pause) }()
	}
	begun := time.Now()
	settle(20 * time.Millisecond)
	if err := <-settled; err != nil || time.Since(begun) < 20*time.Millisecond {
		t.Errorf("a pause of 20 ms took %v, %v", time.Since(begun), err)
	}

	server.Write([]byte("ab"))
	settle(0)
	client.Read(make([]byte, 1))
	select {
	case err := <-settled:
		t.Fatalf("settled with a byte unread: %v", err)
	default:
	}
	client.Read(make([]byte, 1))
	if err := <-settled; err != nil {
		t.Error(err)
	}

	settle(time.Hour)
	server.SetWriteDeadline(time.Now())
	if err := <-settled; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("at the deadline: %v", err)
	}
	server.SetWriteDeadline(time.Time{})
	settle(time.Hour)
	client.Close()
	if err := <-settled; !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the other end closed: %v", err)
	}
	server.Close()
	if err := server.(*pairConn).Settle(0); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
