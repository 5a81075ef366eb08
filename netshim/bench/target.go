package main

import (
	"fmt"
	"io"
	"net"
	"os"
)

// targets are the addresses that connections lead to.
type targets struct{ source, sink, echo string }

// serveTarget is one of them, in the form of a [child.Process]: it says where it
// is and ends with its standard input.
func serveTarget(name string) error {
	handle, ok := map[string]func(net.Conn){"source": source, "sink": sink, "echo": echo}[name]
	if !ok {
		return fmt.Errorf("a target %q; expected source, sink or echo", name)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr(), 0)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				handle(c)
			}()
		}
	}()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// source sends the bytes of a transfer when it gets one.
func source(c net.Conn) {
	chunk := make([]byte, 1<<20)
	if _, err := c.Read(chunk[:1]); err != nil {
		return
	}
	for range transfer / len(chunk) {
		if _, err := c.Write(chunk); err != nil {
			return
		}
	}
}

// sink answers with one byte when it has got those of a transfer. It reads as
// much at a time as there is, for [io.Discard] alone takes 8 KiB.
func sink(c net.Conn) {
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.LimitReader(c, transfer), make([]byte, 1<<20))
	if err == nil && n == transfer {
		c.Write([]byte{1})
	}
}

func echo(c net.Conn) { io.Copy(c, c) }
