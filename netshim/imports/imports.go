//go:build js && wasm

// Package imports has netshim exchange its bytes with socket.js by functions
// that WebAssembly imports and exports: those cost a hundredth of calls through
// syscall/js, and copy once less. It is imported for its effect.
//
// Such a program does not start without them. Its page or worker loads socket.js
// and calls stepwireSocket.imports(go) before it instantiates the program.
package imports

import (
	"unsafe"

	"github.com/stepwire/stepwire/netshim/internal/imported"
)

//go:wasmimport netshim take
func take(id uint32, address unsafe.Pointer, length uint32) int32

//go:wasmimport netshim send
func send(id uint32, head unsafe.Pointer, headLength uint32, body unsafe.Pointer, bodyLength uint32) int32

// wake is called between the program's turns; the caller resumes it.
//
//go:wasmexport netshim_wake
func wake(id uint32) { imported.Woken(id) }

func init() {
	imported.Take = func(id uint32, p []byte) int {
		return int(take(id, unsafe.Pointer(unsafe.SliceData(p)), uint32(len(p))))
	}
	imported.Send = func(id uint32, head, body []byte) int {
		return int(send(id, unsafe.Pointer(unsafe.SliceData(head)), uint32(len(head)), unsafe.Pointer(unsafe.SliceData(body)), uint32(len(body))))
	}
}
