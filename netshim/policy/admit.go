package policy

import "errors"

// A Knock is what a request for a WebSocket says of itself, as far as a relay
// judges it.
type Knock struct {
	Method  string
	Host    string   // Host header field
	TLS     bool     // the request came over TLS
	Path    string   // below the relay's mount point, percent-decoding undone
	Origins []string // Origin header fields
}

// A Gate is who may come in and where they may go.
type Gate struct {
	Policy  *Policy
	Tokens  Tokens // none: no token is asked for
	Hosts   []HostPort
	Origins []Origin
}

// Causes are the causes that Admit gives.
var Causes = []string{"method", "host", "token", "origin", "path", "target"}

// Admit judges a request by everything that needs no upgrade and no name
// resolved. An error comes with its cause, one of Causes.
func (g *Gate) Admit(k Knock) (path Path, cause string, err error) {
	if k.Method != "GET" {
		return path, "method", errors.New("method " + k.Method)
	}
	if err := CheckHost(g.Hosts, k.Host, k.TLS); err != nil {
		return path, "host", err
	}
	path, pathErr := ParsePath(k.Path)
	hasToken := g.Tokens.Match(path.Token)
	if !hasToken && (len(g.Tokens) > 0 || path.Token != "") {
		return path, "token", errors.New("no valid token")
	}
	if err := CheckOrigin(g.Origins, k.Origins, hasToken); err != nil {
		return path, "origin", err
	}
	if pathErr != nil {
		return path, "path", pathErr
	}
	if !path.Wisp {
		if err := g.Policy.Check(path.Target); err != nil {
			return path, "target", err
		}
	}
	return path, "", nil
}
