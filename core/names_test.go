package core

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPythonNames holds the package to a counterpart for every name of
// http.client: an exported declaration whose comment says "Python: name".
func TestPythonNames(t *testing.T) {
	data, err := os.ReadFile("testdata/python_names.txt")
	if err != nil {
		t.Fatal(err)
	}
	found := pythonNames(t, ".", "h1")
	n := 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		n++
		wanted, later := strings.CutPrefix(line, "later ")
		name, params, _ := strings.Cut(strings.TrimSuffix(wanted, ")"), "(")
		c := found[name]
		switch {
		case later && c != nil:
			t.Errorf("%s is marked as later but has a counterpart", name)
			continue
		case later:
			continue
		case c == nil:
			t.Errorf(`no exported declaration says "Python: %s"`, name)
			continue
		}
		for p := range strings.SplitSeq(params, ", ") {
			if p != "" && !c.words[bare(p)] {
				t.Errorf("the counterpart of %s has nothing for its argument %s", name, p)
			}
		}
	}
	if n < 170 {
		t.Errorf("only %d names in the list", n)
	}
}

// counterpart is what stands for one Python name.
type counterpart struct {
	words map[string]bool // parameters, option fields, and words of the comments
}

// bare drops what Go and Python spell differently.
func bare(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

var (
	identifier = regexp.MustCompile(`^(?:http\.client\.)?([A-Za-z_][\w.]*\w|[A-Za-z_]\w*)`)
	anyWord    = regexp.MustCompile(`\w+`)
	marker     = regexp.MustCompile(`(?s)Python: (.*)`)
)

// namesIn gives the Python names that a comment claims: identifiers after
// "Python:" between commas.
func namesIn(comment string) []string {
	m := marker.FindStringSubmatch(strings.Join(strings.Fields(comment), " "))
	if m == nil {
		return nil
	}
	var names []string
	depth, start := 0, 0
	add := func(s string) {
		if id := identifier.FindStringSubmatch(strings.TrimSpace(s)); id != nil {
			names = append(names, id[1])
		}
	}
	for i, c := range m[1] {
		switch c {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				add(m[1][start:i])
				start = i + 1
			}
		}
	}
	add(m[1][start:])
	return names
}

// pythonNames collects the claims of the exported declarations in the packages
// of some directories. A bare name in a type is qualified by it.
func pythonNames(t *testing.T, dirs ...string) map[string]*counterpart {
	t.Helper()
	found := map[string]*counterpart{}
	for _, dir := range dirs {
		fset := token.NewFileSet()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		structs := map[string]*ast.StructType{}
		var files []*ast.File
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			file, err := parser.ParseFile(fset, dir+"/"+e.Name(), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
			for _, d := range file.Decls {
				if g, ok := d.(*ast.GenDecl); ok {
					for _, s := range g.Specs {
						if ts, ok := s.(*ast.TypeSpec); ok {
							if st, ok := ts.Type.(*ast.StructType); ok {
								structs[ts.Name.Name] = st
							}
						}
					}
				}
			}
		}
		for _, file := range files {
			for _, d := range file.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.IsExported() {
						owner := ""
						if d.Recv != nil {
							owner = typeWord(d.Recv.List[0].Type)
						}
						claim(found, owner, d.Doc.Text(), wordsOf(d.Doc.Text(), d.Type.Params, structs))
					}
				case *ast.GenDecl:
					claimSpecs(found, d, structs)
				}
			}
		}
	}
	return found
}

func claimSpecs(found map[string]*counterpart, d *ast.GenDecl, structs map[string]*ast.StructType) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.ValueSpec:
			if s.Names[0].IsExported() {
				text := s.Doc.Text() + s.Comment.Text()
				if len(d.Specs) == 1 {
					text += d.Doc.Text()
				}
				claim(found, "", text, wordsOf(text, nil, nil))
			}
		case *ast.TypeSpec:
			if !s.Name.IsExported() {
				continue
			}
			text := s.Doc.Text() + d.Doc.Text()
			claim(found, "", text, wordsOf(text, nil, nil))
			if st := structs[s.Name.Name]; st != nil {
				for _, f := range st.Fields.List {
					if len(f.Names) > 0 && f.Names[0].IsExported() {
						text := f.Doc.Text() + f.Comment.Text()
						claim(found, s.Name.Name, text, wordsOf(text, nil, nil))
					}
				}
			}
		}
	}
}

func claim(found map[string]*counterpart, owner, text string, words map[string]bool) {
	for _, name := range namesIn(text) {
		for _, full := range []string{name, owner + "." + name} {
			// A field or method cannot stand for a name of the module.
			if owner != "" && full == name && !strings.Contains(name, ".") {
				continue
			}
			if found[full] == nil {
				found[full] = &counterpart{words: map[string]bool{}}
			}
			for w := range words {
				found[full].words[w] = true
			}
		}
	}
}

// wordsOf gives what a call offers to be named as an argument: its parameters,
// the fields of its options and what their comments and its own say.
func wordsOf(text string, params *ast.FieldList, structs map[string]*ast.StructType) map[string]bool {
	words := map[string]bool{}
	say := func(text string) {
		for _, w := range anyWord.FindAllString(text, -1) {
			words[bare(w)] = true
		}
	}
	say(text)
	if params == nil {
		return words
	}
	for _, p := range params.List {
		for _, n := range p.Names {
			words[bare(n.Name)] = true
		}
		if st := structs[typeWord(p.Type)]; st != nil {
			for _, f := range st.Fields.List {
				for _, n := range f.Names {
					words[bare(n.Name)] = true
				}
				say(f.Doc.Text() + f.Comment.Text())
			}
		}
	}
	return words
}

// typeWord is the name of a type or of what it points to.
func typeWord(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
