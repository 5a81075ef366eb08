package main

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/stepwire/stepwire/core/scenario"
)

//go:embed driver.py
var driver string

// answerLimit is how long one scenario may take; the steps' own timeouts are far
// shorter, so an interpreter that takes longer waits for what nobody sends.
const answerLimit = 30 * time.Second

// wantedPython is the interpreter whose behaviour the client reproduces.
const wantedPython = "CPython 3.11."

// A python performs scenarios' client steps with CPython's http.client, in one
// long-lived process.
type python struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	version string
}

// startPython starts an interpreter; one that is not CPython 3.11 is an error.
func startPython(program string) (*python, error) {
	p := &python{command: exec.Command(program, "-c", driver)}
	p.command.Stderr = os.Stderr
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", program, err)
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 1<<20)
	greeting, err := p.answer()
	p.version, _ = greeting.(string)
	if err == nil && !strings.HasPrefix(p.version, wantedPython) {
		err = fmt.Errorf("%s is %s; expected CPython 3.11, because later and earlier ones behave differently (--python names another program)", program, p.version)
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// perform is the observations of a scenario's client steps.
func (p *python) perform(client []scenario.Value, host string, port int) ([]scenario.Value, error) {
	task := object("host", host, "port", number(port), "client", client)
	if _, err := p.in.Write(append(scenario.AppendValue(nil, task), '\n')); err != nil {
		return nil, fmt.Errorf("python: %w", err)
	}
	value, err := p.answer()
	if err != nil {
		return nil, err
	}
	steps, ok := value.([]scenario.Value)
	if !ok {
		return nil, errors.New("python: the driver's answer is no list")
	}
	return steps, nil
}

func (p *python) answer() (scenario.Value, error) {
	watchdog := time.AfterFunc(answerLimit, func() { p.command.Process.Kill() })
	line, err := p.out.ReadBytes('\n')
	if !watchdog.Stop() {
		return nil, fmt.Errorf("python: no answer within %v", answerLimit)
	}
	if err != nil {
		return nil, fmt.Errorf("python: the driver ended: %w", err)
	}
	return scenario.ParseValue(line)
}

func (p *python) stop() error {
	p.in.Close()
	return p.command.Wait()
}
