package bridge

import (
	"sync"

	"github.com/stepwire/stepwire/core"
)

// newHTTPS makes an HTTPSConnection; nil in a module without TLS, see tls.go.
var newHTTPS func(c *connection, call *call, host string, options *core.HTTPConnectionOptions) (*core.HTTPConnection, error)

// keyLog keeps the secrets of a connection's TLS sessions, in the format of RFC
// 9850, in memory only.
type keyLog struct {
	mu    sync.Mutex
	lines []byte
}

// Write takes one line.
func (k *keyLog) Write(line []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lines = append(k.lines, line...)
	return len(line), nil
}

func (k *keyLog) text() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return string(k.lines)
}
