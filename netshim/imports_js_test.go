//go:build js && wasm && imports

package netshim

// TestInBrowser runs the tests with the imports, too.
import _ "github.com/stepwire/stepwire/netshim/imports"
