package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/relay"
)

const origin = "http://127.0.0.1"

// runRelay is the child: a relay that says where it is, serves until its
// standard input ends, and then says what is left.
func runRelay(connections int) error {
	settings := policy.Defaults()
	// A place for each, and for what has not been given back yet.
	places := strconv.Itoa(connections + connections/2 + 100)
	if err := settings.ParseFile("soak", strings.Join([]string{
		"allow 127.0.0.0/8:*", "origin " + origin, "max-buffered 64MiB",
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

// relayProcess is the child as the parent sees it.
type relayProcess struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	stdout  *bufio.Reader
	addr    string
	ceiling int64
}

func startRelay(connections int) (*relayProcess, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &relayProcess{cmd: exec.Command(exe, "-serve", "-connections", strconv.Itoa(connections))}
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := p.stdout.ReadString('\n')
	if err == nil {
		_, err = fmt.Sscan(line, &p.addr, &p.ceiling)
	}
	if err == nil {
		_, err = netip.ParseAddrPort(p.addr)
	}
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("starting the relay: %w", err)
	}
	return p, nil
}

// finish ends the relay and gives what it says is left.
func (p *relayProcess) finish() (left string, err error) {
	p.stdin.Close()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the relay's last words: %w", err)
	}
	return strings.TrimSpace(line), p.cmd.Wait()
}

func (p *relayProcess) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

// rss is the relay's resident memory, in bytes; 0 where /proc has none.
func (p *relayProcess) rss() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	var kib int64
	fmt.Sscan(rest, &kib)
	return kib << 10
}
