package scenario

import (
	"context"
	"net"
	"testing"

	"github.com/stepwire/stepwire/core"
)

// ways are the two transports of the corpus.
var ways = []struct {
	name string
	open func(t *testing.T) (DeadlineListener, core.CreateConnection)
}{
	{"tcp", func(t *testing.T) (DeadlineListener, core.CreateConnection) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l.(*net.TCPListener), nil
	}},
	{"inside", func(t *testing.T) (DeadlineListener, core.CreateConnection) {
		network := &Network{}
		l, err := network.Listen()
		if err != nil {
			t.Fatal(err)
		}
		return l, network.Dial
	}},
}

// Every case shows what CPython showed, messages of errors included, whichever
// transport it goes over.
func TestCorpus(t *testing.T) {
	docs := map[string]*Doc{}
	for name, data := range corpusFiles(t) {
		doc, err := Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		docs[name] = doc
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			for name, doc := range docs {
				t.Run(name, func(t *testing.T) {
					schedule(t, doc)
					l, dial := way.open(t)
					playCase(t, doc, l, dial)
				})
			}
		})
	}
}

// schedule lets a case run beside others. Cases over TLS run before them: a
// handshake in wasm, which has one thread, would make a short timeout pass. They
// are skipped where TLS is left out.
func schedule(t *testing.T, doc *Doc) {
	for _, step := range doc.Client {
		if step.Call != "HTTPSConnection" {
			continue
		}
		if !HasHTTPS() {
			t.Skip("this build has no TLS; the tag tls brings it")
		}
		return
	}
	t.Parallel()
}

func playCase(t *testing.T, doc *Doc, l DeadlineListener, dial core.CreateConnection) {
	certs := certificates()
	seen, err := doc.Play(l, &PeerOptions{Certificate: CertificatesIn(certs)}, func(host string, port int) ([]Value, error) {
		steps, err := doc.RunClient(context.Background(), RunOptions{
			Host: host, Port: port, Certificates: certs, CreateConnection: dial})
		return Values(steps), err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range doc.Compare(seen, true) {
		t.Error(difference)
	}
}
