package py

import (
	"slices"
	"strings"
)

// maxLabel is the longest label of a host name in octets (RFC 1034 §3.1).
const maxLabel = 63

// EncodeIDNA is s.encode("idna"): IDNA 2003 (RFC 3490 ToASCII of each label,
// without the STD 3 rules).
// Python: str.encode
func EncodeIDNA(s string) ([]byte, *UnicodeError) {
	if s == "" {
		return []byte{}, nil
	}
	if IsASCII(s) {
		rest := s
		for {
			label, after, more := strings.Cut(rest, ".")
			switch {
			case more && (label == "" || len(label) > maxLabel):
				return nil, idnaError("label empty or too long")
			case !more && len(label) > maxLabel:
				return nil, idnaError("label too long")
			case !more:
				return []byte(s), nil
			}
			rest = after
		}
	}
	var out []byte
	for rest := s; ; {
		label, after, more := cutLabel(rest)
		if !more && label == "" {
			return out, nil // the dot that ends an absolute name
		}
		ascii, fault := toASCII(label)
		if fault != "" {
			return nil, idnaError(fault)
		}
		out = append(out, ascii...)
		if !more {
			return out, nil
		}
		out = append(out, '.')
		rest = after
	}
}

// idnaError has the words str.encode puts around a codec's error.
func idnaError(fault string) *UnicodeError {
	return &UnicodeError{"encoding with 'idna' codec failed (UnicodeError: " + fault + ")"}
}

// cutLabel is strings.Cut at the first of the four dots (RFC 3490 §3.1).
func cutLabel(s string) (label, after string, found bool) {
	i := strings.IndexAny(s, ".\u3002\uff0e\uff61")
	if i < 0 {
		return s, "", false
	}
	_, n := decodeRune(s[i:])
	return s[:i], s[i+n:], true
}

// toASCII is RFC 3490 §4.1; fault is empty when it succeeds.
func toASCII(label string) (ascii []byte, fault string) {
	const length = "label empty or too long"
	if !IsASCII(label) {
		runes, fault := nameprep(label)
		if fault != "" {
			return nil, fault
		}
		var b []byte
		for _, r := range runes {
			b = appendRune(b, r)
		}
		if label = string(b); !IsASCII(label) {
			if strings.HasPrefix(label, "xn--") {
				return nil, "Label starts with ACE prefix"
			}
			// Each character takes at least one octet, so what is already too
			// long need not be encoded, which takes quadratic time.
			if len(runes) > maxLabel {
				return nil, length
			}
			label = "xn--" + punycode(runes)
		}
	}
	if label == "" || len(label) > maxLabel {
		return nil, length
	}
	return []byte(label), ""
}

// nameprep is RFC 3491 with unassigned code points allowed.
func nameprep(label string) (out []rune, fault string) {
	out = compose(order(prepare(label)))
	for _, r := range out {
		if prohibited.contains(r) {
			return nil, "Invalid character " + Repr(string(appendRune(nil, r)))
		}
	}
	if !slices.ContainsFunc(out, rightToLeft.contains) {
		return out, ""
	}
	if slices.ContainsFunc(out, leftToRight.contains) {
		return nil, "Violation of BIDI requirement 2"
	}
	if !rightToLeft.contains(out[0]) || !rightToLeft.contains(out[len(out)-1]) {
		return nil, "Violation of BIDI requirement 3"
	}
	return out, ""
}

// punycode is RFC 3492 §6.3.
func punycode(in []rune) string {
	const base, tmin, tmax, skew, damp = 36, 1, 26, 38, 700
	var out []byte
	for _, r := range in {
		if r < 0x80 {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(0x80), 0, 72
	for done := basic; done < len(in); {
		next := rune(0x10FFFF)
		for _, r := range in {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range in {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tmin), tmax)
				if q < t {
					break
				}
				out = append(out, punycodeDigit(t+(q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			out = append(out, punycodeDigit(q))
			if done == basic {
				delta /= damp
			} else {
				delta /= 2
			}
			delta += delta / (done + 1)
			k := 0
			for ; delta > (base-tmin)*tmax/2; k += base {
				delta /= base - tmin
			}
			bias = k + (base-tmin+1)*delta/(delta+skew)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return string(out)
}

func punycodeDigit(d int) byte {
	if d < 26 {
		return 'a' + byte(d)
	}
	return '0' + byte(d-26)
}
