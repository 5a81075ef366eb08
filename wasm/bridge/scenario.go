package bridge

import (
	"context"
	"net"
	"strings"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/scenario"
)

// clientMethods is the table of the client itself.
var clientMethods = map[string]func(*Bridge, *call) (any, error){
	// args: the document's JSON text, host, port, peer, certificates; gives JSON text
	"runScenario": func(b *Bridge, call *call) (any, error) {
		text, files := call.str(0, "doc"), call.certificates(4)
		if call.err != nil {
			return nil, call.err
		}
		doc, err := scenario.Parse([]byte(text))
		if err != nil {
			return nil, h1.Raise(h1.ErrValueError, err.Error())
		}
		switch peer := call.args.at(3); peer {
		case nil, Absent{}:
			return b.runAgainst(call, doc, files)
		case "in-page":
			return runInPage(call.ctx, doc, files)
		}
		return nil, h1.Raise(h1.ErrValueError, `peer must be "in-page" or left out`)
	},
}

// certificates are PEM texts by file name, for scenarios over TLS: a page has no
// files.
type certificates map[string][]byte

// certificates reads an object of PEM texts.
func (c *call) certificates(i int) certificates {
	files := certificates{}
	object, ok := c.args.at(i).(Object)
	if !ok {
		c.wrongUnlessAbsent(i, "certificates", "an object of PEM texts")
	}
	for _, m := range object {
		switch v := m.Value.(type) {
		case string:
			files[m.Key] = []byte(v)
		case []byte:
			files[m.Key] = append([]byte{}, v...)
		default:
			c.wrong(i, "certificates", "an object of PEM texts")
		}
	}
	return files
}

// certificatesFolder is what $CERTS stands for.
const certificatesFolder = "$CERTS"

// read gives a file, whether $CERTS is before its name or not.
func (files certificates) read(name string) ([]byte, error) {
	if text, ok := files[strings.TrimPrefix(name, certificatesFolder+"/")]; ok {
		return text, nil
	}
	return nil, h1.Raise(h1.ErrFileNotFoundError, "[Errno 2] No such file or directory: '"+name+"'")
}

// runAgainst performs a scenario's steps against a peer behind the relay.
func (b *Bridge) runAgainst(call *call, doc *scenario.Doc, files certificates) (any, error) {
	host, port := call.str(1, "host"), call.int(2, "port", 0)
	if call.err != nil {
		return nil, call.err
	}
	steps, err := doc.RunClient(call.ctx, scenario.RunOptions{
		Host: host, Port: port, Certificates: certificatesFolder, ReadFile: files.read,
		CreateConnection: func(ctx context.Context, host string, port int, source *core.SourceAddress) (net.Conn, error) {
			return b.dial(ctx, host, port, source, func(what, detail string) {})
		},
	})
	if err != nil {
		return nil, err
	}
	return string(scenario.AppendSteps(nil, steps)), nil
}

// runInPage performs a scenario with its own peer, both in this program.
func runInPage(ctx context.Context, doc *scenario.Doc, files certificates) (any, error) {
	var network scenario.Network
	listener, err := network.Listen()
	if err != nil {
		return nil, err
	}
	seen, err := doc.Play(listener, &scenario.PeerOptions{Certificate: files.read}, func(host string, port int) ([]scenario.Value, error) {
		steps, err := doc.RunClient(ctx, scenario.RunOptions{
			Host: host, Port: port, Certificates: certificatesFolder, ReadFile: files.read, CreateConnection: network.Dial})
		return scenario.Values(steps), err
	})
	if err != nil {
		return nil, err
	}
	result := scenario.Object{{Name: "steps", Value: seen.Steps}, {Name: "received", Value: seen.Received}}
	return string(scenario.AppendValue(nil, result)), nil
}
