package py

import (
	"slices"
	"sync"
)

// The steps of nameprep that need tables: mapping and compatibility
// decomposition of each character in one, then ordering and composition
// (Unicode 3.11). Hangul syllables are reckoned, not looked up.
var prep struct {
	once  sync.Once
	keys  []rune   // sorted
	vals  []string // what keys become
	marks []uint32 // where the combining class changes, sorted
	class []uint8  // the class from there on
	pairs map[[2]rune]rune
}

const (
	hangulS, hangulL, hangulV, hangulT = 0xAC00, 0x1100, 0x1161, 0x11A7
	countL, countV, countT             = 19, 21, 28
)

// loadPrep unpacks the tables of tables.go.
func loadPrep() {
	prep.pairs = map[[2]rune]rune{}
	byText := map[string]rune{}
	var key, head, tail rune
	gaps, shapes, heads, tails := prepGaps, prepShapes, prepHeads, prepTails
	type composite struct {
		text string
		r    rune
	}
	var composites []composite
	for gaps != "" {
		var gap, shape uint32
		gap, gaps = uvarint(gaps)
		shape, shapes = uvarint(shapes)
		key += rune(gap)
		var text []byte
		for i := range shape / 2 {
			if i == 0 {
				head, heads = step(head, heads)
				text = appendRune(text, head)
			} else {
				tail, tails = step(tail, tails)
				text = appendRune(text, tail)
			}
		}
		prep.keys = append(prep.keys, key)
		prep.vals = append(prep.vals, string(text))
		if shape&1 == 1 {
			composites = append(composites, composite{string(text), key})
			byText[string(text)] = key
		}
	}
	for _, c := range composites {
		last, n := decodeLastRune(c.text)
		firstText := c.text[:len(c.text)-n]
		first, ok := byText[firstText]
		if !ok {
			first, _ = decodeRune(firstText)
		}
		prep.pairs[[2]rune{first, last}] = c.r
	}
	for _, p := range newPairs {
		prep.pairs[[2]rune{p[0], p[1]}] = p[2]
	}
	var at uint32
	for packed := markClasses; packed != ""; {
		var gap, class uint32
		gap, packed = uvarint(packed)
		class, packed = uvarint(packed)
		at += gap
		prep.marks = append(prep.marks, at)
		prep.class = append(prep.class, uint8(class))
	}
}

// step adds a signed difference off a packed stream.
func step(from rune, packed string) (rune, string) {
	d, packed := uvarint(packed)
	return from + rune(int32(d>>1)^-int32(d&1)), packed
}

// prepare maps and decomposes s.
func prepare(s string) []rune {
	prep.once.Do(loadPrep)
	var out []rune
	for s != "" {
		r, n := decodeRune(s)
		s = s[n:]
		if i := r - hangulS; i >= 0 && i < countL*countV*countT {
			out = append(out, hangulL+i/(countV*countT), hangulV+i/countT%countV)
			if t := i % countT; t > 0 {
				out = append(out, hangulT+t)
			}
		} else if i, ok := slices.BinarySearch(prep.keys, r); ok {
			out = append(out, []rune(prep.vals[i])...)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// combining is the canonical combining class of r.
func combining(r rune) uint8 {
	i, exact := slices.BinarySearch(prep.marks, uint32(r))
	if !exact {
		i--
	}
	if i < 0 {
		return 0
	}
	return prep.class[i]
}

// order sorts each run of marks by class, keeping the order within a class.
func order(s []rune) []rune {
	for i := 0; i < len(s); i++ {
		if combining(s[i]) == 0 {
			continue
		}
		start := i
		for i < len(s) && combining(s[i]) != 0 {
			i++
		}
		sortByClass(s[start:i])
	}
	return s
}

// sortByClass is a stable sort in linear time.
func sortByClass(run []rune) {
	if len(run) < 2 {
		return
	}
	var next [257]int // where the next rune of each class goes
	for _, r := range run {
		next[int(combining(r))+1]++
	}
	for class := 1; class < len(next); class++ {
		next[class] += next[class-1]
	}
	for _, r := range append([]rune(nil), run...) {
		class := combining(r)
		run[next[class]] = r
		next[class]++
	}
}

// compose joins each starter with the marks that follow it unblocked.
func compose(s []rune) []rune {
	out := s[:0]
	starter := -1 // index in out
	last := uint8(0)
	for _, r := range s {
		class := combining(r)
		if starter >= 0 && (last == 0 && starter == len(out)-1 || last != 0 && last < class) {
			if c, ok := composePair(out[starter], r); ok {
				out[starter] = c
				continue
			}
		}
		if class == 0 {
			starter = len(out)
		}
		last = class
		out = append(out, r)
	}
	return out
}

func composePair(a, b rune) (rune, bool) {
	if l, v := a-hangulL, b-hangulV; l >= 0 && l < countL && v >= 0 && v < countV {
		return hangulS + (l*countV+v)*countT, true
	}
	if i := a - hangulS; i >= 0 && i < countL*countV*countT && i%countT == 0 {
		if t := b - hangulT; t > 0 && t < countT {
			return a + t, true
		}
	}
	c, ok := prep.pairs[[2]rune{a, b}]
	return c, ok
}
