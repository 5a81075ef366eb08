//go:build js && wasm

package main

import (
	"unsafe"

	"github.com/hack-pad/safejs"
)

// What the imports give instead of a number of bytes; wire.mjs has the same.
const (
	nothing = -1
	ended   = -2
	text    = -3
	failed  = -4
)

// What changed about a socket, as wake is told.
const (
	wakeRead  = 0
	wakeWrite = 1
)

//go:wasmimport wire next
func wireNext() int32

//go:wasmimport wire receive
func wireReceive(p unsafe.Pointer, n int32) int32

//go:wasmimport wire send
func wireSend(p unsafe.Pointer, n int32) int32

//go:wasmimport wire unsent
func wireUnsent() int32

//go:wasmimport wire ready
func wireReady(id int32) int32

//go:wasmimport wire read
func wireRead(id int32, p unsafe.Pointer, n int32) int32

//go:wasmimport wire write
func wireWrite(id int32, p unsafe.Pointer, n int32) int32

// wire is wire.mjs's object: all sockets of this program.
type wire struct {
	object safejs.Value
	wake   safejs.Func

	// JavaScript and goroutines take turns, so that nothing here needs a lock.
	client  chan struct{} // a token when the WebSocket may have something new
	watched map[int]*events
}

// events hold tokens when reading or writing may have something new.
type events struct{ readable, writable chan struct{} }

// watch has wake tell of the socket or the look-up with this number.
func (w *wire) watch(id int) *events {
	e := &events{make(chan struct{}, 1), make(chan struct{}, 1)}
	w.watched[id] = e
	return e
}

func (w *wire) forget(id int) { delete(w.watched, id) }

func newWire(object safejs.Value) (*wire, error) {
	w := &wire{object: object, client: make(chan struct{}, 1), watched: map[int]*events{}}
	var err error
	w.wake, err = safejs.FuncOf(w.woken)
	if err != nil {
		return nil, err
	}
	return w, object.Set("wake", w.wake.Value())
}

// woken is called by JavaScript; it never waits.
func (w *wire) woken(_ safejs.Value, args []safejs.Value) any {
	id, err := args[0].Int()
	if err != nil {
		return nil
	}
	if id == 0 {
		signal(w.client)
		return nil
	}
	e := w.watched[id]
	if e == nil {
		return nil
	}
	if what, err := args[1].Int(); err == nil && what == wakeWrite {
		signal(e.writable)
	} else {
		signal(e.readable)
	}
	return nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// text gives what a method without arguments, or with a socket's number, says.
func (w *wire) text(method string, args ...any) string {
	v, err := w.object.Call(method, args...)
	if err != nil {
		return err.Error()
	}
	s, err := v.String()
	if err != nil {
		return err.Error()
	}
	return s
}

func (w *wire) truth(method string, args ...any) bool {
	v, err := w.object.Call(method, args...)
	if err != nil {
		return false
	}
	b, err := v.Bool()
	return err == nil && b
}

func (w *wire) do(method string, args ...any) { _, _ = w.object.Call(method, args...) }
