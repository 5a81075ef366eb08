//go:build !js

package ssl

import (
	"crypto/x509"
	"sync"
)

// defaultRoots are the system's authorities. One without any trusts nobody.
var defaultRoots = sync.OnceValue(func() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return x509.NewCertPool()
	}
	return pool
})
