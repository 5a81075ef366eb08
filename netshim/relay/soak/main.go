// Command soak holds thousands of connections through a relay of its own on
// loopback, with churn and faults, for a bounded time. It prints how many
// exchanges were lost, which must be none, and the relay's memory beside its
// ceiling, and fails when either is wrong or something is left at the end.
//
//	go run ./netshim/relay/soak -duration 2m -connections 2000
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/internal/child"
)

func main() {
	serve := flag.Bool("serve", false, "be the relay (soak starts itself so)")
	connections := flag.Int("connections", 2000, "connections held at once")
	duration := flag.Duration("duration", 2*time.Minute, "how long; at most an hour")
	pause := flag.Duration("pause", 2*time.Second, "the longest pause of a connection between exchanges")
	flag.Parse()
	if *connections < 1 || *connections > 20000 || *duration <= 0 || *duration > time.Hour {
		fmt.Fprintln(os.Stderr, "soak: want 1 to 20000 connections and a duration up to an hour")
		os.Exit(2)
	}
	var err error
	if *serve {
		err = child.Relay(*connections)
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		err = run(ctx, *connections, *duration, *pause)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// soak is a run.
type soak struct {
	at, slowAt string // the relay, and the relay behind a slow network
	targets    targets
	pause      time.Duration

	open, made, exchanges, bytes, faults, lost atomic.Int64

	mu    sync.Mutex
	first []string // what the first losses were
}

func run(ctx context.Context, connections int, duration, pause time.Duration) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	relay, err := child.Start(exec.Command(exe, "-serve", "-connections", strconv.Itoa(connections)))
	if err != nil {
		return err
	}
	defer relay.Kill()
	s := &soak{at: relay.Addr, pause: pause}
	if s.targets, err = startTargets(); err != nil {
		return err
	}
	if s.slowAt, err = slow(s.at, `{"type":"latency","attributes":{"latency":20,"jitter":20}}`); err != nil {
		return err
	}
	if s.targets.slow, err = slow(s.targets.echo, `{"type":"slicer","attributes":{"average_size":200,"size_variation":100,"delay":10}}`); err != nil {
		return err
	}
	fmt.Printf("%d connections for %v\n", connections, duration)
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	var wg sync.WaitGroup
	// Some are always between two connections.
	for i := range connections + connections/4 {
		wg.Go(func() { s.worker(ctx, i) })
	}
	most, held := s.watch(ctx, relay, start)
	wg.Wait()
	left, err := relay.Finish()
	if err != nil {
		return err
	}
	fmt.Printf("made %d connections, at most %d at once; %d exchanges, %d MiB; %d faults\n",
		s.made.Load(), held, s.exchanges.Load(), s.bytes.Load()>>20, s.faults.Load())
	for _, text := range s.first {
		fmt.Println("lost:", text)
	}
	fmt.Printf("losses: %d\nresident at most: %d MiB, ceiling: %d MiB\nleft in the relay: %s\n", s.lost.Load(), most>>20, relay.Ceiling>>20, left)
	switch {
	case s.lost.Load() > 0:
		return errors.New("exchanges were lost")
	case s.exchanges.Load() == 0:
		return errors.New("nothing was exchanged")
	case most > relay.Ceiling:
		return errors.New("the relay took more memory than its ceiling")
	case left != "nothing":
		return errors.New("the relay kept something")
	}
	return nil
}

// watch prints a line now and then and gives the most memory and connections.
func (s *soak) watch(ctx context.Context, relay *child.Process, start time.Time) (most, held int64) {
	look, tell := time.NewTicker(250*time.Millisecond), time.NewTicker(10*time.Second)
	defer look.Stop()
	defer tell.Stop()
	for {
		select {
		case <-ctx.Done():
			return most, held
		case <-look.C:
			most, held = max(most, relay.RSS()), max(held, s.open.Load())
		case <-tell.C:
			fmt.Printf("%4.0f s: %d open, %d exchanges, %d faults, %d losses, %d MiB resident\n", time.Since(start).Seconds(),
				s.open.Load(), s.exchanges.Load(), s.faults.Load(), s.lost.Load(), relay.RSS()>>20)
		}
	}
}

// worker holds one connection at a time until ctx ends.
func (s *soak) worker(ctx context.Context, i int) {
	rnd := rand.New(rand.NewPCG(uint64(i), 7))
	// Not all in the same moment.
	if !sleep(ctx, time.Duration(rnd.Int64N(int64(s.pause)))) {
		return
	}
	for ctx.Err() == nil {
		s.connection(ctx, rnd)
	}
}

// connection is the life of one connection: some exchanges, then an end.
func (s *soak) connection(ctx context.Context, rnd *rand.Rand) {
	opts := &netshim.DialOptions{Origin: child.Origin}
	switch rnd.IntN(4) {
	case 0:
		opts.NoFlow = true
	case 1:
		opts.Convention = netshim.WSProxy
	}
	at, to, faulty := s.at, s.targets.echo, false
	switch rnd.IntN(20) {
	case 0, 1:
		at = s.slowAt
	case 2, 3:
		to = s.targets.slow
	case 4:
		to, faulty = s.targets.resets, true
	case 5:
		to, faulty = s.targets.refuses, true
	}
	host, port, _ := net.SplitHostPort(to)
	n, _ := strconv.Atoi(port)
	// The run's end must not look like a loss: a dial under way is finished.
	dialing, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := netshim.Dial(dialing, "ws://"+at+"/relay/", host, n, opts)
	if err != nil {
		s.failed(faulty, "dial", err)
		return
	}
	defer c.Close()
	s.made.Add(1)
	s.open.Add(1)
	defer s.open.Add(-1)
	for range 1 + rnd.IntN(10) {
		size := 1 + rnd.IntN(4<<10)
		if rnd.IntN(50) == 0 {
			size = 1 + rnd.IntN(1<<20)
		}
		if rnd.IntN(200) == 0 { // leave in the middle
			s.faults.Add(1)
			c.SetWriteDeadline(time.Now().Add(time.Minute))
			c.Write(make([]byte, size))
			return
		}
		if err := exchange(c, rnd, size); err != nil {
			s.failed(faulty, "exchange of "+strconv.Itoa(size)+" bytes", err)
			return
		}
		s.exchanges.Add(1)
		s.bytes.Add(int64(2 * size))
		if !sleep(ctx, time.Duration(rnd.Int64N(int64(s.pause)))) {
			return
		}
	}
}

func (s *soak) failed(faulty bool, what string, err error) {
	if faulty {
		s.faults.Add(1)
		return
	}
	s.lost.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.first) < 10 {
		s.first = append(s.first, what+": "+err.Error())
	}
}

// exchange sends bytes and wants the same back.
func exchange(c net.Conn, rnd *rand.Rand, size int) error {
	c.SetDeadline(time.Now().Add(time.Minute))
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(rnd.Uint32())
	}
	written := make(chan error, 1)
	go func() {
		_, err := c.Write(out)
		written <- err
	}()
	in := make([]byte, size)
	_, err := io.ReadFull(c, in)
	if werr := <-written; err == nil {
		err = werr
	}
	if err == nil && !bytes.Equal(in, out) {
		err = errors.New("other bytes came back")
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// targets are where connections lead.
type targets struct{ echo, slow, resets, refuses string }

func startTargets() (t targets, err error) {
	if t.echo, err = listen(func(c *net.TCPConn) { io.Copy(c, c) }); err != nil {
		return t, err
	}
	if t.resets, err = listen(func(c *net.TCPConn) {
		c.Read(make([]byte, 512))
		c.SetLinger(0)
	}); err != nil {
		return t, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return t, err
	}
	t.refuses = l.Addr().String()
	return t, l.Close()
}

func listen(handle func(*net.TCPConn)) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				handle(c.(*net.TCPConn))
			}()
		}
	}()
	return l.Addr().String(), nil
}

// slow puts a proxy with a fault, in both directions, before an address.
func slow(to, fault string) (string, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	p := toxiproxy.NewProxy(server, "slow", "127.0.0.1:0", to)
	if err := p.Start(); err != nil {
		return "", err
	}
	for _, stream := range []string{"upstream", "downstream"} {
		text := strings.Replace(fault, "{", `{"name":"`+stream+`","stream":"`+stream+`",`, 1)
		if _, err := p.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			return "", err
		}
	}
	return netip.MustParseAddrPort(p.Listen).String(), nil
}
