package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/stepwire/stepwire/core/scenario"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// certificatesVariable names the folder that $CERTS in a scenario stands for.
const certificatesVariable = "CONFORMANCE_CERTS"

var runCommand = command{
	name:    "run",
	usage:   "[--host HOST --port PORT] [--record FILE] CASE.json",
	summary: "perform a scenario's client steps and print what each showed",
	setup: func(flags *flag.FlagSet) func(context.Context, streams, []string) error {
		host := flags.String("host", "", "`HOST` where the scenario's peer listens; without it the peer is played here")
		port := flags.Int("port", 0, "`PORT` of the peer")
		record := flags.String("record", "", "write a recording of the conversation to `FILE`")
		return func(ctx context.Context, s streams, args []string) error {
			if len(args) != 1 {
				return usageError(fmt.Sprintf("expected one scenario file, or - for standard input; got %d arguments", len(args)))
			}
			if (*host == "") != (*port == 0) {
				return usageError("--host and --port belong together")
			}
			if *port < 0 || *port > 65535 {
				return usageError(fmt.Sprintf("--port %d is no port; expected 1 to 65535", *port))
			}
			if err := writable([]string{*record}); err != nil {
				return err
			}
			data, err := readInput(s, args[0], decode.MaxInput)
			if err != nil {
				return err
			}
			doc, err := scenario.Parse(data)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			r := runner{host: *host, port: *port}
			if *record != "" {
				r.log = trace.NewLog(0, nil)
			}
			began := time.Now()
			if *host == "" {
				err = r.play(ctx, s, doc)
			} else {
				err = r.runAgainst(ctx, s, doc)
			}
			if r.log == nil {
				return err
			}
			return errors.Join(err, writeRecording(*record, r.log, began))
		}
	},
}

// runner performs scenarios as the options say.
type runner struct {
	host string
	port int
	log  *trace.Log // nil: nothing is recorded
}

func (r runner) options(host string, port int) scenario.RunOptions {
	options := scenario.RunOptions{Host: host, Port: port, Certificates: os.Getenv(certificatesVariable)}
	if r.log != nil {
		options.Tracer = r.log
	}
	return options
}

// writeRecording writes what a log holds to a file.
func writeRecording(name string, log *trace.Log, began time.Time) error {
	rec, err := recording.FromLog(log.Take(), "stepwire run", began, trace.DefaultLimit)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := rec.Write(&b); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o600)
}

// runAgainst performs the steps against a peer that somebody else plays.
func (r runner) runAgainst(ctx context.Context, s streams, doc *scenario.Doc) error {
	steps, err := doc.RunClient(ctx, r.options(r.host, r.port))
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(scenario.AppendSteps(nil, steps), '\n'))
	return err
}

// play performs the scenario against its own peer, and compares what it showed
// with what was recorded, if anything was.
func (r runner) play(ctx context.Context, s streams, doc *scenario.Doc) error {
	network := &scenario.Network{}
	l, err := network.Listen()
	if err != nil {
		return err
	}
	certificates := scenario.CertificatesIn(os.Getenv(certificatesVariable))
	seen, err := doc.Play(l, &scenario.PeerOptions{Certificate: certificates}, func(host string, port int) ([]scenario.Value, error) {
		options := r.options(host, port)
		options.CreateConnection = network.Dial
		steps, err := doc.RunClient(ctx, options)
		return scenario.Values(steps), err
	})
	if err != nil {
		return err
	}
	answer := scenario.AppendValue(nil, scenario.Object{{Name: "steps", Value: seen.Steps}, {Name: "received", Value: seen.Received}})
	if _, err := s.out.Write(append(answer, '\n')); err != nil {
		return err
	}
	if doc.Expect == nil {
		return nil
	}
	differences := doc.Compare(seen, true)
	for _, difference := range differences {
		fmt.Fprintln(s.err, difference)
	}
	if len(differences) > 0 {
		return fmt.Errorf("%s: %d differences from what %s showed", doc.Name, len(differences), doc.Expect.Oracle)
	}
	return nil
}
