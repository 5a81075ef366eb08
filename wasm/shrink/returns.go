package main

// returnHere lets a function return where it unwinds. After every call Go asks
// whether the goroutine is being suspended, and if so leaves all blocks to a
// return at the function's end:
//
//	block …  br_if OUTERMOST                       … end  i32.const 1  end
//	block …  if  i32.const 1  return  end          … end  i32.const 1  end
//
// This is longer, but the same at every call, which the depth of the blocks is
// not: a compressor takes all from the end of one call to the next as one.
func returnHere(code []instruction) []instruction {
	exit := findExit(code)
	if exit < 0 {
		return code
	}
	out := make([]instruction, 0, len(code))
	depth := 0
	for i, in := range code {
		switch in.op() {
		case opBlock, opLoop, opIf:
			depth++
		case opEnd:
			depth--
		case opBrIf:
			if i > exit && in.index() == depth-1 {
				out = append(out, instruction{opIf, typeVoid}, i32Const(1), instruction{opReturn}, instruction{opEnd})
				continue
			}
		}
		out = append(out, in)
	}
	return out
}

// findExit gives the place of the block whose end is followed by returning 1 at
// the end of the function, and by nothing else, -1 if there is none.
func findExit(code []instruction) int {
	last := len(code) - 3
	if last < 0 || code[last].op() != opEnd || code[last+1].op() != opI32Const || code[last+1].constant() != 1 || code[last+2].op() != opEnd {
		return -1
	}
	outermost, depth := -1, 0
	for i, in := range code[:last] {
		switch in.op() {
		case opBlock, opLoop, opIf:
			if depth == 0 {
				outermost = i
			}
			depth++
		case opEnd:
			depth--
		}
	}
	if depth != 1 || code[outermost].op() != opBlock || code[outermost][1] != typeVoid {
		return -1
	}
	return outermost
}

// joinSteps joins what a return adds to the stack pointer, which is in a local
// and in a global: the frame, then the return address. What is in a local does
// not matter after a return.
//
//	local.get  i32.const A  i32.add  local.tee  global.set
//	local.get  i32.const B  i32.add  local.tee  global.set  i32.const  return
//
//	local.get  i32.const A+B  i32.add  global.set  i32.const  return
func joinSteps(code []instruction) []instruction {
	out := code[:0]
	for i := 0; i < len(code); {
		if !isStep(code[i:]) {
			out = append(out, code[i])
			i++
			continue
		}
		step := code[i : i+stepLength]
		by := int32(step[1].constant())
		i += stepLength
		for isStep(code[i:]) && string(code[i]) == string(step[0]) && string(code[i+4]) == string(step[4]) {
			by += int32(code[i+1].constant())
			i += stepLength
		}
		get, add, tee, set := step[0], step[2], step[3], step[4]
		out = append(out, get, i32Const(by), add)
		if len(code)-i < 2 || code[i].op() != opI32Const || code[i+1].op() != opReturn {
			out = append(out, tee)
		}
		out = append(out, set)
	}
	return out
}

const stepLength = 5

// isStep reports whether the code begins with an addition to what both a local
// and a global hold.
func isStep(code []instruction) bool {
	return len(code) >= stepLength && code[0].op() == opLocalGet && code[1].op() == opI32Const && code[2].op() == opI32Add &&
		code[3].op() == opLocalTee && code[3].index() == code[0].index() && code[4].op() == opGlobalSet
}
