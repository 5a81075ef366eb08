// Package child runs a relay in a process of its own, so that a load generator
// can measure it: its memory and processor time are then its alone.
package child

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/relay"
)

// Origin is what clients of the relay send.
const Origin = "http://127.0.0.1"

// Relay is the child: a relay to loopback that says where it is, serves until
// its standard input ends, and then says what is left. It has places for so
// many connections, all of one client.
func Relay(connections int) error {
	settings := policy.Defaults()
	// And for what has not been given back yet.
	places := strconv.Itoa(connections + connections/2 + 100)
	if err := settings.ParseFile("child", strings.Join([]string{
		"allow 127.0.0.0/8:*", "origin " + Origin, "max-buffered 64MiB",
		"max-connections " + places, "max-connections-per-client " + places, "max-streams " + places,
		"max-handshakes 1000000", "max-dials " + places, "write-timeout 1m",
	}, "\n")); err != nil {
		return err
	}
	rules, err := settings.Policy(nil, nil)
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(relay.Ceiling(settings.Limits))
	r := relay.New(relay.Rules{
		Settings: settings, Policy: rules, Origins: settings.Origins,
		// Any port: a part of the load comes through a proxy.
		Hosts: allPorts(),
	}, relay.Options{Registry: registry})
	server := &http.Server{Handler: http.StripPrefix("/relay/", r)}
	go server.Serve(r.Limit(l))
	fmt.Println(l.Addr(), relay.Ceiling(settings.Limits))

	io.Copy(io.Discard, os.Stdin)
	left := "nothing"
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if left = gauges(registry, "netshim_websockets", "netshim_streams", "netshim_dials"); left == "nothing" || time.Now().After(deadline) {
			break
		}
	}
	if free := gauges(registry, "netshim_buffer_free_bytes"); left == "nothing" && free != fmt.Sprintf("netshim_buffer_free_bytes %d", settings.Limits.Buffered) {
		left = free
	}
	fmt.Println(left)
	r.Drain(context.Background(), 0)
	return server.Close()
}

// allPorts lists the Host values of loopback for the ports that the system gives
// out by itself.
func allPorts() []policy.HostPort {
	var hosts []policy.HostPort
	for port := 1024; port < 1<<16; port++ {
		hosts = append(hosts, policy.HostPort{Host: "127.0.0.1", Port: uint16(port)})
	}
	return hosts
}

// gauges prints the gauges that are not 0.
func gauges(registry *prometheus.Registry, names ...string) string {
	families, err := registry.Gather()
	if err != nil {
		return err.Error()
	}
	var parts []string
	for _, f := range families {
		for _, name := range names {
			if v := f.GetMetric()[0].GetGauge().GetValue(); f.GetName() == name && v != 0 {
				parts = append(parts, fmt.Sprintf("%s %d", name, int64(v)))
			}
		}
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// A Process is a child as its parent sees it.
type Process struct {
	Addr    string // host:port
	Ceiling int64  // the most memory it says it takes, in bytes; 0: not said

	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
}

// Start starts a program whose first line of output is its address and its
// ceiling, and that ends with its standard input.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdin, p.stdout = stdin, bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := p.stdout.ReadString('\n')
	if err == nil {
		_, err = fmt.Sscan(line, &p.Addr, &p.Ceiling)
	}
	if err == nil {
		_, err = netip.ParseAddrPort(p.Addr)
	}
	if err != nil {
		p.Kill()
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	return p, nil
}

// Finish ends a Relay and gives what it says is left: "nothing", or what.
func (p *Process) Finish() (left string, err error) {
	p.stdin.Close()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the relay's last words: %w", err)
	}
	return strings.TrimSpace(line), p.cmd.Wait()
}

// Kill ends the process at once.
func (p *Process) Kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

// RSS is the resident memory, in bytes; 0 where /proc has none.
func (p *Process) RSS() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	var kib int64
	fmt.Sscan(rest, &kib)
	return kib << 10
}

// CPU is the processor time used by the threads there are; 0 where /proc does
// not tell. The scheduler's own account counts nanoseconds, where
// /proc/PID/stat counts ticks of 10 ms.
func (p *Process) CPU() (sum time.Duration) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		var ns int64
		fmt.Sscan(string(data), &ns)
		sum += time.Duration(ns)
	}
	return sum
}
