// Command netshim serves the page, the client module, the relay and the demo
// origin from one executable. See --help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	os.Exit(run(os.Args[1:], signals, os.Stdout, os.Stderr))
}

// run is the command, with its exit code: 0 after an orderly end, 1 when it
// could not run, 2 for a command line or policy that is not right.
func run(args []string, signals <-chan os.Signal, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "netshim: %v\nnetshim --help lists the flags.\n", err)
		return 2
	case o.version:
		fmt.Fprintln(stdout, "netshim", version())
		return 0
	case o.probe != "":
		return probe(o.probe, stderr)
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: o.level}))
	s, err := start(o, log)
	if err != nil {
		fmt.Fprintf(stderr, "netshim: %v\n", err)
		var setup *setupError
		if errors.As(err, &setup) {
			return 2
		}
		return 1
	}
	fmt.Fprint(stdout, s.places())
	return s.serve(signals)
}

// setupError is a start that failed because of what the operator said.
type setupError struct{ error }

func (e *setupError) Unwrap() error { return e.error }

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return info.Main.Version + " " + s.Value
		}
	}
	return info.Main.Version
}

// probe is the health check of a container without a shell.
func probe(url string, stderr io.Writer) int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		fmt.Fprintf(stderr, "netshim: --probe: %v\n", err)
		return 2
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Fprintf(stderr, "netshim: --probe: %v\n", err)
		return 1
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		fmt.Fprintf(stderr, "netshim: --probe: %s\n", res.Status)
		return 1
	}
	return 0
}
