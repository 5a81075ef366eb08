package export_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stepwire/stepwire/core/trace/export"
)

// validate holds JSON to a JSON Schema.
func validate(schema, data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", doc); err != nil {
		return err
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return compiled.Validate(instance)
}

// published compiles the schemas that the HAR validators of npm use (har-schema
// 2.0.0, one file a type), which are laxer than ours in some places and stricter
// in others.
func published(t *testing.T) *jsonschema.Schema {
	t.Helper()
	files, err := filepath.Glob("testdata/har-schema/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no schemas", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource("https://har.example/"+filepath.Base(name), doc); err != nil {
			t.Fatal(err)
		}
	}
	return compiler.MustCompile("https://har.example/har.json")
}

// Archives are as HAR 1.2 has them, whatever happened.
func TestArchivesFollowHAR(t *testing.T) {
	schema, err := os.ReadFile("testdata/har-1.2.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	others := published(t)
	archive := func(name string, opts export.Options, answer string) {
		o := newOrigin(t, answer)
		calls := conversations[name]
		if calls == nil {
			calls = withSecrets
		}
		var b bytes.Buffer
		if err := export.HAR(&b, record(t, o, calls), opts); err != nil {
			t.Fatal(err)
		}
		if err := validate(schema, b.Bytes()); err != nil {
			t.Errorf("%s: %v\n%s", name, err, b.String())
		}
		instance, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := others.Validate(instance); err != nil {
			t.Errorf("%s, by the published schema: %v", name, err)
		}
	}
	for name := range conversations {
		archive(name, export.Options{}, answer)
		archive(name, export.Options{Secrets: true}, "HTTP/1.0 302 Moved\r\nLocation: /x\r\nSet-Cookie: a=b; Path=/\r\n\r\n\xff\xfe")
	}
	archive("secrets", export.Options{Secrets: true}, answer)
	empty := `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{}]}}`
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(empty))
	if err != nil {
		t.Fatal(err)
	}
	if validate(schema, []byte(empty)) == nil || others.Validate(instance) == nil {
		t.Error("a schema takes an empty entry")
	}
}
