package bridge

import (
	"strconv"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
)

// list is an array that the page sent; what lies beyond its end is Absent.
type list []any

func (l list) at(i int) any {
	if i < len(l) {
		return l[i]
	}
	return Absent{}
}

// sub takes a value for a list, anything else for an empty one.
func sub(v any) list { l, _ := v.([]any); return l }

func (l list) text(i int) string { s, _ := l.at(i).(string); return s }
func (l list) int(i int) int     { n, _ := l.at(i).(int); return n }

// wrong notes that an argument has a type that Python would refuse, too.
func (c *call) wrong(i int, name, want string) {
	if c.err == nil {
		c.err = h1.Raise(h1.ErrTypeError, name+" must be "+want+", not "+typeName(c.args.at(i)))
	}
}

// typeName gives the Python type that a value crossed as.
func typeName(v any) string {
	switch v.(type) {
	case nil, Absent:
		return "None"
	case bool:
		return "bool"
	case int, Digits:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []byte:
		return "bytes"
	case []any:
		return "list"
	}
	return "dict"
}

// str reads a string argument.
func (c *call) str(i int, name string) string {
	s, ok := c.args.at(i).(string)
	if !ok {
		c.wrong(i, name, "a string")
	}
	return s
}

// int reads an integer argument, def where it is left out or null.
func (c *call) int(i int, name string, def int) int {
	switch v := c.args.at(i).(type) {
	case nil, Absent:
		return def
	case int:
		return v
	case Digits:
		n, _ := strconv.ParseInt(string(v), 10, 64) // beyond which it is capped
		return int(n)
	}
	c.wrong(i, name, "an integer")
	return def
}

// intp reads an optional integer argument.
func (c *call) intp(i int, name string) *int {
	switch c.args.at(i).(type) {
	case nil, Absent:
		return nil
	}
	n := c.int(i, name, 0)
	return &n
}

// bool reads a flag, def where it is left out.
func (c *call) bool(i int, name string, def bool) bool {
	switch v := c.args.at(i).(type) {
	case nil, Absent:
		return def
	case bool:
		return v
	}
	c.wrong(i, name, "a boolean")
	return def
}

// seconds reads a duration, nil where it is left out or null: no time limit.
func (c *call) seconds(i int, name string) *time.Duration {
	var d time.Duration
	switch v := c.args.at(i).(type) {
	case nil, Absent:
		return nil
	case int:
		d = core.Seconds(float64(v), true)
	case float64:
		if v != v && c.err == nil {
			c.err = h1.Raise(h1.ErrValueError, "Invalid value NaN (not a number)")
		}
		d = core.Seconds(v, false)
	default:
		c.wrong(i, name, "a number of seconds")
	}
	return &d
}

// headers reads a list of [name, value].
func (c *call) headers(i int, name string) []core.Header {
	items, ok := c.args.at(i).([]any)
	if !ok {
		if c.args.at(i) != any(Absent{}) && c.args.at(i) != nil {
			c.wrong(i, name, "a list of [name, value]")
		}
		return nil
	}
	headers := make([]core.Header, 0, len(items))
	for _, item := range items {
		pair, _ := item.([]any)
		key, ok := list(pair).at(0).(string)
		if len(pair) != 2 || !ok {
			c.wrong(i, name, "a list of [name, value] with string names")
			return nil
		}
		headers = append(headers, core.Header{Name: key, Value: fieldValue(pair[1])})
	}
	return headers
}

// fieldValue gives a header's value as the core takes it. Python prints an
// integer of any size in decimal.
func fieldValue(v any) any {
	if d, ok := v.(Digits); ok {
		return string(d)
	}
	return v
}

// panicked is a bug of ours that ended one call.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	return "internal error, please report it: " + panicText(p.value) + "\n" + string(p.stack)
}

func panicText(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case interface{ String() string }:
		return v.String()
	}
	return "panic"
}

// wrongUnlessAbsent notes an argument that was given and has a wrong type.
func (c *call) wrongUnlessAbsent(i int, name, want string) {
	if v := c.args.at(i); v != nil && v != any(Absent{}) {
		c.wrong(i, name, want)
	}
}
