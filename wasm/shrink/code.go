package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Opcodes (WebAssembly core specification, section 5.4).
const (
	opBlock, opLoop, opIf, opElse, opEnd      = 0x02, 0x03, 0x04, 0x05, 0x0b
	opBr, opBrIf, opBrTable                   = 0x0c, 0x0d, 0x0e
	opReturn, opCall, opCallIndirect          = 0x0f, 0x10, 0x11
	opLocalGet, opLocalSet, opLocalTee        = 0x20, 0x21, 0x22
	opGlobalGet, opGlobalSet                  = 0x23, 0x24
	opFirstLoad, opFirstStore, opLastStore    = 0x28, 0x36, 0x3e
	opMemorySize, opMemoryGrow                = 0x3f, 0x40
	opI32Const, opI64Const                    = 0x41, 0x42
	opF32Const, opF64Const                    = 0x43, 0x44
	opI32Add, opI64Add                        = 0x6a, 0x7c
	opI32Wrap, opI64ExtendS, opI64ExtendU     = 0xa7, 0xac, 0xad
	opPrefix                                  = 0xfc
	prefixTruncations, prefixCopy, prefixFill = 8, 10, 11 // below 8: saturating truncations

	typeVoid = 0x40
	typeI32  = 0x7f

	mostMoved = 1 << 30 // two of these are still an offset
)

// instruction is one instruction with its immediates, as encoded.
type instruction []byte

func (i instruction) op() byte { return i[0] }

// index gives the first immediate of an instruction that has an unsigned one.
func (i instruction) index() int {
	v, _ := binary.Uvarint(i[1:])
	return int(v)
}

// constant gives the value of an i32.const or i64.const.
func (i instruction) constant() int64 {
	var v int64
	shift := 0
	for _, c := range i[1:] {
		v |= int64(c&0x7f) << shift
		shift += 7
	}
	if last := i[len(i)-1]; last&0x40 != 0 && shift < 64 {
		v |= -1 << shift
	}
	return v
}

func withIndex(op byte, index int) instruction {
	return binary.AppendUvarint([]byte{op}, uint64(index))
}

func i32Const(v int32) instruction { return appendInt32([]byte{opI32Const}, v) }

// simplify rewrites every function of a code section.
func simplify(section []byte) ([]byte, error) {
	r := reader{rest: section}
	count := r.uint32()
	if r.failed {
		return nil, errors.New("the code section is empty")
	}
	out := binary.AppendUvarint(nil, uint64(count))
	var code []instruction
	for i := range count {
		body := r.take(int(r.uint32()))
		if r.failed {
			return nil, errors.New("the code section is cut short")
		}
		locals, rest, err := cutLocals(body)
		if err == nil {
			code, err = decode(code[:0], rest)
		}
		if err != nil {
			return nil, fmt.Errorf("function %d of the code section: %w", i, err)
		}
		code = returnHere(foldAddresses(joinSteps(shortenJumps(code))))
		size := len(locals)
		for _, in := range code {
			size += len(in)
		}
		out = binary.AppendUvarint(out, uint64(size))
		out = append(out, locals...)
		for _, in := range code {
			out = append(out, in...)
		}
	}
	if len(r.rest) > 0 {
		return nil, errors.New("the code section has more than it says")
	}
	return out, nil
}

// cutLocals splits a function's declarations of locals from its code.
func cutLocals(body []byte) (locals, code []byte, err error) {
	r := reader{rest: body}
	for range r.uint32() {
		r.uint32()
		r.byte()
		if r.failed {
			break
		}
	}
	if r.failed {
		return nil, nil, errors.New("its locals are cut short")
	}
	return body[:len(body)-len(r.rest)], r.rest, nil
}

// decode appends the instructions of a function. It knows those that Go
// generates.
func decode(to []instruction, code []byte) ([]instruction, error) {
	r := reader{rest: code}
	for len(r.rest) > 0 {
		start := r.rest
		switch op := r.byte(); {
		case op == opBlock || op == opLoop || op == opIf:
			r.int32() // a type's index, or a value type, which is a negative number
		case op == opBr, op == opBrIf, op == opCall, op >= opLocalGet && op <= opGlobalSet:
			r.uint32()
		case op == opBrTable:
			for range r.uint32() {
				if r.uint32(); r.failed {
					break
				}
			}
			r.uint32()
		case op == opCallIndirect, op >= opFirstLoad && op <= opLastStore:
			r.uint32()
			r.uint32()
		case op == opMemorySize, op == opMemoryGrow:
			r.byte()
		case op == opI32Const, op == opI64Const:
			for r.byte() >= 0x80 && !r.failed {
			}
		case op == opF32Const:
			r.take(4)
		case op == opF64Const:
			r.take(8)
		case op == opPrefix:
			switch sub := r.uint32(); {
			case sub < prefixTruncations:
			case sub == prefixCopy:
				r.take(2)
			case sub == prefixFill:
				r.take(1)
			default:
				return nil, fmt.Errorf("it has the unknown instruction 0xfc %d", sub)
			}
		case op <= opElse, op == opEnd, op == opReturn, op == 0x1a, op == 0x1b, op >= 0x45 && op <= 0xc4:
		default:
			return nil, fmt.Errorf("it has the unknown instruction 0x%02x", op)
		}
		if r.failed {
			return nil, errors.New("an instruction is cut short")
		}
		to = append(to, instruction(start[:len(start)-len(r.rest)]))
	}
	return to, nil
}

// shortenJumps makes jumps go where they lead. Go's code of a function is a
// sequence of parts, behind a dispatch that goes on where the parameter PC_B
// says, so that a goroutine which was suspended can be resumed:
//
//	loop block block … local.get PC_B br_table … end (part 0) end (part 1) …
//
// Every jump between parts sets PC_B and goes back to the loop. But a part
// further on is where the end of an enclosing block leads, without a dispatch:
//
//	i32.const K  local.set PC_B  br LOOP           br BLOCK
//	if  i32.const K  local.set PC_B  br LOOP  end  br_if BLOCK
//
// PC_B is read by nothing but the dispatch.
func shortenJumps(code []instruction) []instruction {
	at := findDispatch(code)
	if at < 0 {
		return code
	}
	out := make([]instruction, 0, len(code))
	var open []int    // the ends that the code stands in, outermost first, by their number
	var targets []int // for each PC_B the number of the end that leads to its part
	loop, number := -1, 0
	// jump reads a jump to the loop and gives the depth of a block to leave instead.
	jump := func(in []instruction) (depth int, ok bool) {
		if targets == nil || len(in) < 3 || in[0].op() != opI32Const || !isLocal(in[1], opLocalSet) || in[2].op() != opBr {
			return 0, false
		}
		k, to := in[0].constant(), len(open)-1-in[2].index()
		if to < 0 || open[to] != loop || k < 0 || k >= int64(len(targets)) {
			return 0, false
		}
		for i := range open {
			if open[i] == targets[k] {
				return len(open) - 1 - i, true
			}
		}
		return 0, false
	}
	for i := 0; i < len(code); i++ {
		in := code[i]
		switch in.op() {
		case opIf:
			// Seen from inside, the block is one further out.
			if i+4 < len(code) && in[1] == typeVoid && code[i+4].op() == opEnd {
				open = append(open, -1)
				depth, ok := jump(code[i+1 : i+4])
				open = open[:len(open)-1]
				if ok {
					out = append(out, withIndex(opBrIf, depth-1))
					i += 4
					continue
				}
			}
			fallthrough
		case opBlock, opLoop:
			if in.op() == opLoop && loop < 0 {
				loop = number
			}
			open = append(open, number)
			number++
		case opEnd:
			if len(open) > 0 { // else the function's own
				open = open[:len(open)-1]
			}
		case opBrTable:
			if i == at {
				targets = tableTargets(in, open)
			}
		case opI32Const:
			if depth, ok := jump(code[i:min(i+3, len(code))]); ok {
				out = append(out, withIndex(opBr, depth))
				i += 2
				continue
			}
		}
		out = append(out, in)
	}
	return out
}

// isLocal reports whether an instruction is about local 0, PC_B.
func isLocal(in instruction, op byte) bool { return in.op() == op && in.index() == 0 }

// findDispatch gives the place of a function's br_table, -1 if it has none, or
// none that is the first thing its first loop does, or if PC_B is read
// elsewhere. Before an indirect call Go uses PC_B to swap two values.
func findDispatch(code []instruction) int {
	at := -1
	for i, in := range code {
		switch {
		case in.op() == opLoop && at < 0:
			j := i + 1
			for j < len(code) && code[j].op() == opBlock && code[j][1] == typeVoid {
				j++
			}
			if in[1] != typeVoid || j+1 >= len(code) || !isLocal(code[j], opLocalGet) || code[j+1].op() != opBrTable {
				return -1
			}
			at = j + 1
		case isLocal(in, opLocalTee):
			return -1
		case isLocal(in, opLocalGet) && i+1 != at:
			if i < 2 || !isLocal(code[i-2], opLocalSet) || code[i-1].op() != opI32Const {
				return -1
			}
		}
	}
	return at
}

// tableTargets gives the numbers of the ends that a br_table's labels mean; -2:
// the function's own.
func tableTargets(in instruction, open []int) []int {
	r := reader{rest: in[1:]}
	targets := make([]int, int(r.uint32())+1) // and the default
	for i := range targets {
		targets[i] = -2
		if at := len(open) - 1 - int(r.uint32()); at >= 0 {
			targets[i] = open[at]
		}
	}
	return targets
}

// foldAddresses shortens how Go computes the address of a variable on its
// stack, in 64 bits for what memory instructions add up themselves:
//
//	local.get SP  i64.extend_i32_u  i64.const N  i64.add  i32.wrap_i64
//
// A stack lies inside of the memory, so that no sum is beyond 32 bits.
func foldAddresses(code []instruction) []instruction {
	out := code[:0]
	for i := 0; i < len(code); {
		offset, ok := stackAddress(code[i:])
		if !ok {
			if code[i].op() == opI64Const && i+1 < len(code) && code[i+1].op() == opI32Wrap {
				out = append(out, i32Const(int32(code[i].constant())))
				i += 2
				continue
			}
			out = append(out, code[i])
			i++
			continue
		}
		base, rest := code[i], code[i+5:]
		n := valueLength(rest)
		switch {
		case len(rest) > 0 && isLoad(rest[0]):
			out = append(out, base, moved(rest[0], offset))
			i += 6
		case n > 0:
			value, store := rest[:n], moved(rest[n], offset)
			i += 6 + n
			out = append(append(append(out, base), value...), store)
		default:
			out = append(out, base, i32Const(int32(offset)), instruction{opI32Add})
			i += 5
		}
	}
	return out
}

// stackAddress recognizes the computation that begins the code.
func stackAddress(code []instruction) (offset int, ok bool) {
	if len(code) < 5 || code[0].op() != opLocalGet || code[1].op() != opI64ExtendU || code[2].op() != opI64Const ||
		code[3].op() != opI64Add || code[4].op() != opI32Wrap {
		return 0, false
	}
	v := code[2].constant()
	return int(v), v >= 0 && v < mostMoved
}

// valueLength counts the instructions that give the value of the store which
// follows them: a constant, a local, or what is loaded from where one points.
// 0: it is something else.
func valueLength(code []instruction) int {
	n := 0
	if len(code) > 0 {
		switch code[0].op() {
		case opI32Const, opI64Const, opF32Const, opF64Const:
			n = 1
		case opLocalGet:
			n = 1
			if len(code) > 1 && isLoad(code[1]) {
				n = 2
				if len(code) > 2 && (code[2].op() == opI32Wrap || code[2].op() == opI64ExtendU) {
					n = 3
				}
			}
		}
	}
	if n == 0 || n >= len(code) || code[n].op() < opFirstStore || code[n].op() > opLastStore || !code[n].near() {
		return 0
	}
	return n
}

func isLoad(in instruction) bool {
	return in.op() >= opFirstLoad && in.op() < opFirstStore && in.near()
}

// near reports whether a load or store has an offset that moved can add to.
func (i instruction) near() bool {
	r := reader{rest: i[1:]}
	r.uint32() // the alignment
	return r.uint32() < mostMoved
}

// moved is a load or store at an address further on.
func moved(in instruction, by int) instruction {
	r := reader{rest: in[1:]}
	align, offset := r.uint32(), r.uint32()
	out := binary.AppendUvarint([]byte{in.op()}, uint64(align))
	return binary.AppendUvarint(out, uint64(offset)+uint64(by))
}
