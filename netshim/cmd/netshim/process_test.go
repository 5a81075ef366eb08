package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/relay"
)

// Tests that need the command as a process of its own run the test binary with
// childVariable set.
const (
	childVariable  = "NETSHIM_TEST_CHILD"
	nofileVariable = "NETSHIM_TEST_NOFILE"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if n, err := strconv.ParseUint(os.Getenv(nofileVariable), 10, 64); err == nil {
		limit := syscall.Rlimit{Cur: n, Max: n}
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	main()
}

// process is the command as a child.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
	log *lockedBuffer
}

func spawn(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, log: &lockedBuffer{}}
	p.cmd = exec.Command(exe, args...)
	p.cmd.Env = append(append(os.Environ(), childVariable+"=1"), env...)
	p.cmd.Stderr = p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("no first line: %v; %s", err, p.log)
	}
	_, p.url, _ = strings.Cut(strings.TrimSpace(line), " at ")
	return p
}

func (p *process) dial(ctx context.Context, to net.Addr) (net.Conn, error) {
	tcp := to.(*net.TCPAddr)
	return netshim.Dial(ctx, "ws"+strings.TrimPrefix(p.url, "http")+"relay/", tcp.IP.String(), tcp.Port,
		&netshim.DialOptions{Origin: strings.TrimSuffix(p.url, "/")})
}

// rss is the memory the process has resident now, in bytes.
func (p *process) rss() int64 {
	p.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip("no /proc")
	}
	for _, line := range strings.Split(string(data), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return n << 10
		}
	}
	p.t.Fatal("no VmRSS")
	return 0
}

// cpu is the processor time the process has used.
func (p *process) cpu() time.Duration {
	p.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip("no /proc")
	}
	f := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// serve runs handle for every connection to a listener of its own.
func serve(t *testing.T, handle func(net.Conn)) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
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
	return l.Addr()
}

// Rule 16: whatever clients and targets do, memory stays below the ceiling that
// follows from the limits. Here every stream's target floods, no client reads,
// and every client floods targets that do not read.
func TestRule16MemoryCeiling(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory would be measured")
	}
	const conns, buffered = 200, 16 << 20
	limits := policy.Defaults().Limits
	limits.Buffered = buffered
	limits.Connections, limits.Streams, limits.Dials = conns, conns, conns
	ceiling := relay.Ceiling(limits)
	// What queues bounded by each stream's credit alone could take.
	if unbounded := int64(conns * (2<<20 + 512<<10)); unbounded < 2*ceiling {
		t.Fatalf("the load, %d MiB, could not show anything against a ceiling of %d MiB", unbounded>>20, ceiling>>20)
	}
	p := spawn(t, nil, "--listen", "127.0.0.1:0", "--log-level", "error", "--allow", "127.0.0.1:*",
		"--max-handshakes", "1000", "--max-buffered", "16MiB", "--max-connections", strconv.Itoa(conns), "--max-streams", strconv.Itoa(conns), "--max-dials", strconv.Itoa(conns))
	var down atomic.Int64
	chunk := make([]byte, 1<<20)
	to := serve(t, func(c net.Conn) {
		for {
			n, err := c.Write(chunk)
			down.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var up atomic.Int64
	for range conns {
		c, err := p.dial(ctx, to)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		wg.Go(func() {
			for {
				n, err := c.Write(chunk)
				up.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
	}
	// Until nothing moves any more.
	var most int64
	for before, still := int64(-1), 0; still < 5; time.Sleep(100 * time.Millisecond) {
		now := down.Load() + up.Load()
		if still++; now != before {
			before, still = now, 0
		}
		most = max(most, p.rss())
	}
	t.Logf("%d connections: %d MiB down, %d MiB up in queues; resident %d MiB, ceiling %d MiB", conns, down.Load()>>20, up.Load()>>20, most>>20, ceiling>>20)
	if most > ceiling {
		t.Errorf("%d MiB resident, over the ceiling of %d MiB", most>>20, ceiling>>20)
	}
}

func TestFaultDescriptorsExhausted(t *testing.T) {
	p := spawn(t, []string{nofileVariable + "=48"}, "--listen", "127.0.0.1:0", "--allow", "127.0.0.1:*")
	to := serve(t, func(c net.Conn) { io.Copy(c, c) })
	addr := strings.Trim(strings.TrimPrefix(p.url, "http://"), "/")
	var held []net.Conn
	for range 80 { // more than it has descriptors for; the rest wait in the queue
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	before := p.cpu()
	time.Sleep(time.Second) // what is measured is the processor time of a second
	if spent := p.cpu() - before; spent > 300*time.Millisecond {
		t.Errorf("%v of processor time in a second of waiting for descriptors", spent)
	}
	for _, c := range held {
		c.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		c, err := p.dial(ctx, to)
		if err == nil {
			io.WriteString(c, "back")
			buf := make([]byte, 4)
			if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "back" {
				t.Errorf("after it recovered: %q, %v", buf, err)
			}
			c.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("it does not recover: %v; %s", err, p.log)
		}
	}
}

func TestFaultSignalsUnderLoad(t *testing.T) {
	to := serve(t, func(c net.Conn) { io.Copy(c, c) })
	load := func(p *process) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				buf := make([]byte, 8<<10)
				for ctx.Err() == nil {
					c, err := p.dial(ctx, to)
					if err != nil {
						continue
					}
					for ctx.Err() == nil {
						if _, err := c.Write(buf); err != nil {
							break
						}
						if _, err := io.ReadFull(c, buf); err != nil {
							break
						}
					}
					c.Close()
				}
			})
		}
		return func() { cancel(); wg.Wait() }
	}
	wait := func(p *process) int {
		done := make(chan int)
		go func() {
			p.cmd.Wait()
			done <- p.cmd.ProcessState.ExitCode()
		}()
		select {
		case code := <-done:
			return code
		case <-time.After(time.Minute):
			t.Fatalf("it does not end: %s", p.log)
			return -1
		}
	}
	t.Run("once", func(t *testing.T) {
		p := spawn(t, nil, "--listen", "127.0.0.1:0", "--allow", "127.0.0.1:*", "--drain-timeout", "200ms")
		stop := load(p)
		defer stop()
		p.cmd.Process.Signal(syscall.SIGTERM)
		if code := wait(p); code != 0 {
			t.Errorf("exit code %d: %s", code, p.log)
		}
	})
	t.Run("twice", func(t *testing.T) {
		p := spawn(t, nil, "--listen", "127.0.0.1:0", "--allow", "127.0.0.1:*", "--drain-timeout", "1h")
		stop := load(p)
		defer stop()
		p.cmd.Process.Signal(syscall.SIGTERM)
		for late := time.Now().Add(time.Minute); !strings.Contains(p.log.String(), "draining"); time.Sleep(time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("it does not drain: %s", p.log)
			}
		}
		p.cmd.Process.Signal(syscall.SIGTERM)
		if code := wait(p); code != 0 {
			t.Errorf("exit code %d: %s", code, p.log)
		}
	})
	t.Run("killed and restarted", func(t *testing.T) {
		p := spawn(t, nil, "--listen", "127.0.0.1:0", "--allow", "127.0.0.1:*")
		stop := load(p)
		p.cmd.Process.Kill()
		wait(p)
		stop()
		at := strings.Trim(strings.TrimPrefix(p.url, "http://"), "/")
		again := spawn(t, nil, "--listen", at, "--allow", "127.0.0.1:*")
		c, err := again.dial(t.Context(), to)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	})
}
