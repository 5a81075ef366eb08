package main

import (
	"encoding/binary"
	"fmt"
)

// The runtime finds a function by its program counter with a table that has an
// entry for every 4 KiB of code (internal/abi/symtab.go of Go 1.26,
// FindFuncBucket): the number of the first function there, and by how much
// larger the number is in each sixteenth. On wasm every function takes 64 KiB of
// program counters, so that each has sixteen entries with its number and zeros:
// a fifth of the module, which four instructions can write as well.
const (
	bucketSize       = 4 + 16
	bucketsPerFunc   = 16
	fewestBuckets    = bucketsPerFunc * (smallestModule - 1) // the last function has none of its own
	bucketsShift     = 4
	opI32Store       = 0x36
	opI32LessU       = 0x49
	opI32Mul         = 0x6c
	opI32ShiftRightU = 0x76
)

// buckets tells where the entries are that a module is to write itself.
type buckets struct{ address, count int }

// takeBuckets sets to zero what a module can write itself.
func takeBuckets(base int, image []byte) (buckets, error) {
	t, err := findTable(base, image)
	if err != nil {
		return buckets{}, err
	}
	most := min(bucketsPerFunc*t.funcs, len(t.buckets)/bucketSize)
	n := 0
	for n < most && isBucket(t.buckets[n*bucketSize:][:bucketSize], n) {
		n++
	}
	if n < fewestBuckets {
		return buckets{}, fmt.Errorf("the table by which functions are found has %d entries of %d that go up once in %d", n, most, bucketsPerFunc)
	}
	clear(t.buckets[:n*bucketSize])
	return buckets{address: base + len(image) - len(t.buckets), count: n}, nil
}

// isBucket reports whether entry n has the number of its function, and zeros.
func isBucket(entry []byte, n int) bool {
	want := binary.LittleEndian.AppendUint32(nil, uint32(n/bucketsPerFunc))
	return string(entry) == string(append(want, make([]byte, bucketSize-len(want))...))
}

// write is a function, with its local, that writes the entries:
//
//	loop  i32.store (local * size, local >> 4)  br_if (local += 1) < count  end
func (b buckets) write() []byte {
	code := []instruction{
		{opLoop, typeVoid},
		{opLocalGet, 0}, i32Const(bucketSize), {opI32Mul},
		{opLocalGet, 0}, i32Const(bucketsShift), {opI32ShiftRightU},
		binary.AppendUvarint([]byte{opI32Store, 2}, uint64(b.address)),
		{opLocalGet, 0}, i32Const(1), {opI32Add}, {opLocalTee, 0},
		i32Const(int32(b.count)), {opI32LessU}, {opBrIf, 0},
		{opEnd}, {opEnd},
	}
	body := []byte{1, 1, typeI32}
	for _, in := range code {
		body = append(body, in...)
	}
	return body
}
