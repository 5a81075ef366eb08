module github.com/stepwire/stepwire

go 1.26.0

require (
	github.com/coder/websocket v1.8.15 // indirect
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3 // indirect
	github.com/hack-pad/safejs v0.1.0 // indirect
	golang.org/x/net v0.62.0 // indirect
)
