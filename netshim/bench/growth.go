package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/internal/child"
)

const (
	growthTrips = 8192 // round trips in a measurement, at least 4 on each connection
	growthBytes = 1 << 10
	growthRuns  = 3
)

// growth prints, in the form of Go's benchmarks, how much processor time the
// relay needs for a round trip on each of n streams of one WebSocket, and on
// each of n connections.
func growth(exe string, to targets) error {
	for _, g := range []struct {
		name   string
		counts []int
		open   func(relay string, n int) (conns []net.Conn, end func(), err error)
	}{
		{"streams_at_once", []int{1, 2, 4, 8, 16, 32, 64, 128}, func(relay string, n int) ([]net.Conn, func(), error) { return openStreams(relay, to.echo, n) }},
		{"connections_at_once", []int{1, 4, 16, 64, 256, 1024, 2048}, func(relay string, n int) ([]net.Conn, func(), error) { return openConnections(relay, to.echo, n) }},
	} {
		// A fresh relay for each: what one leaves in memory is not the other's.
		p, err := child.Start(exec.Command(exe, "-serve", "-idle", strconv.Itoa(slices.Max(g.counts))))
		if err != nil {
			return err
		}
		defer p.Kill()
		for _, n := range g.counts {
			conns, end, err := g.open(p.Addr, n)
			if err == nil {
				err = measureGrowth(p, g.name, conns)
			}
			end()
			if err != nil {
				return fmt.Errorf("%s, %d: %w", g.name, n, err)
			}
		}
	}
	return nil
}

func measureGrowth(p *child.Process, name string, conns []net.Conn) error {
	if err := roundTripEach(conns, 1); err != nil { // what is there once
		return err
	}
	times := max(growthTrips/len(conns), 4)
	for range growthRuns {
		before := p.CPU()
		if err := roundTripEach(conns, times); err != nil {
			return err
		}
		spent := p.CPU() - before
		if spent <= 0 {
			return errors.New("the system does not tell a process's processor time: expected /proc/PID/task/TID/schedstat")
		}
		fmt.Printf("BenchmarkGrowth/%s/%d %d %d ns/op\n", name, len(conns), times, spent.Nanoseconds()/int64(times))
	}
	return nil
}

// roundTripEach does so many round trips on all connections at once.
func roundTripEach(conns []net.Conn, times int) error {
	failed := make([]error, len(conns))
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() {
			buf := make([]byte, growthBytes)
			for range times {
				if _, err := c.Write(buf); err != nil {
					failed[i] = err
					return
				}
				if _, err := io.ReadFull(c, buf); err != nil {
					failed[i] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

func openConnections(relay, to string, n int) (conns []net.Conn, end func(), err error) {
	end = func() { closeAll(conns) }
	for range n {
		c, err := dial(relay, to)
		if err != nil {
			return nil, end, err
		}
		conns = append(conns, c)
		c.SetDeadline(time.Now().Add(time.Minute))
	}
	return conns, end, nil
}

func openStreams(relay, to string, n int) (conns []net.Conn, end func(), err error) {
	end = func() {}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	host, port, err := splitAddress(to)
	if err != nil {
		return nil, end, err
	}
	s, err := netshim.OpenSession(ctx, "ws://"+relay+"/relay/", &netshim.DialOptions{Origin: child.Origin})
	if err != nil {
		return nil, end, err
	}
	end = func() { s.Close() }
	for range n {
		c, err := s.Dial(ctx, host, port)
		if err != nil {
			return nil, end, err
		}
		conns = append(conns, c)
		c.SetDeadline(time.Now().Add(time.Minute))
	}
	return conns, end, nil
}

func closeAll(conns []net.Conn) {
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() { c.Close() })
	}
	wg.Wait()
}
