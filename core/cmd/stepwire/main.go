// Command stepwire is the client on the command line.
//
// Usage:
//
//	stepwire COMMAND [options] [arguments]
//
// Exit statuses: 0 done, 1 failed, 2 wrongly called, 130 interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"strings"
	"syscall"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // as shells have it
)

// A command is one subcommand of the program.
type command struct {
	name    string
	usage   string // its arguments
	summary string // one line
	// setup declares the command's options and returns what performs it.
	setup func(flags *flag.FlagSet) func(ctx context.Context, s streams, args []string) error
}

var commands = []command{getCommand, decodeCommand, openCommand, runCommand}

// streams is the standard streams, replaceable in tests.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// usageError is a call that the program does not understand.
type usageError string

func (e usageError) Error() string { return string(e) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	status := dispatch(ctx, streams{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(status)
}

// dispatch performs the command that args name and returns the exit status.
func dispatch(ctx context.Context, s streams, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(s.err, help())
		return exitUsage
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		if len(args) < 2 || args[0] != "help" {
			fmt.Fprint(s.out, help())
			return exitDone
		}
		args = []string{args[1], "--help"}
	case "-version", "--version", "version":
		fmt.Fprintln(s.out, "stepwire", version())
		return exitDone
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.perform(ctx, s, args[1:])
		}
	}
	fmt.Fprintf(s.err, "stepwire: unknown command %q; there are: %s\n", args[0], strings.Join(names(), ", "))
	return exitUsage
}

func (c command) perform(ctx context.Context, s streams, args []string) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	run := c.setup(flags)
	rest, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(s.out, c.help(flags))
		return exitDone
	}
	if err != nil {
		err = usageError(dashed(err.Error()))
	} else {
		err = run(ctx, s, rest)
	}
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(s.err, "stepwire %s: %s\n", c.name, strings.TrimPrefix(err.Error(), c.name+": "))
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintf(s.err, "usage: stepwire %s %s\n\"stepwire %s --help\" tells its options.\n", c.name, c.usage, c.name)
		return exitUsage
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return exitFailed
}

// longOption is where flag names an option of more than a letter.
var longOption = regexp.MustCompile(`^(flag [a-z ]+: |invalid [a-z ]*value .* for (?:flag )?)-([a-z]{2,})`)

// dashed writes such an option in an error of flag as the help does.
func dashed(text string) string { return longOption.ReplaceAllString(text, "$1--$2") }

// parse reads the options wherever they stand, also after the arguments, up to a
// "--"; flag alone would stop at the first argument.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		left := flags.Args()
		if n := len(args) - len(left); len(left) == 0 || n > 0 && args[n-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

func names() []string {
	var list []string
	for _, c := range commands {
		list = append(list, c.name)
	}
	return list
}

func help() string {
	var b strings.Builder
	b.WriteString("stepwire is CPython's http.client, step by step.\n\nusage: stepwire COMMAND [options] [arguments]\n\ncommands:\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-8s %s\n", c.name, c.summary)
	}
	b.WriteString("\n\"stepwire COMMAND --help\" tells a command's options, \"stepwire --version\" which stepwire this is.\n")
	return b.String()
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}

func (c command) help(flags *flag.FlagSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "usage: stepwire %s %s\n\n%s\n", c.name, c.usage, c.summary)
	var rows [][2]string
	width := 0
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			usage += " (default " + f.DefValue + ")"
		}
		option := strings.TrimSpace(dashes + f.Name + " " + value)
		width = max(width, len(option))
		rows = append(rows, [2]string{option, usage})
	})
	if len(rows) > 0 {
		b.WriteString("\noptions:\n")
	}
	for _, row := range rows {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, row[0], row[1])
	}
	return b.String()
}
