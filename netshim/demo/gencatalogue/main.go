// Command gencatalogue writes the demos as the page has them where no server
// lists them:
//
//	gencatalogue FILE
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/stepwire/stepwire/netshim/demo"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gencatalogue FILE")
		os.Exit(2)
	}
	text, err := json.MarshalIndent(demo.Catalogue(), "", "\t")
	if err == nil {
		err = os.WriteFile(os.Args[1], append(text, '\n'), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gencatalogue:", err)
		os.Exit(1)
	}
}
