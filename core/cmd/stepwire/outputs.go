package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/recording"
	"github.com/stepwire/stepwire/core/trace/show"
)

// outputs are the options that say what becomes of a recording.
type outputs struct {
	json, hex, secrets           bool
	record, har, pcapng, trace   string
	scenario                     string
	curl, python, golang, keyLog string
	keyLogLines                  []byte
}

func (o *outputs) declare(flags *flag.FlagSet) {
	flags.BoolVar(&o.json, "json", false, "print the recording as JSON instead of the steps")
	flags.BoolVar(&o.hex, "hex", false, "print the bytes in hexadecimal besides")
	flags.BoolVar(&o.secrets, "secrets", false, "keep the values of Authorization, Cookie, Set-Cookie and Proxy-Authorization in what is exported")
	flags.StringVar(&o.record, "record", "", "write the recording to `FILE`; one with the values of secret headers needs --secrets")
	flags.StringVar(&o.scenario, "scenario", "", "write a scenario that plays the recording again to `FILE`; with such values, too")
	flags.StringVar(&o.har, "har", "", "write an HTTP Archive (HAR 1.2) to `FILE`")
	flags.StringVar(&o.pcapng, "pcapng", "", "write a packet capture to `FILE`; with --secrets it holds the keys of TLS")
	flags.StringVar(&o.trace, "trace", "", "write what curl --trace would to `FILE`")
	flags.StringVar(&o.curl, "curl", "", "write a curl command to `FILE`")
	flags.StringVar(&o.python, "python", "", "write a program for Python's http.client to `FILE`")
	flags.StringVar(&o.golang, "go", "", "write a Go program to `FILE`")
}

// files gives the names of the files to write, "" for those not asked for.
func (o *outputs) files() []string {
	return []string{o.record, o.scenario, o.har, o.pcapng, o.trace, o.curl, o.python, o.golang, o.keyLog}
}

// writable tells before anything is sent that a file could not be written after.
func writable(names []string) error {
	for _, name := range names {
		if name == "" {
			continue
		}
		if name == "-" {
			return errors.New(`"-": expected the name of a file to write; standard output has the steps, or with --json the recording`)
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder, expected the name of a file to write", name)
		}
		if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: there is no folder %s to write it in", name, filepath.Dir(name))
		}
	}
	return nil
}

// write prints the recording and writes the files asked for.
func (o *outputs) write(s streams, rec *recording.Recording) error {
	opts := export.Options{Secrets: o.secrets}
	var err error
	if o.json {
		err = rec.Write(s.out)
	} else {
		err = show.Text(s.out, rec, show.Options{Color: colorful(s.out), Hex: o.hex})
	}
	if err != nil {
		return err
	}
	var failed []error
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{o.record, func(w io.Writer) error {
			if err := opts.Unchanged(rec, "recording"); err != nil {
				return err
			}
			return rec.Write(w)
		}},
		{o.scenario, func(w io.Writer) error {
			if err := opts.Unchanged(rec, "scenario"); err != nil {
				return err
			}
			data, err := rec.Scenario("recorded", "A recording, played again.")
			if err == nil {
				_, err = w.Write(data)
			}
			return err
		}},
		{o.har, func(w io.Writer) error { return export.HAR(w, rec, opts) }},
		{o.pcapng, func(w io.Writer) error { return export.PCAPNG(w, rec, o.keyLogLines, opts) }},
		{o.trace, func(w io.Writer) error { return export.CurlTrace(w, rec, opts) }},
		{o.keyLog, func(w io.Writer) error { _, err := w.Write(o.keyLogLines); return err }},
		{o.curl, func(w io.Writer) error { return export.Curl(w, rec, opts) }},
		{o.python, func(w io.Writer) error { return export.Python(w, rec, opts) }},
		{o.golang, func(w io.Writer) error { return export.Go(w, rec, opts) }},
	} {
		if f.name == "" {
			continue
		}
		// A file appears whole or not at all, and one that cannot be written does
		// not keep the others from it.
		var b bytes.Buffer
		err := f.write(&b)
		if err == nil {
			err = os.WriteFile(f.name, b.Bytes(), 0o600)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", f.name, err))
		}
	}
	return errors.Join(failed...)
}

// colorful reports a terminal whose user has not asked for no colours
// (https://no-color.org).
func colorful(w io.Writer) bool {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	return terminal(w)
}

// readInput reads a file, or standard input for "-", up to a limit.
func readInput(s streams, name string, limit int) ([]byte, error) {
	in := s.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%s: larger than %d MiB", name, limit>>20)
	}
	return data, nil
}
