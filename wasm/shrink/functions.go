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
	fieldName      = 4  // nameOff
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
	pcdataInline   = 2 // which inlined call an instruction belongs to: an index into the tree
	pcdataArgLive  = 3 // which arguments a stack trace may print
	funcdataInline = 3 // the tree of inlined calls
	funcdataArgs   = 5 // how a stack trace prints them
	funcdataLive   = 6
	mostPerFunc    = 32 // of pcdata and of funcdata; Go 1.26 has 5 and 8
	smallestModule = 100

	inlinedSize   = 16 // of inlinedCall (runtime/symtabinl.go)
	inlinedStart  = 12 // its startLine
	dataFuncdata  = 40 // of moduledata, in words: gofunc, where funcdata is
	dataTables    = 10 // pctab
	dataFunctions = 13 // pclntable
	dataBuckets   = 19 // findfunctab
)

// table is the function table of a program, in its memory image.
type table struct {
	funcs    int
	names    []byte
	files    []byte // cutab and filetab
	pctab    []byte // the tables by program counter, each at an offset
	pcln     []byte // the functions' records and what follows them
	funcdata []byte // what the records point at, and what follows it
	buckets  []byte // the functions by program counter, and what follows
}

// dropLines takes the tables of files, lines and arguments from every
// function and moves the others together. From the runtime's own functions it
// also takes the trees of inlined calls, by which a trace would name them;
// elsewhere recover goes by them.
func dropLines(base int, image []byte) error {
	t, err := findTable(base, image)
	if err != nil {
		return err
	}
	clear(t.files)
	packed := packer{from: t, tables: []byte{0}, moved: map[uint32]uint32{0: 0}, known: map[string]uint32{}}
	for i := range t.funcs {
		f, err := t.function(i)
		if err != nil {
			return err
		}
		if err := t.trimInlined(f); err != nil {
			return err
		}
		for _, at := range []int{fieldFile, fieldLine, fieldUnit, fieldStart} {
			clear(f.record[at : at+4])
		}
		clear(f.pcdata.at(pcdataUnsafe))
		clear(f.pcdata.at(pcdataArgLive))
		if err := packed.move(f.record[fieldSP:][:4]); err != nil {
			return err
		}
		for n := range len(f.pcdata) / 4 {
			if err := packed.move(f.pcdata.at(n)); err != nil {
				return err
			}
		}
		f.funcdata.none(funcdataArgs)
		f.funcdata.none(funcdataLive)
	}
	clear(t.pctab[copy(t.pctab, packed.tables):])
	return nil
}

// trimInlined takes the lines from a function's tree of inlined calls, or the
// whole tree if the function is the runtime's.
func (t *table) trimInlined(f function) error {
	index, tree := f.pcdata.get(pcdataInline), f.funcdata.get(funcdataInline)
	if index == 0 || index == noFuncdata || tree == noFuncdata {
		return nil
	}
	indices, err := t.pcTable(index)
	if err != nil {
		return err
	}
	from, end := uint64(tree), uint64(tree)+inlinedSize*uint64(highest(indices)+1)
	if end > uint64(len(t.funcdata)) {
		return fmt.Errorf("a tree of inlined calls is at %d to %d of %d", from, end, len(t.funcdata))
	}
	calls := t.funcdata[from:end]
	if t.runtimes(f) {
		clear(calls)
		clear(f.pcdata.at(pcdataInline))
		f.funcdata.none(funcdataInline)
		return nil
	}
	for ; len(calls) > 0; calls = calls[inlinedSize:] {
		clear(calls[inlinedStart:inlinedSize])
	}
	return nil
}

// runtimes reports whether a function is one of the runtime.
func (t *table) runtimes(f function) bool {
	at := binary.LittleEndian.Uint32(f.record[fieldName:])
	name := t.names[min(int(at), len(t.names)):]
	return bytes.HasPrefix(name, []byte("runtime.")) || bytes.HasPrefix(name, []byte("internal/runtime/"))
}

// packer gathers the tables that are still in use. Functions share tables that
// are equal, as the linker let them.
type packer struct {
	from   *table
	tables []byte // offset 0 means none
	moved  map[uint32]uint32
	known  map[string]uint32
}

// move takes over the table at a field's offset, and sets the field.
func (p *packer) move(field []byte) error {
	from := binary.LittleEndian.Uint32(field)
	to, ok := p.moved[from]
	if !ok {
		table, err := p.from.pcTable(from)
		if err != nil {
			return err
		}
		if to, ok = p.known[string(table)]; !ok {
			to = uint32(len(p.tables))
			p.tables = append(p.tables, table...)
			p.known[string(table)] = to
		}
		p.moved[from] = to
	}
	binary.LittleEndian.PutUint32(field, to)
	return nil
}

var errNoTable = errors.New("the function table of Go 1.26 is not in it; " +
	"if it was linked by a later Go, compare wasm/shrink/functions.go with its runtime/symtab.go")

// findTable looks for the header of the function table. base is the address of
// the image.
func findTable(base int, image []byte) (*table, error) {
	sign := binary.LittleEndian.AppendUint32(nil, magic)
	sign = append(sign, 0, 0, 1, 8) // pad; unit of program counters; size of a pointer
	for from := 0; ; from++ {
		at := bytes.Index(image[from:], sign)
		if at < 0 {
			return nil, errNoTable
		}
		from += at
		if t := tableAt(base, image, from); t != nil {
			return t, nil
		}
	}
}

// tableAt reads the header; nil: it only looked like one.
func tableAt(base int, image []byte, at int) *table {
	b := image[at:]
	if len(b) < headerSize {
		return nil
	}
	word := func(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	header := b[8:]
	funcs, names, units, pctab, pcln := word(header, 0), word(header, 3), word(header, 4), word(header, 6), word(header, 7)
	if funcs < smallestModule || names != headerSize || units < names || pctab < units || pcln < pctab ||
		pcln > uint64(len(b)) || funcs > (uint64(len(b))-pcln)/8 {
		return nil
	}
	// moduledata begins with the addresses of the header and of the names.
	address := uint64(base + at)
	sign := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, address), address+names)
	i := bytes.Index(image, sign)
	if i < 0 || len(image)-i < 8*(dataFuncdata+1) {
		return nil
	}
	data := image[i:]
	funcdata := word(data, dataFuncdata) - uint64(base)
	if word(data, dataTables) != address+pctab || word(data, dataFunctions) != address+pcln || funcdata > uint64(len(image)) {
		return nil
	}
	return &table{
		funcs: int(funcs), names: b[names:units], files: b[units:pctab], pctab: b[pctab:pcln], pcln: b[pcln:],
		funcdata: image[funcdata:],
		buckets:  image[min(word(data, dataBuckets)-uint64(base), uint64(len(image))):],
	}
}

// function is the record of one, with the lists behind it.
type function struct {
	record           []byte
	pcdata, funcdata offsets
}

// offsets are little-endian numbers of 32 bits. Those beyond the end are absent.
type offsets []byte

func (o offsets) at(i int) []byte { return o[min(4*i, len(o)):min(4*i+4, len(o))] }

// get gives what means that there is none for one that is absent.
func (o offsets) get(i int) uint32 {
	if b := o.at(i); len(b) > 0 {
		return binary.LittleEndian.Uint32(b)
	}
	return noFuncdata
}

// none sets one of funcdata to none.
func (o offsets) none(i int) {
	if b := o.at(i); len(b) > 0 {
		binary.LittleEndian.PutUint32(b, noFuncdata)
	}
}

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

// highest gives the largest value of a table, which begins at -1.
func highest(table []byte) int32 {
	r := reader{rest: table}
	value, most := int32(-1), int32(-1)
	for len(r.rest) > 1 { // before the zero that ends it
		d := r.uint32()
		value += int32(d>>1) ^ -int32(d&1)
		most = max(most, value)
		r.uint32()
	}
	return most
}
