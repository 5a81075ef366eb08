package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/stepwire/stepwire/netshim/policy"
)

// options are what the command line says.
type options struct {
	listen    string
	ops       string
	config    string
	cert, key string
	demo      bool
	ancestors []string
	level     slog.Level
	probe     string
	version   bool

	given []given // policy directives, in order
	bad   error   // what is wrong with one of them
}

// given is a policy directive given as a flag.
type given struct {
	directive *policy.Directive
	value     string
}

// parseFlags reads the command line. A request for help gives flag.ErrHelp,
// after the help was written to out.
func parseFlags(args []string, out io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("netshim", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	own := ownFlags(o, fs)
	for _, d := range policy.Directives {
		fs.Var(&directiveFlag{o, d}, d.Name, d.Help)
	}
	err := fs.Parse(args)
	if o.bad != nil {
		return nil, fmt.Errorf("--%w", o.bad) // says more than package flag's wrapping of it
	}
	if errors.Is(err, flag.ErrHelp) {
		writeHelp(out, own)
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("%q: netshim takes flags only", fs.Arg(0))
	}
	if (o.cert == "") != (o.key == "") {
		return nil, errors.New("--tls-cert and --tls-key belong together: give both or neither")
	}
	return o, nil
}

// help is one entry of the help text.
type help struct{ name, arg, text, def string }

// ownFlags defines the flags that are not policy, and gives their help.
func ownFlags(o *options, fs *flag.FlagSet) []help {
	var list []help
	add := func(name, arg, def, text string) string {
		list = append(list, help{name, arg, text, def})
		return def
	}
	text := func(p *string, name, arg, def, about string) {
		fs.StringVar(p, name, add(name, arg, def, about), about)
	}
	text(&o.listen, "listen", "ADDRESS:PORT", "127.0.0.1:8080", "serve here; an address other than loopback needs token-file, origin and host")
	text(&o.config, "config", "FILE", "", "read policy directives from FILE, one a line: the flags below without their dashes; SIGHUP reads it again")
	text(&o.cert, "tls-cert", "FILE", "", "serve HTTPS with this certificate chain (PEM); SIGHUP reads it again")
	text(&o.key, "tls-key", "FILE", "", "the private key of tls-cert (PEM)")
	text(&o.ops, "ops-listen", "ADDRESS:PORT", "", "serve /metrics, /healthz, /readyz and /debug/pprof/ here; loopback only; off when empty")
	fs.Func("log-level", "", func(v string) error {
		if o.level.UnmarshalText([]byte(v)) != nil {
			return errors.New("want debug, info, warn or error")
		}
		return nil
	})
	add("log-level", "LEVEL", "info", "log to standard error from this level: debug, info, warn or error")
	fs.BoolVar(&o.demo, "demo", true, "")
	add("demo", "=BOOL", "true", "run the demo origin on loopback and allow it: on the ports after that of listen, the second for TLS, or on others where these are taken")
	fs.Func("frame-ancestor", "", func(v string) error { o.ancestors = append(o.ancestors, v); return nil })
	add("frame-ancestor", "SOURCE", "", "let pages of this source show the page in a frame (repeatable)")
	text(&o.probe, "probe", "URL", "", "ask for URL, as in http://127.0.0.1:9090/readyz, and exit 0 when the answer is 200, else 1: a health check for containers without a shell")
	fs.BoolVar(&o.version, "version", false, "")
	add("version", "", "", "print the version and exit")
	return list
}

func writeHelp(w io.Writer, own []help) {
	fmt.Fprint(w, `netshim serves the Stepwire page, its client module, and the relay that lets
them open TCP connections: Wisp at /relay/, wsproxy at /relay/HOST:PORT.

Nothing may be connected to but the demo origin and what is allowed below.

usage: netshim [flags]

`)
	for _, h := range own {
		writeFlag(w, h)
	}
	fmt.Fprint(w, "\nPolicy, as flags or as lines of the config file:\n\n")
	for _, d := range policy.Directives {
		text := d.Help
		if d.List {
			text += " (repeatable)"
		}
		arg := d.Arg
		if d.Bare {
			arg = "=" + arg
		}
		writeFlag(w, help{d.Name, arg, text, d.Default})
	}
	fmt.Fprint(w, `
SIGHUP reads the config file, the tokens and the certificate again; when they
are not right the old ones stay. SIGINT or SIGTERM drains and exits 0; a second
one cuts what is left.

example: netshim --allow 127.0.0.1:9000 --allow example.com:443
`)
}

// writeFlag writes one entry, its text wrapped and indented.
func writeFlag(w io.Writer, h help) {
	sep := " "
	if h.arg == "" || strings.HasPrefix(h.arg, "=") {
		sep = ""
	}
	fmt.Fprintf(w, "  --%s%s%s\n", h.name, sep, h.arg)
	if h.def != "" {
		h.text += " (default " + h.def + ")"
	}
	line := "     "
	for _, word := range strings.Fields(h.text) {
		if len(line)+1+len(word) > 79 {
			fmt.Fprintln(w, line)
			line = "     "
		}
		line += " " + word
	}
	fmt.Fprintln(w, line)
}

// directiveFlag makes a policy directive a flag. The value is tried at once, so
// that an error names the flag.
type directiveFlag struct {
	o *options
	d *policy.Directive
}

func (f *directiveFlag) String() string { return "" }

// IsBoolFlag lets a directive stand without a value, as in --allow-internet.
func (f *directiveFlag) IsBoolFlag() bool { return f.d.Bare }

func (f *directiveFlag) Set(value string) error {
	if f.d.Bare && value == "true" { // what package flag sets for a bare flag
		value = ""
	}
	f.o.given = append(f.o.given, given{f.d, value})
	f.o.bad = f.d.Set(policy.Defaults(), value)
	return f.o.bad
}
