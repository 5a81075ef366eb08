package bridge

import (
	"context"
	"io/fs"
	"net"
	"strings"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// inPagePeer is a server in this program, which one connection reaches without a
// relay under whatever address it asks for.
type inPagePeer interface {
	dial(ctx context.Context, source *core.SourceAddress) (net.Conn, error)
	stop()
}

// newPeer starts a peer that JSON text describes: a list as the member "peer" of a
// scenario, or an object for the demo origin; nil in a module without servers,
// see scenario.go and demo.go.
var newPeer func(script string, files certificates) (inPagePeer, error)

// The places of the peer and of its certificates among the constructors'
// arguments: JSON text, and PEM texts by file name.
const (
	peerArg         = 10
	certificatesArg = 11
)

// startPeer starts the peer that a page asked for; nil where it asked for none.
func (c *call) startPeer() (inPagePeer, error) {
	switch c.args.at(peerArg) {
	case nil, Absent{}:
		return nil, nil
	}
	text, files := c.str(peerArg, "peer"), c.certificates(certificatesArg)
	if c.err != nil {
		return nil, c.err
	}
	if newPeer == nil {
		return nil, h1.Raise(h1.ErrRuntimeError, "this module has no servers; they are in the one that the build calls stepwire-inpage")
	}
	return newPeer(text, files)
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
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
