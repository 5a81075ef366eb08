package main

import (
	"encoding/base64"
	"strconv"

	"github.com/stepwire/stepwire/core/scenario"
)

// sound reports whether what a scenario shows depends on no timing, as far as that
// can be seen: shrinking must not change one failure into another. A connection
// has a timeout above 0 and leads to the peer, or nowhere at once; the peer
// receives a head before it says or does anything, and says nothing after its end.
func sound(doc scenario.Object) bool {
	client, _ := doc.Get("client")
	for _, step := range client.([]scenario.Value) {
		step, _ := step.(scenario.Object)
		if call, _ := step.Get("call"); call != "HTTPConnection" {
			continue
		}
		args, _ := step.Get("args")
		arguments, _ := args.(scenario.Object)
		timeout, _ := arguments.Get("timeout")
		host, _ := arguments.Get("host")
		opens, given := arguments.Get("auto_open")
		if limit, ok := timeout.(scenario.Number); !ok || limit.Float() <= 0 {
			return false
		}
		if host != "$HOST" && host != "$HOST:$PORT" && (!given || opens != false) {
			return false
		}
	}
	peer, _ := doc.Get("peer")
	for _, connection := range peer.([]scenario.Value) {
		connection, _ := connection.(scenario.Object)
		script, _ := connection.Get("actions")
		actions, _ := script.([]scenario.Value)
		heads, responses, within := 0, 0, false
		for i, action := range actions {
			action, _ := action.(scenario.Object)
			switch {
			case len(action) != 1:
				return false
			case action[0].Name == "recv_head":
				heads++
			case action[0].Name == "send" || action[0].Name == "sleep_ms": // in pieces, perhaps
				if !within {
					responses++
				}
			case action[0].Name != "recv_until" && i < len(actions)-1:
				return false
			}
			within = action[0].Name == "send" || action[0].Name == "sleep_ms"
		}
		if heads < responses || len(actions) > 0 && heads == 0 {
			return false
		}
	}
	return true
}

// shrink makes doc smaller, step by step, as long as fails still holds for it.
// It ends when no single simplification keeps the failure, or after limit tries.
func shrink(doc scenario.Object, limit int, fails func(scenario.Object) bool) scenario.Object {
	s := shrinker{left: limit}
	for again := true; again; {
		again = false
		for _, key := range []string{"client", "peer"} {
			part, _ := doc.Get(key)
			smaller := s.reduce(part, func(candidate scenario.Value) bool {
				if s.left == 0 {
					return false
				}
				s.left--
				return fails(with(doc, key, candidate))
			})
			if smaller != nil {
				doc, again = with(doc, key, smaller), true
			}
		}
	}
	return doc
}

// shrinker counts the tries that are left.
type shrinker struct{ left int }

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
func (s *shrinker) reduce(value scenario.Value, keep func(scenario.Value) bool) scenario.Value {
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
		s.cut(len(v), func(from, to int) bool {
			list := value.([]scenario.Value)
			return try(append(append([]scenario.Value{}, list[:from]...), list[to:]...))
		})
		for i := 0; i < len(value.([]scenario.Value)); i++ {
			s.reduce(value.([]scenario.Value)[i], func(item scenario.Value) bool {
				list := append([]scenario.Value{}, value.([]scenario.Value)...)
				list[i] = item
				return try(list)
			})
		}
	case scenario.Object:
		if text, ok := v.Get("b64"); ok && len(v) == 1 {
			data, _ := base64.StdEncoding.DecodeString(text.(string))
			s.reduceText(string(data), func(data string) bool { return try(bytesOf(data)) })
			return best
		}
		s.cut(len(v), func(from, to int) bool {
			members := value.(scenario.Object)
			return try(append(append(scenario.Object{}, members[:from]...), members[to:]...))
		})
		for i := 0; i < len(value.(scenario.Object)); i++ {
			member := value.(scenario.Object)[i]
			s.reduce(member.Value, func(item scenario.Value) bool {
				return try(with(value.(scenario.Object), member.Name, item))
			})
		}
	case string:
		runes := []rune(v)
		s.cut(len(runes), func(from, to int) bool {
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

func (s *shrinker) reduceText(text string, try func(string) bool) {
	s.cut(len(text), func(from, to int) bool {
		smaller := text[:from] + text[to:]
		if try(smaller) {
			text = smaller
			return true
		}
		return false
	})
	for i := 0; i < len(text) && s.left > 0; i++ {
		if text[i] == 'a' || text[i] <= ' ' {
			continue
		}
		if plain := text[:i] + "a" + text[i+1:]; try(plain) {
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
func (s *shrinker) cut(n int, remove func(from, to int) bool) {
	for size := n; size > 0; size /= 2 {
		for at := 0; at < n && s.left > 0; {
			if remove(at, min(at+size, n)) {
				n -= min(at+size, n) - at
			} else {
				at += size
			}
		}
	}
}
