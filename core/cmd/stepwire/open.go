package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"strings"

	"github.com/stepwire/stepwire/core/trace/decode"
	"github.com/stepwire/stepwire/core/trace/permalink"
)

var openCommand = command{
	name:    "open",
	usage:   "[--page URL] FILE",
	summary: "print a link that opens a recording's conversation in the page",
	setup: func(flags *flag.FlagSet) func(context.Context, streams, []string) error {
		page := flags.String("page", "http://127.0.0.1:8080/", "`URL` of the page")
		secrets := flags.Bool("secrets", false, "keep the values of Authorization, Cookie, Set-Cookie and Proxy-Authorization")
		bodies := flags.Bool("bodies", false, "keep the bodies of requests")
		return func(_ context.Context, s streams, args []string) error {
			if len(args) != 1 {
				return usageError(fmt.Sprintf("expected one file, or - for standard input; got %d arguments", len(args)))
			}
			if u, err := url.Parse(*page); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
				return usageError(fmt.Sprintf("--page %q: expected a URL that begins http:// or https://", *page))
			}
			rec, kind, err := readRecording(s, args[0], decode.Options{})
			if err != nil {
				return err
			}
			link, err := permalink.FromRecording(rec, permalink.Options{Secrets: *secrets, Bodies: *bodies})
			if err != nil {
				return err
			}
			if len(link.Calls) == 0 {
				return fmt.Errorf("%s: a %s has bytes but no calls, which are what a link holds", args[0], kind)
			}
			fragment, err := permalink.Encode(link)
			if err != nil {
				return err
			}
			if len(fragment) > permalink.Comfortable {
				fmt.Fprintf(s.err, "the link has %d bytes; not every program passes more than %d on\n", len(fragment), permalink.Comfortable)
			}
			if len(link.Left) > 0 {
				fmt.Fprintf(s.err, "left out of the link: %s\n", strings.Join(link.Left, ", "))
			}
			base, _, _ := strings.Cut(*page, "#")
			_, err = fmt.Fprintln(s.out, base+fragment)
			return err
		}
	},
}
