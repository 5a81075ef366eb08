package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// build gives testdata/program, linked.
func build(t testing.TB) []byte {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("no program can be built in wasm")
	}
	module, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// program is linked once for all tests, which takes seconds.
var program = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "shrink")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "program.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "./testdata/program")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	return os.ReadFile(file)
})

// runModule runs a program in Node.
func runModule(t *testing.T, module []byte) (stdout, stderr string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("Node, which would run the program, is not installed")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "program.wasm")
	if err := os.WriteFile(file, module, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "--stack-size=8192", filepath.Join(strings.TrimSpace(string(root)), "lib/wasm/wasm_exec_node.js"), file)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // it ends in a panic
	return out.String(), errs.String()
}

var (
	places    = regexp.MustCompile(`\n\t.*`)
	arguments = regexp.MustCompile(`(?m)\([^()]*\)$`)
)

func TestSameProgram(t *testing.T) {
	module := build(t)
	small, err := shrink(module)
	if err != nil {
		t.Fatal(err)
	}
	wantOut, wantErr := runModule(t, module)
	gotOut, gotErr := runModule(t, small)
	if !strings.Contains(wantOut, "163840\nrecovered: runtime error: index out of range [1] with length 0\n") {
		t.Fatalf("the program before prints %q, %q", wantOut, wantErr)
	}
	if gotOut != wantOut {
		t.Errorf("stdout %q, before %q", gotOut, wantOut)
	}
	// The trace is the same but for files, lines and arguments.
	bare := func(trace string) string {
		return arguments.ReplaceAllString(places.ReplaceAllString(trace, ""), "()")
	}
	if got, want := bare(gotErr), bare(wantErr); got != want || !strings.Contains(got, "main.deep()\nmain.main()") {
		t.Errorf("trace:\n%s\nbefore:\n%s", got, want)
	}
	if strings.Contains(gotErr, "main.go") {
		t.Errorf("the trace still has lines:\n%s", gotErr)
	}
}

func keep(section []byte) ([]byte, error) { return section, nil }

// TestImage: joining alone leaves every byte of the memory image as it was.
func TestImage(t *testing.T) {
	module := build(t)
	var before, after []byte
	look := func(seen *[]byte) func([]byte) ([]byte, error) {
		return func(section []byte) ([]byte, error) {
			return editImage(section, func(_ int, image []byte) error { *seen = bytes.Clone(image); return nil })
		}
	}
	joined, err := editSections(module, keep, look(&before))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := editSections(joined, keep, look(&after)); err != nil {
		t.Fatal(err)
	}
	if len(before) == 0 || !bytes.Equal(before, after) {
		t.Errorf("an image of %d bytes became another of %d", len(before), len(after))
	}
}

// section is a module with an empty code section and a data section.
func section(content string) string {
	return "\x00asm\x01\x00\x00\x00" + "\x0a\x01\x00" + "\x0b" + string(rune(len(content))) + content
}

func TestRefused(t *testing.T) {
	for name, module := range map[string]string{
		"nothing":              "",
		"not a module":         "GIF89a..",
		"version 2":            "\x00asm\x02\x00\x00\x00",
		"no data":              "\x00asm\x01\x00\x00\x00",
		"cut section":          "\x00asm\x01\x00\x00\x00\x0b\x09\x01",
		"passive segment":      section("\x01\x01\x02ab"),
		"computed address":     section("\x01\x00\x23\x00\x0b\x01a"),
		"cut segment":          section("\x01\x00\x41\x00\x0b\x09a"),
		"negative address":     section("\x01\x00\x41\x7f\x0b\x01a"),
		"more than announced":  section("\x01\x00\x41\x00\x0b\x01ab"),
		"no function table":    section("\x01\x00\x41\x00\x0b\x01a"),
		"more segments":        section("\x7f\x00\x41\x00\x0b\x01a"),
		"endless number":       section("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
		"only the header's 8":  section("\x01\x00\x41\x00\x0b\x08\xf1\xff\xff\xff\x00\x00\x01\x08"),
		"far apart, in memory": section("\x02\x00\x41\x00\x0b\x01a\x00\x41\xff\xff\xff\xff\x07\x0b\x01a"),
	} {
		if _, err := shrink([]byte(module)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestCutAnywhere(t *testing.T) {
	module := smallModule()
	if _, err := shrink(module); err != nil {
		t.Fatalf("the whole module: %v", err)
	}
	for n := range len(module) {
		if _, err := shrink(module[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are taken", n, len(module))
		}
	}
}

func TestCommand(t *testing.T) {
	folder := t.TempDir()
	in, out := filepath.Join(folder, "in.wasm"), filepath.Join(folder, "out.wasm")
	module := smallModule()
	if err := os.WriteFile(in, module, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(in, out); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := shrink(module); !bytes.Equal(got, want) {
		t.Error("the file differs from what shrink gives")
	}
	if err := run(filepath.Join(folder, "none"), out); err == nil {
		t.Error("a file that is not there is taken")
	}
}

// FuzzImage: whatever is taken as a module is the same module once its
// segments are joined, which a second time changes nothing.
func FuzzImage(f *testing.F) {
	f.Add([]byte(section("\x02\x00\x41\x05\x0b\x01a\x00\x41\x09\x0b\x02bc")))
	f.Add([]byte(section("\x01\x00\x41\xff\x00\x0b\x01a")))
	f.Add([]byte(section("\x02\x00\x41\x09\x0b\x02bc\x00\x41\x05\x0b\x01a")))
	join := func(section []byte) ([]byte, error) {
		return editImage(section, func(_ int, image []byte) error {
			if len(image) > 1<<20 {
				return errors.New("a large image")
			}
			return nil
		})
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		once, err := editSections(module, keep, join)
		if err != nil {
			return
		}
		twice, err := editSections(once, keep, join)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%x became %x, then %x, %v", module, once, twice, err)
		}
	})
}

// FuzzTable: a damaged image is refused or edited, never a crash.
func FuzzTable(f *testing.F) {
	f.Add([]byte{}, uint32(0), byte(0))
	image := smallImage()
	f.Add(image, uint32(16), byte(7))
	f.Add(image, uint32(len(image)-20), byte(0xff))
	f.Fuzz(func(t *testing.T, image []byte, at uint32, value byte) {
		image = bytes.Clone(image)
		if len(image) > 0 {
			image[at%uint32(len(image))] = value
		}
		_ = dropLines(smallBase, image) // any error will do
	})
}

const smallBase = 0x100

// smallModule is one with a function and smallImage.
func smallModule() []byte {
	module := []byte("\x00asm\x01\x00\x00\x00")
	add := func(id byte, section []byte) {
		module = append(binary.AppendUvarint(append(module, id), uint64(len(section))), section...)
	}
	add(sectionType, []byte{1, formFunction, 1, typeI32, 1, typeI32})
	add(sectionImport, []byte("\x01\x01a\x01b\x00\x00"))
	add(sectionFunction, []byte{1, 0})
	add(sectionCode, codeSection(body(codes[0].before)))
	add(sectionData, imageSection(smallBase, smallImage()))
	return module
}

// smallImage is a function table of functions that are alike, but that the
// first is the runtime's, and module data that leads to it.
func smallImage() []byte {
	const funcs, lists = smallestModule, 4 + 7
	const recordSize = funcSize + 4*lists
	b := []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}
	word := func(v int) { b = binary.LittleEndian.AppendUint64(b, uint64(v)) }
	half := func(v int) { b = binary.LittleEndian.AppendUint32(b, uint32(v)) }
	const names, files = "main.x\x00runtime.y\x00", "file\x00"
	const tables = "\x00\x02\x05\x00\x04\x05\x00" // none; 0; 1
	units := headerSize + len(names)
	pctab := units + len(files)
	pcln := pctab + len(tables)
	for _, v := range []int{funcs, 1, 0, headerSize, units, units, pctab, pcln} {
		word(v)
	}
	b = append(b, names+files+tables...)
	for i := range funcs {
		half(i)
		half(8*funcs + i*recordSize)
	}
	for i := range funcs {
		name := 0
		if i == 0 {
			name = 7
		}
		for _, v := range []int{0, name, 0, 0, 4, 1, 1, 4, 7, 7} {
			half(v)
		}
		b = append(b, 0, 0, 0, 7)
		for _, v := range []int{4, 0, 4, 1, 0, 0, 0, 40 * i, 0, 9, 9} { // pcdata, funcdata
			half(v)
		}
	}
	data := len(b)
	for i := range dataFuncdata {
		switch i {
		case 0:
			word(smallBase)
		case 1:
			word(smallBase + headerSize)
		case dataTables:
			word(smallBase + pctab)
		case dataFunctions:
			word(smallBase + pcln)
		case dataBuckets:
			word(smallBase + data + 8*(dataFuncdata+1) + 40*funcs)
		default:
			word(i)
		}
	}
	word(smallBase + data + 8*(dataFuncdata+1))
	b = append(b, bytes.Repeat([]byte{7}, 40*funcs)...)
	for n := range bucketsPerFunc * funcs {
		half(n / bucketsPerFunc)
		b = append(b, make([]byte, bucketSize-4)...)
	}
	return append(b, "end"...)
}

func TestTable(t *testing.T) {
	image := smallImage()
	if err := dropLines(smallBase, image); err != nil {
		t.Fatal(err)
	}
	table, err := findTable(smallBase, image)
	if err != nil {
		t.Fatal(err)
	}
	f, err := table.function(99)
	if err != nil {
		t.Fatal(err)
	}
	if want := "\x00\x04\x05\x00\x00\x00\x00"; string(table.pctab) != want {
		t.Errorf("tables %x, want %x", table.pctab, want)
	}
	if string(table.files) != strings.Repeat("\x00", 5) {
		t.Errorf("files %x", table.files)
	}
	if f.record[fieldSP] != 1 || f.record[fieldLine] != 0 || f.record[fieldFile] != 0 || f.record[fieldStart] != 0 {
		t.Errorf("record %x", f.record)
	}
	if f.pcdata[0] != 0 || f.pcdata[8] != 1 || f.pcdata[12] != 0 {
		t.Errorf("pcdata %x", f.pcdata)
	}
	if f.funcdata[16] != 0 || f.funcdata[20] != 0xff || f.funcdata[24] != 0xff {
		t.Errorf("funcdata %x", f.funcdata)
	}
	// Two inlined calls each: the runtime's are gone, others are without lines.
	seven := strings.Repeat("\x07", 40)
	if want := strings.Repeat("\x00", 32) + seven[:8]; string(table.funcdata[:40]) != want {
		t.Errorf("the runtime's inlined calls %x", table.funcdata[:40])
	}
	if want := seven[:12] + "\x00\x00\x00\x00" + seven[:12] + "\x00\x00\x00\x00" + seven[:8]; string(table.funcdata[40:80]) != want {
		t.Errorf("inlined calls %x", table.funcdata[40:80])
	}
	if f, _ := table.function(0); f.pcdata[8] != 0 || f.funcdata.get(funcdataInline) != noFuncdata {
		t.Errorf("of the runtime: %x %x", f.pcdata, f.funcdata)
	}
}
