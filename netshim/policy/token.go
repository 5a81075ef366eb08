package policy

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
)

// Tokens are what a client may prove itself with. They are kept as digests:
// comparing digests of equal length tells nothing about a token's own.
type Tokens [][sha256.Size]byte

const (
	minTokenHex  = 32 // 128 bits at 4 a digit
	minTokenText = 22 // 132 bits at 6 a character
	maxToken     = 256
)

// ParseToken checks a token: letters, digits, "-" and "_", so that it stands in
// a path unescaped, and long enough for 128 bits. The error never quotes it.
func ParseToken(s string) ([sha256.Size]byte, error) {
	var none [sha256.Size]byte
	seen, hex := map[rune]bool{}, true
	for _, c := range s {
		seen[c] = true
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		case 'g' <= c && c <= 'z', 'G' <= c && c <= 'Z', c == '-', c == '_':
			hex = false
		default:
			return none, fmt.Errorf("a token has only letters, digits, - and _")
		}
	}
	least := minTokenText
	if hex {
		least = minTokenHex
	}
	switch {
	case len(s) < least:
		return none, fmt.Errorf("a token of %d characters is too short: want 128 random bits, as %d hexadecimal digits or %d other characters", len(s), minTokenHex, minTokenText)
	case len(s) > maxToken:
		return none, fmt.Errorf("a token of %d characters is too long: want at most %d", len(s), maxToken)
	case len(seen) < 8:
		return none, fmt.Errorf("a token of %d different characters is not random", len(seen))
	}
	return sha256.Sum256([]byte(s)), nil
}

// ParseTokens parses a token file: one token a line, blank lines and lines
// starting with # skipped. Errors name the line, never the token.
func ParseTokens(text string) (Tokens, error) {
	var tokens Tokens
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		t, err := ParseToken(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		tokens = append(tokens, t)
	}
	if tokens == nil {
		return nil, fmt.Errorf("no token in it")
	}
	return tokens, nil
}

// Match compares in time that depends on the number of tokens alone.
func (ts Tokens) Match(s string) bool {
	sum, ok := sha256.Sum256([]byte(s)), 0
	for i := range ts {
		ok |= subtle.ConstantTimeCompare(ts[i][:], sum[:])
	}
	return ok == 1
}
