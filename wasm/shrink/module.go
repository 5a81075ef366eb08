package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Ids of sections (WebAssembly core specification, section 5.5).
const (
	sectionType     = 1
	sectionImport   = 2
	sectionFunction = 3
	sectionStart    = 8
	sectionElement  = 9
	sectionCode     = 10
	sectionData     = 11

	formFunction   = 0x60 // of a type
	importFunction = 0x00
)

var errCutSection = errors.New("a section is cut short")

// leastGap is how many zeros are left out of the memory image. Fewer weigh
// next to nothing once they are compressed.
const leastGap = 1 << 16

// maxImage bounds the memory image, so that a damaged module is refused.
const maxImage = 1 << 30

// editSections gives a module with its code and data sections as the functions
// make them; it must have both.
func editSections(module []byte, code, data func(section []byte) ([]byte, error)) ([]byte, error) {
	if len(module) < 8 || string(module[:8]) != "\x00asm\x01\x00\x00\x00" {
		return nil, errors.New("not a WebAssembly module of version 1")
	}
	out := append([]byte{}, module[:8]...)
	r := reader{rest: module[8:]}
	edited := 0
	for len(r.rest) > 0 {
		id := r.byte()
		section := r.take(int(r.uint32()))
		if r.failed {
			return nil, errCutSection
		}
		var err error
		switch id {
		case sectionCode:
			section, err = code(section)
			edited |= 1
		case sectionData:
			section, err = data(section)
			edited |= 2
		}
		if err != nil {
			return nil, err
		}
		out = append(out, id)
		out = binary.AppendUvarint(out, uint64(len(section)))
		out = append(out, section...)
	}
	if edited != 3 {
		return nil, errors.New("it has no code or no data section")
	}
	return out, nil
}

// editImage gives a data section with its segments joined, after edit has
// changed the memory image that they make up, which begins at the address base.
func editImage(section []byte, edit func(base int, image []byte) error) ([]byte, error) {
	base, image, err := joinSegments(section)
	if err != nil {
		return nil, err
	}
	if err := edit(base, image); err != nil {
		return nil, err
	}
	return imageSection(base, image), nil
}

// joinSegments gives the bytes from the first that a segment sets to the last,
// zeros between, and where they begin.
func joinSegments(section []byte) (base int, image []byte, err error) {
	r := reader{rest: section}
	type segment struct {
		at   int
		data []byte
	}
	segments := make([]segment, r.uint32())
	first, end := maxImage, 0
	for i := range segments {
		kind, opcode := r.uint32(), r.byte()
		at := int(r.int32())
		if kind != 0 || opcode != 0x41 || r.byte() != 0x0b || r.failed { // i32.const … end
			return 0, nil, fmt.Errorf("data segment %d is not an active one at a constant address", i)
		}
		data := r.take(int(r.uint32()))
		if r.failed || at < 0 || at+len(data) > maxImage {
			return 0, nil, fmt.Errorf("data segment %d is cut short or out of range", i)
		}
		segments[i] = segment{at, data}
		first, end = min(first, at), max(end, at+len(data))
	}
	if len(r.rest) > 0 || len(segments) == 0 {
		return 0, nil, errors.New("the data section has no segments, or more than it says")
	}
	image = make([]byte, end-first)
	for _, s := range segments {
		copy(image[s.at-first:], s.data)
	}
	return first, image, nil
}

// imageSection is a data section that sets the image, but for long runs of
// zeros between its first byte and its last, which memory begins with.
func imageSection(base int, image []byte) []byte {
	var count int
	var segments []byte
	for first := true; first || len(image) > 0; first = false {
		n, zeros := untilGap(image)
		segments = append(segments, 0, opI32Const) // active
		segments = appendInt32(segments, int32(base))
		segments = append(segments, opEnd)
		segments = binary.AppendUvarint(segments, uint64(n))
		segments = append(segments, image[:n]...)
		image, base = image[n+zeros:], base+n+zeros
		count++
	}
	return append(binary.AppendUvarint(nil, uint64(count)), segments...)
}

// untilGap counts the bytes before the first long run of zeros that something
// follows, and the zeros.
func untilGap(image []byte) (n, zeros int) {
	for i, b := range image {
		switch {
		case b == 0:
			zeros++
		case zeros >= leastGap:
			return i - zeros, zeros
		default:
			zeros = 0
		}
	}
	return len(image), 0
}

// appendInt32 appends a number in signed LEB128.
func appendInt32(b []byte, v int32) []byte {
	for v < -64 || v >= 64 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}

// reader takes a module apart. After a failure it gives zeros.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if r.failed || n < 0 || n > len(r.rest) {
		r.failed, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint32() uint32 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > 1<<32-1 {
		n = -1
	}
	r.take(n)
	if r.failed {
		return 0
	}
	return uint32(v)
}

func (r *reader) int32() int32 {
	var v int32
	for shift := 0; shift < 35; shift += 7 {
		c := r.byte()
		v |= int32(c&0x7f) << shift
		if c < 0x80 {
			if shift < 28 && c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return v
		}
	}
	r.failed = true
	return 0
}
