// Command program uses what depends on the function table: collections that
// scan and grow stacks, panics that inlined functions recover, and the names
// of callers.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
)

type node struct {
	left, right *node
	text        string
}

func grow(depth int) *node {
	if depth == 0 {
		return &node{text: strings.Repeat("x", 10)}
	}
	n := &node{left: grow(depth - 1), right: grow(depth - 1)}
	if depth == 9 {
		runtime.GC()
	}
	return n
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return len(n.text) + n.left.count() + n.right.count()
}

// rescue is inlined, so it is no frame of its own.
func rescue(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("recovered: %v", p)
	}
}

func direct() (err error) {
	defer rescue(&err)
	var list []int
	return errors.New(fmt.Sprint(list[len(os.Args)]))
}

// indirect does not recover: rescue is not what was deferred.
func indirect() (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("too late for rescue")
		}
	}()
	defer func() { rescue(&err) }()
	panic("indirect")
}

func caller() string {
	pc, _, _, _ := runtime.Caller(1)
	return runtime.FuncForPC(pc).Name()
}

func deep(n int) int {
	var room [4096]byte
	if n == 0 {
		panic("at the end")
	}
	room[n%256] = byte(n)
	return deep(n-1) + int(room[n%255])
}

func main() {
	fmt.Println(grow(14).count())
	fmt.Println(direct())
	fmt.Println(indirect())
	fmt.Println(caller())
	deep(40)
}
