package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/core/scenario"
)

// Every scenario is valid, bounded in time, and the same whenever it is made.
func TestGenerate(t *testing.T) {
	seen := map[string]bool{}
	for number := range uint64(400) {
		object := generate(5, number)
		doc, err := scenario.FromValue(object)
		if err != nil {
			t.Fatalf("scenario %d: %v", number, err)
		}
		if !sound(object) {
			t.Errorf("scenario %d depends on timing:\n%s", number, doc.Append(nil))
		}
		text := doc.Append(nil)
		again, err := scenario.FromValue(generate(5, number))
		if err != nil || !bytes.Equal(text, again.Append(nil)) {
			t.Fatalf("scenario %d is another one the second time", number)
		}
		for _, step := range doc.Client {
			seen[step.Call] = true
		}
	}
	for _, call := range []string{"HTTPConnection", "set_tunnel", "set_debuglevel", "connect", "close", "attributes", "request", "putrequest",
		"putheader", "endheaders", "send", "getresponse", "read", "readinto", "read1", "peek", "readline", "readlines", "iterate",
		"getheader", "getheaders", "isclosed", "closed", "response_close"} {
		if !seen[call] {
			t.Errorf("no scenario calls %s", call)
		}
	}
}

// What is left after shrinking is only what the failure needs.
func TestShrink(t *testing.T) {
	parse := func(text string) scenario.Object {
		value, err := scenario.ParseValue([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return value.(scenario.Object)
	}
	object := parse(`{"version": 1, "name": "n", "about": "a",
		"peer": [{"actions": [{"recv_head": true}, {"send": {"b64": "SFRUUC8xLjEgMjAwIE9LDQoNCnh5eg=="}}]}, {"actions": []}],
		"client": [{"call": "connect"}, {"call": "HTTPConnection", "args": {"host": "$HOST", "port": 80}},
			{"call": "read", "args": {"amt": 1000}}, {"call": "close"}]}`)
	got := shrink(object, 1000, func(candidate scenario.Object) bool {
		doc, err := scenario.FromValue(candidate)
		if err != nil || len(doc.Peer) == 0 {
			return false
		}
		sends := false
		for _, action := range doc.Peer[0] {
			sends = sends || bytes.Contains(action.Bytes, []byte("200"))
		}
		for _, step := range doc.Client {
			amt, _ := step.Args.Get("amt")
			if n, ok := amt.(scenario.Number); ok && n.Float() > 7 {
				return sends
			}
		}
		return false
	})
	want := parse(`{"version": 1, "name": "n", "about": "a", "peer": [{"actions": [{"send": {"b64": "MjAw"}}]}],
		"client": [{"call": "read", "args": {"amt": 8}}]}`)
	if text := string(scenario.AppendValue(nil, got)); text != string(scenario.AppendValue(nil, want)) {
		t.Errorf("shrunk to %s", text)
	}
}

func TestShrinkGivesUp(t *testing.T) {
	tries := 0
	shrink(generate(1, 1), 50, func(scenario.Object) bool { tries++; return false })
	if tries > 50 {
		t.Errorf("%d tries", tries)
	}
}

// A few scenarios hold the client to this machine's Python, where it has the
// right one; `make differential` runs many.
func TestAgainstPython(t *testing.T) {
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Skip("no sockets here")
	} else {
		l.Close()
	}
	interpreter, err := startPython("python3")
	if errors.Is(err, exec.ErrNotFound) || err != nil && strings.Contains(err.Error(), "expected CPython 3.11") {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	w := worker{run: &run{seed: 3, end: 40, limit: 1, shrinking: true, messages: true}, program: "python3", python: interpreter}
	defer func() { w.python.stop() }()
	if err := w.work(context.Background()); err != nil {
		t.Fatal(err)
	}
	if w.done != 40 || w.differing > 0 {
		t.Errorf("%d of 40 scenarios ran, %d differ", w.done, w.differing)
	}
}
