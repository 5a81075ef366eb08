#!/bin/sh
# Runs a test's module as the client is shipped, shrunk:
#
#   GOOS=js GOARCH=wasm go test -exec wasm/shrink/exec.sh PACKAGE…
#
# SHRINK names the built shrink.
set -e
module=$1
shift
"${SHRINK:?set it to the built shrink}" "$module" "$module.shrunk"
exec "$(go env GOROOT)/lib/wasm/go_js_wasm_exec" "$module.shrunk" "$@"
