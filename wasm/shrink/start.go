package main

import (
	"encoding/binary"
	"errors"
)

// addStart gives a module with one function more, which runs when the module is
// instantiated, once the memory image is in place (section 5.5.11 of the
// specification). It takes and gives nothing.
func addStart(module, body []byte) ([]byte, error) {
	out := append([]byte{}, module[:8]...)
	section := func(id byte, content []byte) {
		out = append(out, id)
		out = binary.AppendUvarint(out, uint64(len(content)))
		out = append(out, content...)
	}
	typeIndex, functions, started := -1, 0, false
	var err error
	for r := (reader{rest: module[8:]}); len(r.rest) > 0 && err == nil; {
		id := r.byte()
		content := r.take(int(r.uint32()))
		if r.failed {
			return nil, errCutSection
		}
		if !started && (id == sectionElement || id == sectionCode) {
			section(sectionStart, binary.AppendUvarint(nil, uint64(functions)))
			started = true
		}
		switch id {
		case sectionType:
			typeIndex, content, err = withVoidType(content)
		case sectionImport:
			functions, err = importedFunctions(content)
		case sectionFunction:
			r := reader{rest: content}
			functions += int(r.uint32())
			content = oneMore(content, binary.AppendUvarint(nil, uint64(typeIndex)))
		case sectionStart:
			err = errors.New("it has a function that starts it already")
		case sectionCode:
			content = oneMore(content, append(binary.AppendUvarint(nil, uint64(len(body))), body...))
		}
		section(id, content)
	}
	if typeIndex < 0 && err == nil {
		err = errors.New("it has no types")
	}
	return out, err
}

// oneMore gives a vector with one more at its end.
func oneMore(vector, item []byte) []byte {
	r := reader{rest: vector}
	out := binary.AppendUvarint(nil, uint64(r.uint32())+1)
	return append(append(out, r.rest...), item...)
}

// withVoidType gives the index of the type of functions that take and give
// nothing, and the section of types with it.
func withVoidType(section []byte) (int, []byte, error) {
	r := reader{rest: section}
	count := int(r.uint32())
	for i := range count {
		form := r.byte()
		params := r.take(int(r.uint32()))
		results := r.take(int(r.uint32()))
		if r.failed || form != formFunction {
			return -1, nil, errors.New("a type is cut short or not a function's")
		}
		if len(params)+len(results) == 0 {
			return i, section, nil
		}
	}
	return count, oneMore(section, []byte{formFunction, 0, 0}), nil
}

// importedFunctions counts the imports, which are all functions in what Go
// links.
func importedFunctions(section []byte) (int, error) {
	r := reader{rest: section}
	count := int(r.uint32())
	for range count {
		r.take(int(r.uint32()))
		r.take(int(r.uint32()))
		kind := r.byte()
		r.uint32()
		if r.failed || kind != importFunction {
			return 0, errors.New("an import is cut short or not a function")
		}
	}
	return count, nil
}
