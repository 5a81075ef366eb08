// Package recording reads and writes recordings: event logs as files, and what
// can be told from one without a network. The format of the events is that of
// package trace; recording.schema.json describes the file.
//
// It uses encoding/json, which the module that a page loads first must not
// carry; that module writes events but never reads them.
package recording
