// Package bridge is the client as the JavaScript module calls it: a table from
// method name to Go method, handles in place of pointers, and messages of plain
// values in both directions. It knows neither syscall/js nor a browser: package
// main carries its messages to and from the worker, and tests call it natively.
//
// Calls on one connection and its responses run one after the other, in the
// order in which they arrived; other connections go on meanwhile. A cancel
// overtakes what is queued.
package bridge
