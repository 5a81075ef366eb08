package main

import (
	"encoding/base64"
	"strconv"

	"github.com/stepwire/stepwire/core/scenario"
)

// shrink makes doc smaller, step by step, as long as fails still holds for it.
// It ends when no single simplification keeps the failure, or after limit tries.
func shrink(doc scenario.Object, limit int, fails func(scenario.Object) bool) scenario.Object {
	tries := 0
	for again := true; again; {
		again = false
		for _, key := range []string{"client", "peer"} {
			part, _ := doc.Get(key)
			smaller := reduce(part, func(candidate scenario.Value) bool {
				if tries >= limit {
					return false
				}
				tries++
				return fails(with(doc, key, candidate))
			})
			if smaller != nil {
				doc, again = with(doc, key, smaller), true
			}
		}
	}
	return doc
}

// with is a copy of o in which one member has another value.
func with(o scenario.Object, name string, value scenario.Value) scenario.Object {
	changed := append(scenario.Object{}, o...)
	for i := range changed {
		if changed[i].Name == name {
			changed[i].Value = value
		}
	}
	return changed
}

// reduce is the value after all simplifications of it and its parts that keep
// finds good; nil when there is none.
func reduce(value scenario.Value, keep func(scenario.Value) bool) scenario.Value {
	var best scenario.Value
	try := func(candidate scenario.Value) bool {
		if !keep(candidate) {
			return false
		}
		value, best = candidate, candidate
		return true
	}
	switch v := value.(type) {
	case []scenario.Value:
		cut(len(v), func(from, to int) bool {
			list := value.([]scenario.Value)
			return try(append(append([]scenario.Value{}, list[:from]...), list[to:]...))
		})
		for i := 0; i < len(value.([]scenario.Value)); i++ {
			reduce(value.([]scenario.Value)[i], func(item scenario.Value) bool {
				list := append([]scenario.Value{}, value.([]scenario.Value)...)
				list[i] = item
				return try(list)
			})
		}
	case scenario.Object:
		if text, ok := v.Get("b64"); ok && len(v) == 1 {
			data, _ := base64.StdEncoding.DecodeString(text.(string))
			reduceText(string(data), func(data string) bool { return try(bytesOf(data)) })
			return best
		}
		cut(len(v), func(from, to int) bool {
			members := value.(scenario.Object)
			return try(append(append(scenario.Object{}, members[:from]...), members[to:]...))
		})
		for i := 0; i < len(value.(scenario.Object)); i++ {
			member := value.(scenario.Object)[i]
			reduce(member.Value, func(item scenario.Value) bool {
				return try(with(value.(scenario.Object), member.Name, item))
			})
		}
	case string:
		runes := []rune(v)
		cut(len(runes), func(from, to int) bool {
			runes := []rune(value.(string))
			return try(string(runes[:from]) + string(runes[to:]))
		})
	case scenario.Number:
		reduceNumber(v, try)
	case bool:
		if v {
			try(false)
		}
	}
	return best
}

func reduceText(text string, try func(string) bool) {
	cut(len(text), func(from, to int) bool {
		smaller := text[:from] + text[to:]
		if try(smaller) {
			text = smaller
			return true
		}
		return false
	})
	for i := range len(text) {
		if plain := text[:i] + "a" + text[i+1:]; text[i] != 'a' && text[i] > ' ' && try(plain) {
			text = plain
		}
	}
}

func reduceNumber(n scenario.Number, try func(scenario.Value) bool) {
	value, ok := n.Int64()
	if !ok {
		return
	}
	for _, smaller := range []int64{0, 1, -1, value / 2, value - 1} {
		if smaller != value && strconv.FormatInt(smaller, 10) != string(n) && abs(smaller) < abs(value) && try(scenario.Int(smaller)) {
			return
		}
	}
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// cut offers to remove ever smaller ranges of a sequence of n items; remove tells
// whether it did.
func cut(n int, remove func(from, to int) bool) {
	for size := n; size > 0; size /= 2 {
		for at := 0; at < n; {
			if remove(at, min(at+size, n)) {
				n -= min(at+size, n) - at
			} else {
				at += size
			}
		}
	}
}
