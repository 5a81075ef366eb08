package recording_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core/scenario"
	"github.com/stepwire/stepwire/core/trace"
	"github.com/stepwire/stepwire/core/trace/recording"
)

// play performs a scenario inside the process and records it.
func play(t *testing.T, data []byte) *recording.Recording {
	t.Helper()
	doc, err := scenario.Parse(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	network := &scenario.Network{}
	l, err := network.Listen()
	if err != nil {
		t.Fatal(err)
	}
	log := trace.NewLog(0, nil)
	_, err = doc.Play(l, nil, func(host string, port int) ([]scenario.Value, error) {
		steps, err := doc.RunClient(context.Background(), scenario.RunOptions{Host: host, Port: port, CreateConnection: network.Dial, Tracer: log})
		return scenario.Values(steps), err
	})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := recording.FromLog(log.Take(), "test", time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// streams is what went over the wire, and what the calls raised.
func streams(rec *recording.Recording) string {
	var b strings.Builder
	for _, s := range rec.Streams() {
		b.WriteString(s.Dir + " ")
		b.Write(s.All())
		b.WriteByte('\n')
	}
	for _, e := range rec.Events {
		if e.Type == "return" && e.Error != nil {
			b.WriteString(e.Name + " " + e.Error.Name + "\n")
		}
	}
	return b.String()
}

// A recording of a scenario, made a scenario again, plays the same.
func TestRecordingsBecomeScenarios(t *testing.T) {
	files, err := filepath.Glob("../../testdata/conformance/cases/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	converted := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		switch group, _, _ := strings.Cut(name, "-"); group {
		case "example", "keepalive", "read", "readline", "chunked", "error", "putheader", "head":
		default:
			continue // the rest is about what a recording does not hold: hosts, ports, files
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("sleep_ms")) || bytes.Contains(data, []byte("timeout")) || bytes.Contains(data, []byte(`"host": "127`)) {
			continue
		}
		rec := play(t, data)
		if len(rec.Streams()) == 0 {
			continue
		}
		again, err := rec.Scenario(name, "A recording, played again.")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		converted++
		if got, want := streams(play(t, again)), streams(rec); port(got) != port(want) {
			t.Errorf("%s:\n%s\nwant\n%s\nby\n%s", name, got, want, again)
		}
	}
	if converted < 50 {
		t.Errorf("only %d cases were converted", converted)
	}
}

// port hides the port of the Host header, which differs from run to run.
func port(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "Host: ") {
			b.WriteString(line)
		}
	}
	return b.String()
}
