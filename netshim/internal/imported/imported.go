//go:build js && wasm

// Package imported is where netshim finds the functions that package imports has.
package imported

// Take and Send are those of socket.js, for a socket by its number; nil where
// they are not imported. Woken is called when Take may have something new.
var (
	Take  func(id uint32, p []byte) int
	Send  func(id uint32, head, body []byte) int
	Woken = func(id uint32) {}
)
