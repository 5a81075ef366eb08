//go:build !js || inpage

package bridge

import (
	"context"
	"net"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/scenario"
)

// Servers in the page are in a module of their own, for their size; it is built
// with the tags tls and inpage.
func init() {
	newPeer = startPeer
	clientMethods["runScenario"] = runScenario
}

// runScenario takes the document's JSON text, host, port, peer and certificates,
// and gives JSON text.
func runScenario(b *Bridge, call *call) (any, error) {
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

// scriptedPeer is a scripted server on a network of its own.
type scriptedPeer struct {
	network scenario.Network
	peer    *scenario.Peer
}

// startPeer starts what JSON text describes: by a list a scripted server, by an
// object the demo origin.
func startPeer(text string, files certificates) (inPagePeer, error) {
	value, err := scenario.ParseValue([]byte(text))
	if err != nil {
		return nil, h1.Raise(h1.ErrValueError, "peer: "+err.Error())
	}
	if object, ok := value.(scenario.Object); ok {
		return startDemo(object)
	}
	return startScript(value, files)
}

// startScript starts a scripted server.
func startScript(script scenario.Value, files certificates) (inPagePeer, error) {
	doc, err := scenario.FromValue(scenario.Object{
		{Name: "version", Value: scenario.Int(scenario.Version)}, {Name: "name", Value: "in-page"},
		{Name: "about", Value: "A peer in the page."}, {Name: "peer", Value: script}, {Name: "client", Value: []scenario.Value{}},
	})
	if err != nil {
		return nil, h1.Raise(h1.ErrValueError, err.Error())
	}
	p := &scriptedPeer{}
	listener, err := p.network.Listen()
	if err != nil {
		return nil, err
	}
	p.peer = scenario.StartPeer(doc.Peer, listener, &scenario.PeerOptions{Certificate: files.read})
	return p, nil
}

func (p *scriptedPeer) dial(ctx context.Context, source *core.SourceAddress) (net.Conn, error) {
	return p.network.Dial(ctx, p.peer.Host, p.peer.Port, source)
}

func (p *scriptedPeer) stop() { p.peer.Stop() }
