package bridge

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// Values cross as
//
//	Absent       JavaScript undefined: the argument was left out
//	nil          null, Python's None
//	bool
//	int          a number that is integral
//	float64      any other number
//	string
//	[]byte       Uint8Array
//	[]any        array
//	Object       plain object
//	Digits       BigInt

// Absent stands for an argument that was left out.
type Absent struct{}

// Digits is an integer of any size in decimal.
type Digits string

// Object is a plain object; the order of its members is kept.
type Object []Member

// Member is one property of an Object.
type Member struct {
	Key   string
	Value any
}

// Get gives a member's value, Absent{} where the object has none.
func (o Object) Get(key string) any {
	for _, m := range o {
		if m.Key == key {
			return m.Value
		}
	}
	return Absent{}
}

// The tags of the packed form. The JavaScript side is wasm/js/codec.js.
const (
	tagUndefined byte = iota
	tagNull
	tagFalse
	tagTrue
	tagInt     // float64 that is integral
	tagFloat   // float64
	tagString  // uint32 length, UTF-8
	tagBytes   // uint32 length, bytes
	tagArray   // uint32 count, values
	tagObject  // uint32 count, (string without tag, value) pairs
	tagAddress // uint32 address in the wasm memory, uint32 length; the page gets the bytes beside
	tagDigits  // uint32 length, decimal digits
)

// worthAddress is the number of bytes from which they cross by address.
const worthAddress = 4 << 10

// maxDepth bounds the nesting of what is unpacked.
const maxDepth = 32

// maxExact is the largest integer up to which a float64 holds every integer.
const maxExact = 1 << 53

// AppendValue appends the packed form of v, one of the types listed above.
// With address, many bytes are referred to by what it gives for them, so that
// they are copied once, by the reader, while they are still held.
func AppendValue(dst []byte, v any, address func([]byte) uint32) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, tagNull)
	case Absent:
		return append(dst, tagUndefined)
	case bool:
		if v {
			return append(dst, tagTrue)
		}
		return append(dst, tagFalse)
	case int:
		return appendInt(dst, int64(v))
	case int64:
		return appendInt(dst, v)
	case float64:
		return binary.LittleEndian.AppendUint64(append(dst, tagFloat), math.Float64bits(v))
	case string:
		return appendText(append(dst, tagString), v)
	case Digits:
		return appendText(append(dst, tagDigits), string(v))
	case []byte:
		if address != nil && len(v) >= worthAddress {
			dst = binary.LittleEndian.AppendUint32(append(dst, tagAddress), address(v))
			return binary.LittleEndian.AppendUint32(dst, uint32(len(v)))
		}
		dst = binary.LittleEndian.AppendUint32(append(dst, tagBytes), uint32(len(v)))
		return append(dst, v...)
	case []any:
		dst = binary.LittleEndian.AppendUint32(append(dst, tagArray), uint32(len(v)))
		for _, item := range v {
			dst = AppendValue(dst, item, address)
		}
		return dst
	case []string:
		dst = binary.LittleEndian.AppendUint32(append(dst, tagArray), uint32(len(v)))
		for _, item := range v {
			dst = appendText(append(dst, tagString), item)
		}
		return dst
	case Object:
		dst = binary.LittleEndian.AppendUint32(append(dst, tagObject), uint32(len(v)))
		for _, m := range v {
			dst = AppendValue(appendText(dst, m.Key), m.Value, address)
		}
		return dst
	}
	panic("bridge: a value of a type that cannot cross")
}

// appendInt sends an integer that a JavaScript number cannot hold as a BigInt.
func appendInt(dst []byte, n int64) []byte {
	if n > maxExact || n < -maxExact {
		return appendText(append(dst, tagDigits), strconv.FormatInt(n, 10))
	}
	return binary.LittleEndian.AppendUint64(append(dst, tagInt), math.Float64bits(float64(n)))
}

func appendText(dst []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(s))), s...)
}

var errMalformed = errors.New("bridge: malformed message")

// Unpack reads one packed value that fills data. With alias, bytes in it are
// parts of data instead of copies.
func Unpack(data []byte, alias bool) (any, error) {
	r := reader{data: data, alias: alias}
	v := r.value(0)
	if r.failed || len(r.data) != 0 {
		return nil, errMalformed
	}
	return v, nil
}

type reader struct {
	data   []byte
	alias  bool
	failed bool
}

// take gives the next n bytes, or nil and a failure.
func (r *reader) take(n int) []byte {
	if r.failed || n > len(r.data) {
		r.failed = true
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) uint32() int {
	if b := r.take(4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

func (r *reader) float() float64 {
	if b := r.take(8); b != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

func (r *reader) text() string {
	b := r.take(r.uint32())
	if !utf8.Valid(b) {
		r.failed = true
	}
	return string(b)
}

// count reads a number of items, each of which takes at least size bytes.
func (r *reader) count(size int) int {
	n := r.uint32()
	if n > len(r.data)/size {
		r.failed = true
		return 0
	}
	return n
}

func (r *reader) value(depth int) any {
	tag := r.take(1)
	if tag == nil || depth > maxDepth {
		r.failed = true
		return nil
	}
	switch tag[0] {
	case tagUndefined:
		return Absent{}
	case tagNull:
		return nil
	case tagFalse:
		return false
	case tagTrue:
		return true
	case tagInt:
		f := r.float()
		if f != math.Trunc(f) || math.Abs(f) > maxExact {
			r.failed = true
			return nil
		}
		return int(f)
	case tagFloat:
		return r.float()
	case tagString:
		return r.text()
	case tagDigits:
		return Digits(r.text())
	case tagBytes:
		b := r.take(r.uint32())
		if r.alias {
			return b
		}
		return append([]byte{}, b...)
	case tagArray:
		list := make([]any, r.count(1))
		for i := range list {
			list[i] = r.value(depth + 1)
		}
		return list
	case tagObject:
		object := make(Object, r.count(5))
		for i := range object {
			object[i].Key = r.text()
			object[i].Value = r.value(depth + 1)
		}
		return object
	}
	r.failed = true
	return nil
}
