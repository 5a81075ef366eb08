package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/stepwire/stepwire/core/trace/decode"
)

var decodeCommand = command{
	name:    "decode",
	usage:   "FILE",
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
			data, err := readInput(s, args[0], decode.MaxInput)
			if err != nil {
				return err
			}
			var keys []byte
			if *keyLog != "" {
				if keys, err = os.ReadFile(*keyLog); err != nil {
					return err
				}
			}
			rec, kind, err := decode.Decode(data, decode.Options{KeyLog: keys, Limit: decode.MaxInput})
			if err != nil {
				return err
			}
			if !out.json {
				fmt.Fprintf(s.out, "%s: %s\n\n", args[0], kind)
			}
			out.keyLogLines = keys
			return out.write(s, rec)
		}
	},
}
