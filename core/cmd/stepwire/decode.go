package main

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/recording"
)

var decodeCommand = command{
	name:    "decode",
	usage:   "[--keylog FILE] FILE, or - for standard input",
	summary: "tell what is in a recording, capture, HAR, dump or message",
	setup: func(flags *flag.FlagSet) func(context.Context, streams, []string) error {
		var out outputs
		keyLog := flags.String("keylog", "", "decrypt TLS with the secrets in `FILE` (as SSLKEYLOGFILE has them)")
		out.declare(flags)
		return func(_ context.Context, s streams, args []string) error {
			if len(args) != 1 {
				return usageError(fmt.Sprintf("expected one file, or - for standard input; got %d arguments", len(args)))
			}
			if err := writable(out.files()); err != nil {
				return err
			}
			var keys []byte
			if *keyLog != "" {
				var err error
				if keys, err = readInput(s, *keyLog, decode.MaxInput); err != nil {
					return err
				}
			}
			rec, kind, err := readRecording(s, args[0], decode.Options{KeyLog: keys, Limit: decode.MaxInput})
			if err != nil {
				return err
			}
			if !out.json {
				fmt.Fprintf(s.out, "%s: %s\n", args[0], kind)
				if rec.Lacks != "" {
					fmt.Fprintf(s.out, "%s\n", rec.Lacks)
				}
				fmt.Fprintln(s.out)
			}
			out.keyLogLines = keys
			return out.write(s, rec)
		}
	},
}

// readRecording reads whatever kind of recording a file is.
func readRecording(s streams, name string, options decode.Options) (*recording.Recording, decode.Kind, error) {
	data, err := readInput(s, name, decode.MaxInput)
	if err != nil {
		return nil, "", err
	}
	rec, kind, err := decode.Decode(data, options)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "decode: "))
	}
	return rec, kind, nil
}
