package bridge

import (
	"context"
	"net"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/scenario"
)

// inPagePeer is a scripted server in this program, which one connection reaches
// without a relay under whatever address it asks for.
type inPagePeer struct {
	network scenario.Network
	peer    *scenario.Peer
}

// The places of the script and of its certificates among the constructors'
// arguments: JSON text, a list as the member "peer" of a scenario, and PEM
// texts by file name.
const (
	peerArg         = 10
	certificatesArg = 11
)

// startPeer starts the peer that a page asked for; nil where it asked for none.
func (c *call) startPeer() (*inPagePeer, error) {
	switch c.args.at(peerArg) {
	case nil, Absent{}:
		return nil, nil
	}
	text, files := c.str(peerArg, "peer"), c.certificates(certificatesArg)
	if c.err != nil {
		return nil, c.err
	}
	script, err := scenario.ParseValue([]byte(text))
	if err != nil {
		return nil, h1.Raise(h1.ErrValueError, "peer: "+err.Error())
	}
	doc, err := scenario.FromValue(scenario.Object{
		{Name: "version", Value: scenario.Int(scenario.Version)}, {Name: "name", Value: "in-page"},
		{Name: "about", Value: "A peer in the page."}, {Name: "peer", Value: script}, {Name: "client", Value: []scenario.Value{}},
	})
	if err != nil {
		return nil, h1.Raise(h1.ErrValueError, err.Error())
	}
	p := &inPagePeer{}
	listener, err := p.network.Listen()
	if err != nil {
		return nil, err
	}
	p.peer = scenario.StartPeer(doc.Peer, listener, &scenario.PeerOptions{Certificate: files.read})
	return p, nil
}

// dial connects to the peer.
func (p *inPagePeer) dial(ctx context.Context, source *core.SourceAddress) (net.Conn, error) {
	return p.network.Dial(ctx, p.peer.Host, p.peer.Port, source)
}
