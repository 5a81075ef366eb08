package export_test

import (
	"bytes"
	"os"
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

// Archives are as HAR 1.2 has them, whatever happened.
func TestArchivesFollowHAR(t *testing.T) {
	schema, err := os.ReadFile("testdata/har-1.2.schema.json")
	if err != nil {
		t.Fatal(err)
	}
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
	}
	for name := range conversations {
		archive(name, export.Options{}, answer)
		archive(name, export.Options{Secrets: true}, "HTTP/1.0 302 Moved\r\nLocation: /x\r\nSet-Cookie: a=b; Path=/\r\n\r\n\xff\xfe")
	}
	archive("secrets", export.Options{Secrets: true}, answer)
	if validate(schema, []byte(`{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[{}]}}`)) == nil {
		t.Error("the schema takes an empty entry")
	}
}
