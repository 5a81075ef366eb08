package relay

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/wisp"
)

// The README lists the metrics there are, and their labels' values.
func TestReadmeListsMetrics(t *testing.T) {
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	g := newRig(t, setup{})
	described := make(chan *prometheus.Desc, 100)
	g.registry.Describe(described)
	close(described)
	var names []string
	for d := range described {
		name := regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(d.String())[1]
		names = append(names, name)
		if !strings.Contains(readme, "\n| `"+name+"` |") {
			t.Errorf("the README lacks %s", name)
		}
	}
	for _, m := range regexp.MustCompile("\n\\| `(netshim_[a-z_]+)`").FindAllStringSubmatch(readme, -1) {
		if !slices.Contains(names, m[1]) {
			t.Errorf("the README has %s, which is none", m[1])
		}
	}
	values := slices.Clone(causes)
	for r := range 256 {
		values = append(values, reasonLabel(wisp.Reason(r)))
	}
	for _, v := range values {
		if !strings.Contains(readme, "`"+v+"`") {
			t.Errorf("the README lacks the label value %s", v)
		}
	}
	if !strings.Contains(readme, "902 MiB") || Ceiling(policy.Defaults().Limits)>>20 != 902 {
		t.Errorf("the README's ceiling is not %d MiB", Ceiling(policy.Defaults().Limits)>>20)
	}
}
