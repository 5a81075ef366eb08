//go:build !js

// Command corpus is the half of the browser's corpus test that is not in the
// browser: it plays the scripted peers and compares what was observed with what
// CPython showed. Its argument is the folder of the certificates that the cases
// name. It reads commands, one a line, and answers each with one line of JSON:
//
//	play FILE      plays the case's peer on a port, {"host", "port"}; the next
//	               line is the browser's {"steps"}, answered as check is
//	check FILE     the next line is the browser's {"steps", "received"} of a case
//	               that it played alone; a list of differences, empty when there
//	               are none
package main

import (
	"bufio"
	"errors"
	"log"
	"net"
	"os"
	"strings"

	"github.com/stepwire/stepwire/core/scenario"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: corpus CERTIFICATES")
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		command, file, err := readCommand(in)
		if err != nil {
			return
		}
		if err := perform(in, command, file, os.Args[1]); err != nil {
			log.Fatalf("corpus: %s %s: %v", command, file, err)
		}
	}
}

func readCommand(in *bufio.Reader) (command, file string, err error) {
	line, err := in.ReadString('\n')
	command, file, _ = strings.Cut(strings.TrimSpace(line), " ")
	return command, file, err
}

func perform(in *bufio.Reader, command, file, certs string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	doc, err := scenario.Parse(data)
	if err != nil {
		return err
	}
	var seen scenario.Observed
	switch command {
	case "play":
		seen, err = play(in, certs, doc)
	case "check":
		seen, err = readObserved(in)
	default:
		err = errors.New("no such command")
	}
	if err != nil {
		return err
	}
	differences := []scenario.Value{}
	for _, d := range doc.Compare(seen, true) {
		differences = append(differences, d.String())
	}
	return answer(differences)
}

func play(in *bufio.Reader, certs string, doc *scenario.Doc) (scenario.Observed, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return scenario.Observed{}, err
	}
	return doc.Play(listener.(*net.TCPListener), &scenario.PeerOptions{Certificate: scenario.CertificatesIn(certs)}, func(host string, port int) ([]scenario.Value, error) {
		if err := answer(scenario.Object{{Name: "host", Value: host}, {Name: "port", Value: scenario.Int(int64(port))}}); err != nil {
			return nil, err
		}
		line, err := in.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		return scenario.ParseSteps(line)
	})
}

func readObserved(in *bufio.Reader) (scenario.Observed, error) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return scenario.Observed{}, err
	}
	value, err := scenario.ParseValue(line)
	if err != nil {
		return scenario.Observed{}, err
	}
	object, _ := value.(scenario.Object)
	steps, _ := object.Get("steps")
	received, _ := object.Get("received")
	list, _ := steps.([]scenario.Value)
	got, _ := received.([]scenario.Value)
	return scenario.Observed{Steps: list, Received: got}, nil
}

func answer(v scenario.Value) error {
	_, err := os.Stdout.Write(append(scenario.AppendValue(nil, v), '\n'))
	return err
}
