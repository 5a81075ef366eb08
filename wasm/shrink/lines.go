package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The layout of Go 1.20's and later function tables (runtime/symtab.go,
// runtime/runtime2.go, internal/abi/symtab.go of Go 1.26). The runtime takes a
// table that a function does not have for "unknown", so taking one away needs
// no other change.
const (
	magic      = 0xfffffff1
	headerSize = 8 + 8*8 // pcHeader: magic, pad, minLC, ptrSize; nfunc to pclnOffset

	// Of _func, in bytes.
	fieldFile      = 20 // pcfile
	fieldLine      = 24 // pcln
	fieldSP        = 16 // pcsp
	fieldCount     = 28 // npcdata
	fieldUnit      = 32 // cuOffset, which tells the names of files
	fieldStart     = 36 // startLine
	fieldFuncdata  = 43 // nfuncdata
	funcSize       = 44
	noFuncdata     = 1<<32 - 1
	pcdataUnsafe   = 0 // where a goroutine must not be stopped from outside, as wasm never does
	pcdataArgLive  = 3 // which arguments a stack trace may print
	funcdataArgs   = 5 // how it prints them
	funcdataLive   = 6
	mostPerFunc    = 32 // of pcdata and of funcdata; Go 1.26 has 5 and 8
	smallestModule = 100
)

// table is the function table of a program, in its memory image.
type table struct {
	image []byte
	funcs int
	pctab []byte // the tables by program counter, each at an offset
	pcln  []byte // the functions' records and what follows them
}

// dropLines takes the tables of files, lines and arguments from every
// function, and moves the others together.
func dropLines(image []byte) error {
	t, err := findTable(image)
	if err != nil {
		return err
	}
	// Functions share tables that are equal, as the linker let them.
	packed := []byte{0} // offset 0 means none
	moved := map[uint32]uint32{0: 0}
	known := map[string]uint32{}
	keep := func(field []byte) error {
		from := binary.LittleEndian.Uint32(field)
		to, ok := moved[from]
		if !ok {
			table, err := t.pcTable(from)
			if err != nil {
				return err
			}
			if to, ok = known[string(table)]; !ok {
				to = uint32(len(packed))
				packed = append(packed, table...)
				known[string(table)] = to
			}
			moved[from] = to
		}
		binary.LittleEndian.PutUint32(field, to)
		return nil
	}
	for i := range t.funcs {
		f, err := t.function(i)
		if err != nil {
			return err
		}
		for _, at := range []int{fieldFile, fieldLine, fieldUnit, fieldStart} {
			clear(f.record[at : at+4])
		}
		if err := keep(f.record[fieldSP:][:4]); err != nil {
			return err
		}
		for n := range len(f.pcdata) / 4 {
			field := f.pcdata[4*n:][:4]
			if n == pcdataUnsafe || n == pcdataArgLive {
				clear(field)
			} else if err := keep(field); err != nil {
				return err
			}
		}
		for _, n := range []int{funcdataArgs, funcdataLive} {
			if 4*n < len(f.funcdata) {
				binary.LittleEndian.PutUint32(f.funcdata[4*n:], noFuncdata)
			}
		}
	}
	clear(t.pctab[copy(t.pctab, packed):])
	return nil
}

var errNoTable = errors.New("the function table of Go 1.26 is not in it; " +
	"if it was linked by a later Go, compare wasm/shrink/lines.go with its runtime/symtab.go")

// findTable looks for the header of the function table.
func findTable(image []byte) (*table, error) {
	sign := binary.LittleEndian.AppendUint32(nil, magic)
	sign = append(sign, 0, 0, 1, 8) // pad; unit of program counters; size of a pointer
	for from := 0; ; {
		at := bytes.Index(image[from:], sign)
		if at < 0 {
			return nil, errNoTable
		}
		from += at
		if t := tableAt(image[from:]); t != nil {
			return t, nil
		}
		from++
	}
}

// tableAt reads the header; nil: it only looked like one.
func tableAt(b []byte) *table {
	if len(b) < headerSize {
		return nil
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8+8*i:]) }
	funcs, names, pctab, pcln := word(0), word(3), word(6), word(7)
	if funcs < smallestModule || names != headerSize || pctab < names || pcln < pctab || pcln > uint64(len(b)) || funcs > (uint64(len(b))-pcln)/8 {
		return nil
	}
	return &table{image: b, funcs: int(funcs), pctab: b[pctab:pcln], pcln: b[pcln:]}
}

// function is the record of one, with the lists behind it.
type function struct{ record, pcdata, funcdata []byte }

func (t *table) function(i int) (f function, err error) {
	bad := fmt.Errorf("function %d of %d: its record is out of range or of another layout than Go 1.26's", i, t.funcs)
	at := uint64(binary.LittleEndian.Uint32(t.pcln[8*i+4:]))
	if at+funcSize > uint64(len(t.pcln)) {
		return f, bad
	}
	rest := t.pcln[at:]
	f.record = rest[:funcSize]
	tables, data := int(binary.LittleEndian.Uint32(f.record[fieldCount:])), int(f.record[fieldFuncdata])
	if tables > mostPerFunc || data > mostPerFunc || funcSize+4*(tables+data) > len(rest) {
		return f, bad
	}
	f.pcdata = rest[funcSize:][:4*tables]
	f.funcdata = rest[funcSize+4*tables:][:4*data]
	return f, nil
}

// pcTable gives the table at an offset with the zero that ends it: pairs of a
// difference of values and one of program counters, of which only the first
// pair may begin with zero (runtime/symtab.go, step).
func (t *table) pcTable(at uint32) ([]byte, error) {
	if uint64(at) >= uint64(len(t.pctab)) {
		return nil, fmt.Errorf("a table by program counter is at %d of %d", at, len(t.pctab))
	}
	r := reader{rest: t.pctab[at:]}
	for first := true; ; first = false {
		if v := r.uint32(); r.failed || v == 0 && !first {
			break
		}
		r.uint32()
	}
	if r.failed {
		return nil, fmt.Errorf("the table by program counter at %d has no end", at)
	}
	return t.pctab[at : len(t.pctab)-len(r.rest)], nil
}
