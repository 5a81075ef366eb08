// Package py holds the text rules of Python that http.client lets a program
// see: how repr prints a string, what int accepts, which characters are white
// space, how codecs report what they cannot convert. They follow CPython 3.11,
// whose Unicode database is version 14.0; the tables here are that version's
// whatever the Go toolchain ships.
//
// A Python str is a Go string in UTF-8. Python strings may hold lone
// surrogates, which UTF-8 cannot: here the three-byte form (ED A0 80 to
// ED BF BF) stands for the surrogate, and any other byte that is not UTF-8
// stands for U+DC00 plus that byte, as Python's surrogateescape handler has it.
// Positions and lengths count code points, as in Python.
package py

//go:generate python3 gen_tables.py
