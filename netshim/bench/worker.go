package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/stepwire/stepwire/netshim/internal/child"
)

// connects is how many connections a round opens, one after the other, for what
// a start costs.
const connects = 30

// held is how many connections are open at once for what one takes in memory.
const held = 40

// started is what connections cost in one relay, one value a round.
type started struct {
	result
	opening, openingCPU []float64 // ms a connection: opened, a byte there and back, closed
}

// runWorker compares the relay as a Worker, on the workerd that dir has, with the
// native one. Where there is no workerd it says so, and measures nothing.
func runWorker(exe string, to targets, dir string, rounds int, file string) error {
	binaries, err := filepath.Glob(filepath.Join(dir, "node_modules/@cloudflare/workerd-*/bin/workerd"))
	if err != nil {
		return err
	}
	if len(binaries) == 0 {
		fmt.Printf("no workerd in %s/node_modules (npm ci --prefix %s installs it, on Linux): the relay as a Worker is not measured\n", dir, dir)
		os.Remove(file) // what an earlier run measured is not this run's
		return nil
	}
	native, err := child.Start(exec.Command(exe, "-serve"))
	if err != nil {
		return err
	}
	defer native.Kill()
	worker, err := startWorker(binaries[0], dir, to)
	if err != nil {
		return err
	}
	defer worker.Kill()
	relays := []*child.Process{native, worker}
	results := []*started{{result: result{name: "stepwire"}}, {result: result{name: "worker"}}}
	for i := range rounds + 1 {
		for j, p := range relays {
			if err := results[j].round(p, to, i > 0); err != nil { // the first warms up
				return fmt.Errorf("%s: %w", results[j].name, err)
			}
			if err := results[j].start(p, to.echo, i > 0); err != nil {
				return fmt.Errorf("%s: start: %w", results[j].name, err)
			}
		}
	}
	memory, err := memoryOf(worker, to.echo)
	if err != nil {
		return fmt.Errorf("idle connections: %w", err)
	}
	all := map[string]map[string][]float64{}
	fmt.Printf("%-34s %10s %10s\n", "", "native", "Worker")
	for _, r := range results {
		all[r.name] = map[string][]float64{
			"down": r.down, "up": r.up, "cpu": r.cpu, "p50": r.latency, "start": r.opening, "startCPU": r.openingCPU,
		}
	}
	for _, line := range []struct{ what, unit, key string }{
		{"download, 64 MiB", "MB/s", "down"}, {"upload, 64 MiB", "MB/s", "up"},
		{"processor time, 64 MiB down", "ms", "cpu"}, {"round trip of 128 bytes, p50", "us", "p50"},
		{"a connection", "ms", "start"}, {"a connection's processor time", "ms", "startCPU"},
	} {
		a, b := median(all["stepwire"][line.key]), median(all["worker"][line.key])
		fmt.Printf("%-34s %10.1f %10.1f %-8s %6.2fx\n", line.what, a, b, line.unit, b/a)
	}
	fmt.Printf("%-34s %10s %10.1f MiB\n", "an idle connection", "", memory)
	all["worker"]["idle"] = []float64{memory}
	if file == "" {
		return nil
	}
	return writeJSON(file, all)
}

// memoryOf is what an idle connection that has carried something takes, in MiB.
func memoryOf(p *child.Process, echo string) (float64, error) {
	before := p.RSS()
	buf := make([]byte, 64<<10)
	for range held {
		c, err := dial(p.Addr, echo)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		if _, err := c.Write(buf); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(c, buf); err != nil {
			return 0, err
		}
	}
	return float64(p.RSS()-before) / (1 << 20) / held, nil
}

// startWorker serves the built Worker, of which workerd.capnp knows the place.
func startWorker(workerd, dir string, to targets) (*child.Process, error) {
	// The relay has to know its own name before it runs.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	host := free.Addr().String()
	free.Close()
	// The shell says the address, and then is workerd.
	cmd := exec.Command("/bin/sh", "-c", `echo "$1" 0; shift; exec "$@" >&2`, "sh",
		host, workerd, "serve", "--socket-addr=http="+host, filepath.Join(dir, "workerd.capnp"))
	cmd.Env = append(os.Environ(), "LOCAL=true", "LOG_LEVEL=warn", "HOST="+host, "ORIGIN="+child.Origin,
		"ALLOW="+strings.Join([]string{to.source, to.sink, to.echo}, " "))
	p, err := child.Start(cmd)
	if err != nil {
		return nil, err
	}
	for late := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", host)
		if err == nil {
			c.Close()
			return p, nil
		}
		if time.Now().After(late) {
			p.Kill()
			return nil, errors.Join(errors.New("workerd does not listen (make worker builds what it serves)"), err)
		}
	}
}

// start opens connections one after the other, each with one byte there and back.
func (s *started) start(p *child.Process, echo string, keep bool) error {
	spent, begun := p.CPU(), time.Now()
	for range connects {
		c, err := dial(p.Addr, echo)
		if err != nil {
			return err
		}
		_, err = c.Write([]byte{1})
		if err == nil {
			_, err = io.ReadFull(c, make([]byte, 1))
		}
		c.Close()
		if err != nil {
			return err
		}
	}
	if keep {
		s.opening = append(s.opening, float64(time.Since(begun).Microseconds())/1e3/connects)
		s.openingCPU = append(s.openingCPU, float64((p.CPU()-spent).Microseconds())/1e3/connects)
	}
	return nil
}
