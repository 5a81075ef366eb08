// Package export writes recordings in the formats that other tools read: HAR,
// pcapng, key logs, curl's trace, raw messages, and runnable curl, Python and
// Go code.
//
// Exports are redacted unless asked otherwise: the values of Authorization,
// Cookie, Set-Cookie and Proxy-Authorization are replaced, in bytes by as many
// asterisks so that offsets stay true.
package export
