package toolbox

import (
	"bytes"
	"io"

	"github.com/stepwire/stepwire/core/trace/export"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// exportOptions are the options of all formats together.
type exportOptions struct {
	export.Options
	keyLog      []byte // secrets of TLS sessions, in the format of RFC 9850
	conn        int    // number of the transport, for raw; 0: the first
	name, about string // for a scenario
}

// formatNames lists the formats for people.
const formatNames = "har, pcapng, curl-trace, curl, python, go, raw-sent, raw-received, key-log, scenario and recording"

// formats are what a recording can be written as.
var formats = map[string]func(w *bytes.Buffer, rec *recording.Recording, o exportOptions) error{
	"har":        plain(export.HAR),
	"curl-trace": plain(export.CurlTrace),
	"curl":       plain(export.Curl),
	"python":     plain(export.Python),
	"go":         plain(export.Go),
	"pcapng": func(w *bytes.Buffer, rec *recording.Recording, o exportOptions) error {
		return export.PCAPNG(w, rec, o.keyLog, o.Options)
	},
	"raw-sent": func(w *bytes.Buffer, rec *recording.Recording, o exportOptions) error {
		return export.Raw(w, rec, o.conn, "sent", o.Options)
	},
	"raw-received": func(w *bytes.Buffer, rec *recording.Recording, o exportOptions) error {
		return export.Raw(w, rec, o.conn, "received", o.Options)
	},
	"key-log": func(w *bytes.Buffer, _ *recording.Recording, o exportOptions) error {
		return export.KeyLog(w, o.keyLog, o.Options)
	},
	"scenario": func(w *bytes.Buffer, rec *recording.Recording, o exportOptions) error {
		if err := o.Unchanged(rec, "scenario"); err != nil {
			return err
		}
		name, about := o.name, o.about
		if name == "" {
			name = "recorded"
		}
		if about == "" {
			about = "A recording, played again."
		}
		text, err := rec.Scenario(name, about)
		w.Write(text)
		return err
	},
	"recording": func(w *bytes.Buffer, rec *recording.Recording, o exportOptions) error {
		if err := o.Unchanged(rec, "recording"); err != nil {
			return err
		}
		return rec.Write(w)
	},
}

func plain(f func(io.Writer, *recording.Recording, export.Options) error) func(*bytes.Buffer, *recording.Recording, exportOptions) error {
	return func(w *bytes.Buffer, rec *recording.Recording, o exportOptions) error { return f(w, rec, o.Options) }
}
