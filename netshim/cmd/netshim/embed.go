package main

import (
	"embed"
	"io/fs"
)

// all: because a bundler may name files with a leading underscore.
//
//go:embed all:site
var siteFiles embed.FS

// builtSite is the built page and client module. Before a build it holds only
// a note, and package site says so to who asks.
func builtSite() fs.FS {
	tree, err := fs.Sub(siteFiles, "site")
	if err != nil {
		panic(err) // the name is fixed above, and valid
	}
	return tree
}
