//go:build !js

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "The relay in netshim/worker runs as a Cloudflare Worker: make worker builds it, make worker-run serves it here.")
	os.Exit(2)
}
