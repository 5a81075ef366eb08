package scenario

import (
	"context"
	"net"
	"testing"

	"github.com/stepwire/stepwire/core"
)

// httpsCases are the cases over TLS, which run once this build has it.
var httpsCases = map[string]bool{
	"https-check-hostname-needs-verify": true,
	"https-close-delimited":             true,
	"https-default-port":                true,
	"https-get":                         true,
	"https-keepalive":                   true,
	"https-tunnel":                      true,
	"https-untrusted":                   true,
	"https-unverified":                  true,
	"https-wrong-name":                  true,
	"https-wrong-name-unchecked":        true,
}

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
	for name := range httpsCases {
		if docs[name] == nil {
			t.Errorf("%s is listed as a case over TLS, but is no case", name)
		}
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			for name, doc := range docs {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					if httpsCases[name] && !HasHTTPS() {
						t.Skip("this build has no TLS yet")
					}
					l, dial := way.open(t)
					playCase(t, doc, l, dial)
				})
			}
		})
	}
}

func playCase(t *testing.T, doc *Doc, l DeadlineListener, dial core.CreateConnection) {
	const certs = corpus + "/certs"
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
