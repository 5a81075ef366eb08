// Package decode turns what people already have of a conversation into an event
// log: raw bytes of a request or response, hex dumps, curl's trace, HAR and
// packet captures, gzipped or not. Responses go through the engine that reads live ones, so they
// get the same spans, diagnostics and exceptions; requests are put together
// again by the engine that sends live ones, and get spans where that gives the
// same bytes.
//
// Files are hostile input: sizes are capped, and errors say what was found and
// what was expected.
package decode
