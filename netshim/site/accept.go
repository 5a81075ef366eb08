package site

import (
	"slices"
	"strings"
)

// negotiate picks one of the offered content codings ("" is identity) by the
// values of Accept-Encoding (RFC 9110 §12.5.3): the highest weight wins, among
// equals the first offered. It reports false when the client refuses all. A
// member that cannot be parsed is ignored.
func negotiate(accept []string, offered []string) (string, bool) {
	weights := map[string]int{} // in thousandths
	for _, line := range accept {
		for member := range strings.SplitSeq(line, ",") {
			if coding, weight, ok := parseCoding(member); ok {
				weights[coding] = max(weights[coding], weight)
			}
		}
	}
	best, bestWeight := "", 0
	for _, coding := range offered {
		if weight := weigh(weights, coding); weight > bestWeight {
			best, bestWeight = coding, weight
		}
	}
	return best, bestWeight > 0
}

func weigh(weights map[string]int, coding string) int {
	name := coding
	if coding == "" {
		name = "identity"
	}
	if weight, named := weights[name]; named {
		return weight
	}
	if weight, any := weights["*"]; any {
		return weight
	}
	if coding == "" {
		return 1 // acceptable unless refused, but anything asked for goes first
	}
	return 0
}

// parseCoding reads one member such as " gzip;q=0.8" and returns the coding in
// lower case and its weight in thousandths.
func parseCoding(member string) (coding string, weight int, ok bool) {
	coding, parameter, weighted := strings.Cut(member, ";")
	coding = strings.ToLower(strings.Trim(coding, " \t"))
	if coding == "" || strings.ContainsAny(coding, " \t=\"") {
		return "", 0, false
	}
	if coding == "x-gzip" { // equivalent, RFC 9110 §8.4.1.3
		coding = "gzip"
	}
	if !weighted {
		return coding, 1000, true
	}
	name, value, found := strings.Cut(strings.Trim(parameter, " \t"), "=")
	if !found || !strings.EqualFold(name, "q") {
		return "", 0, false
	}
	weight, ok = parseWeight(value)
	return coding, weight, ok
}

// parseWeight reads a qvalue (RFC 9110 §12.4.2): 0 or 1 and up to three
// decimals, at most 1.
func parseWeight(text string) (thousandths int, ok bool) {
	whole, decimals, _ := strings.Cut(text, ".")
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return 0, false
	}
	digits := []byte(decimals + "000")[:3]
	if slices.ContainsFunc(digits, func(c byte) bool { return c < '0' || c > '9' }) {
		return 0, false
	}
	thousandths = int(whole[0]-'0')*1000 + int(digits[0]-'0')*100 + int(digits[1]-'0')*10 + int(digits[2]-'0')
	return thousandths, thousandths <= 1000
}
