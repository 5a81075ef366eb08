// Command bench compares this project's relay with npm's wisp-js: the same Go
// client, the same targets, one run, the two taking turns. Client, relay and each
// target are processes of their own. Only the ratios of a run mean anything.
// Everything is on loopback and bounded.
//
//	npm ci --prefix netshim/peers && go run ./netshim/bench
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stepwire/stepwire/netshim"
	"github.com/stepwire/stepwire/netshim/internal/child"
)

func main() {
	serve := flag.Bool("serve", false, "be the relay (bench starts itself so)")
	target := flag.String("target", "", "be what connections lead to: source, sink or echo (bench starts itself so)")
	dir := flag.String("dir", "netshim/peers", "where wisp-js.mjs and node_modules are")
	rounds := flag.Int("rounds", 7, "rounds, of which medians are taken")
	idle := flag.Int("idle", 1000, "idle connections for the memory measurement")
	file := flag.String("json", "", "write the results to this file, too")
	grow := flag.Bool("growth", false, "measure instead how the relay's work grows with streams and connections")
	worker := flag.String("worker", "", "measure the relay as a Worker instead, beside the native one; netshim/worker is the folder")
	strict := flag.Bool("strict", false, "fail when a goal is missed")
	flag.Parse()
	if *rounds < 1 || *rounds > 100 || *idle < 1 || *idle > 5000 {
		fmt.Fprintln(os.Stderr, "bench: want 1 to 100 rounds and 1 to 5000 idle connections")
		os.Exit(2)
	}
	var err error
	if *serve {
		err = child.Relay(*idle)
	} else if *target != "" {
		err = serveTarget(*target)
	} else {
		err = measure(func(exe string, to targets) error {
			if *grow {
				return growth(exe, to)
			}
			if *worker != "" {
				return runWorker(exe, to, *worker, *rounds, *file)
			}
			return run(exe, to, *dir, *rounds, *idle, *strict, *file)
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

const (
	transfer   = 64 << 20 // bytes moved in a throughput measurement
	roundTrips = 1000     // in a latency measurement
	warming    = 1 << 20  // bytes through a connection before it idles
)

// patience is how long one measurement may take. wisp-js sometimes stops for
// ever in the middle of a download.
const patience = 10 * time.Second

// result is what one relay reached, one value a round.
type result struct {
	stalls                 int
	name                   string
	down, up, cpu, latency []float64 // MB/s, MB/s, ms of processor for transfer bytes, µs
	idle                   float64   // KiB a connection
}

// measure starts what every measurement is made with: this program's path, and
// the targets. Those are processes of their own, as they are in life: they would
// share the client's goroutine scheduler otherwise.
func measure(with func(exe string, to targets) error) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	var to targets
	for name, address := range map[string]*string{"source": &to.source, "sink": &to.sink, "echo": &to.echo} {
		p, err := child.Start(exec.Command(exe, "-target", name))
		if err != nil {
			return err
		}
		defer p.Kill()
		*address = p.Addr
	}
	return with(exe, to)
}

func run(exe string, to targets, dir string, rounds, idle int, strict bool, file string) (err error) {
	starts := []func() *exec.Cmd{
		func() *exec.Cmd { return exec.Command(exe, "-serve", "-idle", strconv.Itoa(idle)) },
		func() *exec.Cmd { return exec.Command("node", filepath.Join(dir, "wisp-js.mjs")) },
	}
	results := []*result{{name: "stepwire"}, {name: "wisp-js"}}
	var relays []*child.Process
	for _, start := range starts {
		p, err := child.Start(start())
		if err != nil {
			return fmt.Errorf("%w (npm ci --prefix %s installs what it needs)", err, dir)
		}
		defer p.Kill()
		relays = append(relays, p)
	}
	for i := range rounds + 1 {
		for j, p := range relays {
			err := results[j].round(p, to, i > 0) // the first warms up
			if errors.Is(err, os.ErrDeadlineExceeded) && results[j].stalls < rounds/2 {
				results[j].stalls++
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", results[j].name, err)
			}
		}
	}
	for j, start := range starts {
		if results[j].idle, err = idleMemory(start(), to.echo, idle); err != nil {
			return fmt.Errorf("%s: %w", results[j].name, err)
		}
	}
	if file != "" {
		if err := write(file, results); err != nil {
			return err
		}
	}
	return report(results[0], results[1], strict)
}

// write writes the results as {relay: {measure: [value of each round]}}.
func write(file string, results []*result) error {
	all := map[string]map[string][]float64{}
	for _, r := range results {
		all[r.name] = map[string][]float64{"down": r.down, "up": r.up, "cpu": r.cpu, "p50": r.latency, "idle": {r.idle}}
	}
	return writeJSON(file, all)
}

func writeJSON(file string, v any) error {
	text, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// round measures one relay once.
func (r *result) round(p *child.Process, to targets, keep bool) error {
	cpu := p.CPU()
	down, err := download(p.Addr, to.source)
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	spent := p.CPU() - cpu
	up, err := upload(p.Addr, to.sink)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	latency, err := latency(p.Addr, to.echo)
	if err != nil {
		return fmt.Errorf("latency: %w", err)
	}
	if keep {
		r.down = append(r.down, transfer/1e6/down.Seconds())
		r.up = append(r.up, transfer/1e6/up.Seconds())
		r.cpu = append(r.cpu, float64(spent.Microseconds())/1e3)
		r.latency = append(r.latency, float64(latency.Nanoseconds())/1e3)
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

func report(ours, theirs *result, strict bool) error {
	missed := 0
	line := func(what, unit string, a, b float64, goal string, met func(ratio float64) bool) {
		ratio := a / b
		verdict := ""
		if goal != "" {
			verdict = "goal " + goal + ": reached"
			if !met(ratio) {
				verdict = "goal " + goal + ": missed"
				missed++
			}
		}
		fmt.Printf("%-34s %10.1f %10.1f %-8s %6.2fx  %s\n", what, a, b, unit, ratio, verdict)
	}
	fmt.Printf("%-34s %10s %10s\n", "", ours.name, theirs.name)
	line("download, 64 MiB", "MB/s", median(ours.down), median(theirs.down), ">= 4x", func(r float64) bool { return r >= 4 })
	line("upload, 64 MiB", "MB/s", median(ours.up), median(theirs.up), "", nil)
	line("relay's processor time, 64 MiB down", "ms", median(ours.cpu), median(theirs.cpu), "<= 0.2x", func(r float64) bool { return r <= 0.2 })
	line("round trip of 128 bytes, p50", "us", median(ours.latency), median(theirs.latency), "", nil)
	line("memory of an idle connection", "KiB", ours.idle, theirs.idle, "<= 40 KiB", func(float64) bool { return ours.idle <= 40 })
	for _, r := range []*result{ours, theirs} {
		if r.stalls > 0 {
			fmt.Printf("%s stalled in %d rounds, which do not count\n", r.name, r.stalls)
		}
	}
	if strict && missed > 0 {
		return fmt.Errorf("%d goals missed", missed)
	}
	return nil
}

func dial(relay, to string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	host, port, err := splitAddress(to)
	if err != nil {
		return nil, err
	}
	c, err := netshim.Dial(ctx, "ws://"+relay+"/relay/", host, port, &netshim.DialOptions{Origin: child.Origin})
	if err != nil {
		return nil, err
	}
	return c, c.SetDeadline(time.Now().Add(patience))
}

func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	return host, port, err
}

func download(relay, source string) (time.Duration, error) {
	c, err := dial(relay, source)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	start := time.Now()
	if _, err := c.Write([]byte{1}); err != nil {
		return 0, err
	}
	n, err := io.Copy(struct{ io.Writer }{io.Discard}, c)
	if err == nil && n != transfer {
		err = fmt.Errorf("%d of %d bytes", n, transfer)
	}
	return time.Since(start), err
}

func upload(relay, sink string) (time.Duration, error) {
	c, err := dial(relay, sink)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	start := time.Now()
	chunk := make([]byte, 1<<20)
	for range transfer / len(chunk) {
		if _, err := c.Write(chunk); err != nil {
			return 0, err
		}
	}
	_, err = io.ReadFull(c, chunk[:1]) // all has arrived
	return time.Since(start), err
}

func latency(relay, echo string) (time.Duration, error) {
	c, err := dial(relay, echo)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	buf := make([]byte, 128)
	all := make([]time.Duration, roundTrips)
	for i := range all {
		start := time.Now()
		if _, err := c.Write(buf); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(c, buf); err != nil {
			return 0, err
		}
		all[i] = time.Since(start)
	}
	slices.Sort(all)
	return all[len(all)/2], nil
}

// idleMemory is what an idle connection costs a fresh relay, in KiB, after it
// has carried something.
func idleMemory(cmd *exec.Cmd, echo string, n int) (float64, error) {
	p, err := child.Start(cmd)
	if err != nil {
		return 0, err
	}
	defer p.Kill()
	// A first connection brings in what is there once.
	warm := func() (net.Conn, error) {
		c, err := dial(p.Addr, echo)
		if err != nil {
			return nil, err
		}
		var wg sync.WaitGroup
		wg.Go(func() { c.Write(make([]byte, warming)) })
		_, err = io.ReadFull(c, make([]byte, warming))
		wg.Wait()
		return c, err
	}
	first, err := warm()
	if err != nil {
		return 0, err
	}
	defer first.Close()
	before := p.RSS()
	for range n {
		c, err := warm()
		if err != nil {
			return 0, err
		}
		defer c.Close()
	}
	return float64(p.RSS()-before) / 1024 / float64(n), nil
}
