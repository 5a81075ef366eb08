// Command differential compares the client with the machine's own CPython 3.11
// on random scenarios.
//
//	differential [--seed N] [--n N] [--from N] [--shrink=false] [--python PROGRAM] [CASE.json …]
//
// Every scenario is made from the seed and its number alone, so a run can be
// repeated in whole or in part. Each is played over a loopback socket to Python,
// and to the client over a socket or inside the process, in turn. What differs is
// made as small as possible and printed as a scenario with what Python showed as
// its expectation. Files named on the command line are compared instead.
//
// Exit statuses: 0 no difference, 1 some, 2 it could not be told.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/scenario"
)

// attempts is how often a scenario that differs is run again: one that agrees at
// any attempt depends on timing, and is counted apart.
const attempts = 6

func main() {
	seed := flag.Uint64("seed", 1, "makes the scenarios")
	count := flag.Uint64("n", 2000, "how many scenarios")
	from := flag.Uint64("from", 0, "number of the first scenario")
	shrinking := flag.Bool("shrink", true, "make what differs as small as possible")
	program := flag.String("python", "python3", "the interpreter to compare with")
	jobs := flag.Int("jobs", 2, "scenarios at a time")
	limit := flag.Int("limit", 5, "stop after so many differences")
	messages := flag.Bool("messages", true, "compare the messages of errors too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &run{seed: *seed, next: *from, end: *from + *count, shrinking: *shrinking, limit: *limit, messages: *messages}
	if err := r.read(flag.Args()); err != nil {
		fail(err)
	}
	started := time.Now()
	var group sync.WaitGroup
	for range *jobs {
		interpreter, err := startPython(*program)
		if err != nil {
			fail(err)
		}
		r.version = interpreter.version
		group.Go(func() {
			w := worker{run: r, program: *program, python: interpreter}
			if err := w.work(ctx); err != nil {
				fail(err)
			}
			if w.python != nil {
				w.python.stop()
			}
		})
	}
	group.Wait()
	fmt.Printf("%d scenarios against %s in %.0f s: %d differ, %d depend on timing\n",
		r.done, r.version, time.Since(started).Seconds(), r.differing, r.unsteady)
	if r.differing > 0 {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "differential:", err)
	os.Exit(2)
}

// run is what the workers share.
type run struct {
	seed      uint64
	shrinking bool
	messages  bool
	limit     int
	files     []scenario.Object // compared instead of random scenarios, if any
	version   string

	mu                        sync.Mutex
	next, end                 uint64
	done, differing, unsteady int
}

func (r *run) read(paths []string) error {
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		doc, err := scenario.Parse(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		doc.Expect = nil // Python is asked anew
		value, err := scenario.ParseValue(doc.Append(nil))
		if err != nil {
			return err
		}
		r.files = append(r.files, value.(scenario.Object))
	}
	if r.files != nil {
		r.next, r.end = 0, uint64(len(r.files))
	}
	return nil
}

// take is the next scenario and its number, and whether there is one.
func (r *run) take() (scenario.Object, uint64, bool) {
	r.mu.Lock()
	number := r.next
	if number >= r.end || r.differing >= r.limit {
		r.mu.Unlock()
		return nil, 0, false
	}
	r.next++
	r.done++
	r.mu.Unlock()
	if r.files != nil {
		return r.files[number], number, true
	}
	return generate(r.seed, number), number, true
}

// worker compares one scenario at a time with an interpreter of its own.
type worker struct {
	*run
	program string
	python  *python // nil when it has to be started again
}

func (w *worker) work(ctx context.Context) error {
	for ctx.Err() == nil {
		object, number, ok := w.take()
		if !ok {
			return nil
		}
		inside := number%2 == 1
		found, err := w.compare(ctx, object, inside)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("scenario %d: %w\n%s", number, err, scenario.AppendValue(nil, object))
		}
		if found == nil || ctx.Err() != nil {
			continue
		}
		if !w.persists(ctx, object, inside) {
			w.mu.Lock()
			w.unsteady++
			w.mu.Unlock()
			continue
		}
		if w.shrinking {
			smaller := shrink(object, 3000, func(candidate scenario.Object) bool {
				return ctx.Err() == nil && sound(candidate) && w.persists(ctx, candidate, inside)
			})
			if w.persists(ctx, smaller, inside) { // else it has come to depend on timing
				object = smaller
			}
		}
		if ctx.Err() == nil {
			w.report(ctx, object, number, inside)
		}
	}
	return nil
}

// persists reports whether a scenario is valid and differs at every attempt.
func (w *worker) persists(ctx context.Context, object scenario.Object, inside bool) bool {
	for range attempts {
		if found, err := w.compare(ctx, object, inside); err != nil || found == nil {
			return false
		}
	}
	return true
}

func (w *worker) report(ctx context.Context, object scenario.Object, number uint64, inside bool) {
	doc, found, err := w.expect(ctx, object, inside)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.differing++
	way := "over a socket"
	if inside {
		way = "inside the process"
	}
	fmt.Printf("--- scenario %d differs, %s:\n", number, way)
	for _, difference := range found {
		fmt.Println(" ", clip(difference.String()))
	}
	if err != nil {
		fmt.Println("  and then:", err)
		return
	}
	fmt.Printf("%s", doc.Append(nil))
}

func clip(text string) string {
	const most = 2000
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

// compare is the differences between Python and the client on a scenario.
func (w *worker) compare(ctx context.Context, object scenario.Object, inside bool) ([]scenario.Difference, error) {
	_, found, err := w.expect(ctx, object, inside)
	return found, err
}

// expect records what Python shows as the scenario's expectation, and compares.
func (w *worker) expect(ctx context.Context, object scenario.Object, inside bool) (*scenario.Doc, []scenario.Difference, error) {
	doc, err := scenario.FromValue(object)
	if err != nil {
		return nil, nil, err
	}
	l, err := listen()
	if err != nil {
		return nil, nil, err
	}
	if w.python == nil {
		if w.python, err = startPython(w.program); err != nil {
			return nil, nil, err
		}
	}
	client, _ := object.Get("client")
	wanted, err := doc.Play(l, nil, func(host string, port int) ([]scenario.Value, error) {
		return w.python.perform(client.([]scenario.Value), host, port)
	})
	if err != nil {
		w.python.stop()
		w.python = nil
		return nil, nil, err
	}
	if outOfMemory(wanted.Steps) {
		return doc, nil, nil
	}
	expect := scenario.Object{{Name: "steps", Value: wanted.Steps}, {Name: "received", Value: wanted.Received}, {Name: "oracle", Value: w.python.version}}
	if doc, err = scenario.FromValue(append(with(object, "", nil), scenario.Member{Name: "expect", Value: expect})); err != nil {
		return nil, nil, err
	}
	seen, err := playClient(ctx, doc, inside)
	if err != nil {
		return nil, nil, err
	}
	return doc, doc.Compare(seen, w.messages), nil
}

// tooLarge are the messages with which Python refuses a length it cannot make
// room for.
var tooLarge = []string{"", "byte string is too large", "cannot fit 'int' into an index-sized integer", "Python int too large to convert to C ssize_t"}

// outOfMemory reports whether Python failed at a length it made room for. The
// client differs on purpose: its memory follows what arrives.
func outOfMemory(steps []scenario.Value) bool {
	for _, step := range steps {
		step, _ := step.(scenario.Object)
		failure, _ := step.Get("error")
		details, _ := failure.(scenario.Object)
		class, _ := details.Get("type")
		message, _ := details.Get("message")
		text, _ := message.(string)
		if (class == "MemoryError" || class == "OverflowError") && slices.Contains(tooLarge, text) {
			return true
		}
	}
	return false
}

func playClient(ctx context.Context, doc *scenario.Doc, inside bool) (scenario.Observed, error) {
	var dial core.CreateConnection
	var l scenario.DeadlineListener
	var err error
	if inside {
		network := &scenario.Network{}
		l, err = network.Listen()
		dial = network.Dial
	} else {
		l, err = listen()
	}
	if err != nil {
		return scenario.Observed{}, err
	}
	return doc.Play(l, nil, func(host string, port int) ([]scenario.Value, error) {
		steps, err := doc.RunClient(ctx, scenario.RunOptions{Host: host, Port: port, CreateConnection: dial})
		return scenario.Values(steps), err
	})
}

func listen() (scenario.DeadlineListener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}
