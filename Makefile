# Go 1.26, Node 20.19 or newer and make are all that building and running need.
# `make help` lists the targets.

ADDR    ?= 127.0.0.1:8080
VERSION ?= development
# Compressing the wasm at brotli's best takes seconds each time it changes; a
# lower quality makes changes faster to see: make run BROTLI=5
BROTLI  ?= 11
# What worker-run's relay may connect to: the demo origin of make run.
ALLOW   ?= 127.0.0.1:8081

site    := netshim/cmd/netshim/site
npm     := web/node_modules/.installed
workerd := netshim/worker/node_modules/.installed
peers   := netshim/peers/node_modules/.installed
goroot  := $(shell go env GOROOT)
# The race detector needs a C compiler, which nothing else here does.
race    := $(if $(shell command -v cc),-race)
modules := bin/stepwire.wasm bin/stepwire-tls.wasm bin/stepwire-inpage.wasm bin/stepwire-tools.wasm
go_src  := $(shell find core netshim wasm -name '*.go' -not -name '*_test.go')
js_src  := $(shell find wasm/js netshim/socket.js -name '*.js' -o -name '*.ts' -o -name '*.mjs')
web_src := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path 'web/test*' -prune -o -path web/shots -prune -o -type f -print)
# The tables of Python's Unicode database come from the Python that has it.
generate    = go generate $(if $(shell python3 -c 'import unicodedata as u; print(u.unidata_version)' 2>/dev/null | grep -Fx 14.0.0),,-skip python3) ./...

node_check := const [major, minor] = process.versions.node.split(".").map(Number); \
	if (major < 20 || major === 20 && minor < 19) throw `Node 20.19 or newer is needed; this is $${process.version}`;

export GOFLAGS += -buildvcs=false

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Building

.PHONY: run
run: build ## Build everything and serve it on ADDR (127.0.0.1:8080).
	@bin/netshim --listen $(ADDR)

.PHONY: build
build: bin/netshim ## Build the server with the page, client and wasm inside: bin/netshim.

.PHONY: wasm
wasm: bin/client.stamp ## Build the WebAssembly client module: bin/client/.

bin/netshim: $(go_src) go.mod go.sum bin/site.stamp
	@go build -trimpath -ldflags='-s -w' -o $@ ./netshim/cmd/netshim

bin/site.stamp: bin/client.stamp bin/page.stamp netshim/site/place.mjs netshim/site/assemble.mjs
	@node netshim/site/place.mjs --page web/dist --client bin/client --out $(site) --cache bin/compressed --brotli $(BROTLI)
	@touch $@

bin/client.stamp: $(modules) $(js_src)
	@node wasm/js/build.mjs --wasm bin/stepwire.wasm --tls-wasm bin/stepwire-tls.wasm --inpage-wasm bin/stepwire-inpage.wasm --tools-wasm bin/stepwire-tools.wasm \
		--wasm-exec $(goroot)/lib/wasm/wasm_exec.js --out bin/client
	@touch $@

# What every page loads; with TLS, for the first https target; with TLS and servers, for a
# server in the page; and the tools for recordings.
bin/stepwire.wasm:        source = ./wasm
bin/stepwire-tls.wasm:    source = -tags=tls ./wasm
bin/stepwire-inpage.wasm: source = -tags=tls,inpage ./wasm
bin/stepwire-tools.wasm:  source = ./wasm/tools

# Functions are put into their callers only where time is spent: everywhere
# else that makes the module larger, by 15 kB in brotli, and nothing faster.
hot    := runtime internal/... sync/... bytes unicode/utf8 crypto/... vendor/golang.org/x/crypto/... hash/... compress/... \
	math/... $(addprefix github.com/stepwire/stepwire/core/,h1 trace)
inline := -gcflags=all=-l $(hot:%=-gcflags=%=)

$(modules): $(go_src) go.mod go.sum
	@mkdir -p bin
	@GOOS=js GOARCH=wasm go build -trimpath $(inline) -ldflags='-s -w -X main.version=$(VERSION)' -o $@.linked $(source)
	@go run ./wasm/shrink $@.linked $@

# The relay as a Worker: a program, the toolchain's glue, and two modules.
bin/worker.stamp: $(go_src) go.mod go.sum $(wildcard netshim/worker/*.mjs)
	@mkdir -p bin/worker
	@GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o bin/relay.wasm.linked ./netshim/worker
	@go run ./wasm/shrink bin/relay.wasm.linked bin/worker/relay.wasm
	@cp netshim/worker/worker.mjs netshim/worker/wire.mjs $(goroot)/lib/wasm/wasm_exec.js bin/worker/
	@touch $@

$(workerd): netshim/worker/package.json netshim/worker/package-lock.json
	@node -e '$(node_check)'
	@cd netshim/worker && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: worker
worker: bin/worker.stamp ## Build the relay as a Cloudflare Worker: bin/worker/.
	@node netshim/worker/local/size.mjs bin/worker

.PHONY: worker-run
worker-run: worker $(workerd) ## Serve the Worker here on workerd; ALLOW="host:port …" are its destinations.
	@ALLOW='$(ALLOW)' node netshim/worker/local/run.mjs

bin/page.stamp: $(npm) $(web_src)
	@mkdir -p bin
	@cd web && node_modules/.bin/vite build --logLevel warn && node_modules/.bin/vite build --logLevel warn --config vite.player.config.js
	@touch $@

$(npm): web/package.json web/package-lock.json
	@node -e '$(node_check)'
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: dist
dist: bin/site.stamp ## Write the static site, for any host of files: bin/dist/, with stepwire.zip inside.
	@rm -rf bin/dist
	@go run ./netshim/site/dist -from $(site) -out bin/dist
	@echo "bin/dist is the site; bin/dist/stepwire.zip is the same in one file."

.PHONY: clean
clean: ## Remove everything that was built or installed here.
	@rm -rf bin web/dist web/node_modules netshim/peers/node_modules netshim/worker/node_modules
	@find $(site) -mindepth 1 -not -name PLACEHOLDER.md -delete

.PHONY: size
size: bin/site.stamp bin/worker.stamp ## Show what the client and the Worker weigh, and hold them to their budgets.
	@node netshim/site/size.mjs $(site)/client
	@node netshim/worker/local/size.mjs bin/worker

## Testing

.PHONY: test
test: test-go test-wasm test-web test-worker test-browser ## Run every test, real Chromium included.

.PHONY: test-go
test-go: ## Run the Go tests (Go is all they need).
	@go test $(race) ./...

# Shrunk, as the client is: the module's own tests are a test of the shrinking too.
shrunk := SHRINK=$(CURDIR)/bin/shrink GOOS=js GOARCH=wasm go test -exec $(CURDIR)/wasm/shrink/exec.sh

.PHONY: test-wasm
test-wasm: ## Run the core's Go tests as WebAssembly in Node.
	@go build -o bin/shrink ./wasm/shrink
	@$(shrunk) ./core ./core/h1 ./core/py ./core/trace ./netshim/wisp ./netshim/policy ./netshim/pump strconv fmt
	@# The cases go over an in-process network there: a page has no sockets.
	@$(shrunk) -tags=tls -skip /tcp ./core/scenario

.PHONY: test-web
test-web: $(npm) ## Run the page's and the client module's tests in Node.
	@cd web && node_modules/.bin/vitest run
	@node --test wasm/js/*.test.mjs wasm/js/bench/*.test.mjs netshim/site/*.test.mjs

.PHONY: test-worker
test-worker: build worker $(workerd) $(npm) $(peers) ## Run the tests against the Worker on workerd, in Chromium too.
	@.ci/need chromium
	@WORKER_RELAY=$(CURDIR)/bin/worker go test -count=1 ./netshim/worker
	@CLIENT_DIR=$(CURDIR)/bin/client NETSHIM=$(CURDIR)/netshim/worker/local/run.mjs \
		node --test --test-force-exit --test-concurrency=1 wasm/js/browser/corpus.mjs netshim/peers/libcurl.test.mjs
	@node --test netshim/worker/local/run.test.mjs netshim/worker/page.test.mjs

# make test-browser SLOW=4 tests as on a machine four times as slow.
.PHONY: test-browser
test-browser: build $(peers) ## Run the tests in Chromium, and against nginx, libcurl.js and wisp-js.
	@.ci/need chromium nginx
	@CLIENT_DIR=$(CURDIR)/bin/client NETSHIM=$(CURDIR)/bin/netshim \
		node --test --test-force-exit --test-concurrency=1 wasm/js/browser/client.mjs wasm/js/browser/modules.mjs wasm/js/browser/corpus.mjs web/test/browser/*.test.mjs netshim/peers/*.test.mjs
	@NETSHIM_PEERS=$(CURDIR)/netshim/peers go test -count=1 -run ForeignRelay ./netshim

$(peers): netshim/peers/package.json netshim/peers/package-lock.json
	@cd netshim/peers && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# make bench ROUNDS=3 is quicker and says less.
ROUNDS ?= 7
bench  := bin/bench

.PHONY: bench
bench: bin/netshim bin/worker.stamp $(bench)/ingo.wasm $(peers) ## Measure core, relay and page beside their peers, ROUNDS times; put the table into the README.
	@.ci/need chromium
	@go test -c -o $(bench)/core.test ./core
	@node wasm/js/bench/core.mjs $(bench)/core.test $(bench)/core.json $(ROUNDS)
	@go run ./netshim/bench -rounds $(ROUNDS) -json $(bench)/relay.json
	@go run ./netshim/bench -worker netshim/worker -rounds $(ROUNDS) -json $(bench)/worker.json
	@node wasm/js/bench/browser.mjs --rounds $(ROUNDS)
	@node wasm/js/bench/table.mjs $(bench) README.md

$(bench)/ingo.wasm: $(go_src) go.mod go.sum
	@mkdir -p $(bench)
	@go build -o $(bench)/origin ./wasm/js/bench/origin
	@GOOS=js GOARCH=wasm go build -trimpath $(inline) -ldflags='-s -w' -o $@.linked ./wasm/js/bench/ingo
	@go run ./wasm/shrink $@.linked $@
	@cp $(goroot)/lib/wasm/wasm_exec.js $(bench)

.PHONY: bench-page
bench-page: build ## Measure the page in Chromium: first paint, scrolling 1 MiB, stepping through 10,000 events.
	@.ci/need chromium
	@cd web && node test/bench/page.mjs

.PHONY: bench-plots
bench-plots: ## Draw how an exchange grows with what is in it, and the relay's work with streams and connections.
	@mkdir -p $(bench)
	@go test -c -o $(bench)/core.test ./core
	@go build -o $(bench)/relay ./netshim/bench
	@node wasm/js/bench/plots.mjs $(bench)/core.test $(bench)/relay wasm/js/bench/plots

.PHONY: bench-go
bench-go: ## Run all Go benchmarks.
	@go test -run '^$$' -bench . -benchmem ./core/... ./netshim/...

.PHONY: bench-relay
bench-relay: $(peers) ## Compare the relay with wisp-js in one run.
	@go run ./netshim/bench

.PHONY: soak
soak: ## Hold thousands of connections through the relay for two minutes, with faults.
	@go run ./netshim/relay/soak

.PHONY: shots
shots: build ## Take the pictures of the page that the README shows.
	@.ci/need chromium
	@cd web && node test/shots.mjs

N    ?= 2000
SEED ?= 1

.PHONY: differential
differential: ## Compare the core with this machine's CPython 3.11 on N random scenarios made from SEED.
	@go run ./core/scenario/differential --n $(N) --seed $(SEED)

# The same with cases of one's own, in files that end in .json: their format is in core/scenario/SCENARIO.md.
CASES ?= core/testdata/conformance/cases

.PHONY: conformance
conformance: build ## Hold the client to the conversations recorded in CASES: natively, in the page, and in Chromium over the relay.
	@.ci/need chromium
	@CASES='$(abspath $(CASES))' go test -count=1 -run '^TestCorpus$$' ./core/scenario
	@CASES='$(abspath $(CASES))' CLIENT_DIR=$(CURDIR)/bin/client NETSHIM=$(CURDIR)/bin/netshim \
		node --test --test-force-exit wasm/js/browser/corpus.mjs

## Keeping order

.PHONY: check
check: check-go check-web ## Lint everything: formatting, vet, staticcheck, types, generated files.

bin/staticcheck: .ci/tools.mod
	@go build -modfile=.ci/tools.mod -o $@ honnef.co/go/tools/cmd/staticcheck

.PHONY: check-go
check-go: bin/staticcheck
	@unformatted=$$(gofmt -l core netshim wasm); if [ -n "$$unformatted" ]; then \
		echo "not formatted (make fmt does it):"; echo "$$unformatted"; exit 1; fi
	@go vet ./...
	@GOOS=js GOARCH=wasm go vet ./core/... ./netshim ./netshim/worker ./wasm/...
	@GOOS=js GOARCH=wasm go vet -tags=tls ./core/scenario ./wasm/...
	@GOOS=js GOARCH=wasm go vet -tags=tls,inpage ./wasm/...
	@bin/staticcheck ./...
	@GOOS=js GOARCH=wasm bin/staticcheck -checks inherit,-U1000 ./netshim ./netshim/worker ./wasm/... # some helpers are for native tests
	@before=$$(git diff | git hash-object --stdin); $(generate); \
		if [ "$$before" != "$$(git diff | git hash-object --stdin)" ]; then \
		echo "generated files were stale; they are fresh now:"; git diff --stat; exit 1; fi

.PHONY: check-web
check-web: $(npm)
	@cd web && node_modules/.bin/tsc -p tsconfig.json && node_modules/.bin/eslint .
	@web/node_modules/.bin/tsc -p wasm/js/tsconfig.json

.PHONY: generate
generate: ## Write the generated files anew.
	@$(generate)

.PHONY: fmt
fmt: ## Format the Go files.
	@gofmt -w core netshim wasm
