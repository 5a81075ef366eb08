package policy

import (
	"fmt"
	"strings"
)

// A Path is the part of a relay URL below its mount point.
type Path struct {
	Token  string // "" when there is none
	Wisp   bool   // the path ends in a slash
	Target Target // for wsproxy
}

// ParsePath parses, percent-decoding already undone:
//
//	""  TOKEN/                    Wisp
//	host:port  TOKEN/host:port    wsproxy
//
// The token comes back even with an error about what follows it. Errors do not
// quote the path, which may hold a token.
func ParsePath(path string) (Path, error) {
	var p Path
	last := path
	if i := strings.IndexByte(path, '/'); i >= 0 {
		p.Token, last = path[:i], path[i+1:]
		if p.Token == "" {
			return p, fmt.Errorf("path: empty segment")
		}
		if strings.Contains(last, "/") {
			return p, fmt.Errorf("path: more than a token and a target")
		}
	}
	if last == "" {
		p.Wisp = true
		return p, nil
	}
	t, err := SplitTarget(last)
	if err != nil && p.Token == "" {
		return p, fmt.Errorf("path: want a slash at the end for Wisp, or host:port")
	}
	p.Target = t
	return p, err
}
