package py

import "sync"

// runeSet is a set of code points, kept as the distances between the points
// where membership changes, each a little-endian base-128 number. It starts
// outside the set.
type runeSet struct {
	packed string
	once   sync.Once
	edges  []uint32
}

func (s *runeSet) contains(r rune) bool {
	s.once.Do(func() { s.edges = unpackEdges(s.packed) })
	lo, hi := 0, len(s.edges)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s.edges[mid] <= uint32(r) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo&1 == 1
}

func unpackEdges(packed string) []uint32 {
	var edges []uint32
	var at uint32
	for packed != "" {
		var d uint32
		d, packed = uvarint(packed)
		at += d
		edges = append(edges, at)
	}
	return edges
}

// uvarint takes one number off a packed table.
func uvarint(s string) (uint32, string) {
	var v uint32
	for i, shift := 0, uint(0); i < len(s); i, shift = i+1, shift+7 {
		v |= uint32(s[i]&0x7F) << shift
		if s[i] < 0x80 {
			return v, s[i+1:]
		}
	}
	return v, ""
}
