// Gendiagram writes the state diagram of package h1 into the README, from the
// transition table the engine steps by.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/stepwire/stepwire/core/h1"
)

const (
	begin = "<!-- states: written by go generate ./core/h1 -->\n"
	end   = "<!-- end of states -->\n"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatalf("usage: gendiagram README.md (got %d arguments)", len(os.Args)-1)
	}
	old, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	text, err := replace(old)
	if err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
	if bytes.Equal(old, text) {
		return
	}
	if err := os.WriteFile(os.Args[1], text, 0o644); err != nil {
		log.Fatal(err)
	}
}

// replace puts the diagram between its two marks.
func replace(text []byte) ([]byte, error) {
	head, rest, ok := bytes.Cut(text, []byte(begin))
	if !ok {
		return nil, fmt.Errorf("has no line %q", strings.TrimSpace(begin))
	}
	_, tail, ok := bytes.Cut(rest, []byte(end))
	if !ok {
		return nil, fmt.Errorf("has no line %q", strings.TrimSpace(end))
	}
	return bytes.Join([][]byte{head, []byte(begin), diagram(), []byte(end), tail}, nil), nil
}

// diagram draws the table in Mermaid's notation. Close leads from every state
// to Idle; its rows are one line below the drawing.
func diagram() []byte {
	var b bytes.Buffer
	b.WriteString("```mermaid\nstateDiagram-v2\n    direction LR\n")
	id := func(s h1.State) string { return strings.ReplaceAll(s.String(), "-", "_") }
	for _, s := range h1.States() {
		fmt.Fprintf(&b, "    state \"%s\" as %s\n", s, id(s))
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", id(h1.Idle))
	closes := 0
	for _, t := range h1.Transitions() {
		if t.Input == h1.InClose && t.To == h1.Idle {
			closes++
			continue
		}
		fmt.Fprintf(&b, "    %s --> %s: %s\n", id(t.From), id(t.To), t.Input)
	}
	fmt.Fprintf(&b, "```\n\n`%s` leads from each of the %d states to %s.\n", h1.InClose, closes, h1.Idle)
	return b.Bytes()
}
