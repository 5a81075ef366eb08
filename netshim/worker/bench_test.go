//go:build !js

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepwire/stepwire/netshim"
)

// The Worker on workerd beside the native relay (NETSHIM=bin/netshim), as
// processes of their own, so that their processor time can be told:
//
//	WORKER_RELAY=1 NETSHIM=../../bin/netshim go test -run - -bench . ./netshim/worker
func BenchmarkRelays(b *testing.B) {
	o := startOrigin(b)
	type relay struct {
		name, url string
		pid       int
	}
	w := startWorker(b, map[string]string{"ALLOW": o.addr(), "LOG_LEVEL": "warn"})
	relays := []relay{{"worker", w.url(), w.cmd.Process.Pid}}
	if binary := os.Getenv("NETSHIM"); binary != "" {
		cmd := exec.Command(binary, "--listen", "127.0.0.1:0", "--log-level", "warn", "--allow", o.addr(), "--origin", testOrigin, "--max-handshakes", "100000")
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		line, err := bufio.NewReader(out).ReadString('\n')
		found := regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`).FindStringSubmatch(line)
		if found == nil {
			b.Fatalf("%q, %v", line, err)
		}
		relays = append(relays, relay{"native", "ws://" + found[1] + "/relay/", cmd.Process.Pid})
	}
	host, text, _ := net.SplitHostPort(o.addr())
	port, _ := strconv.Atoi(text)
	open := func(r relay) net.Conn {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		conn, err := netshim.Dial(ctx, r.url, host, port, &netshim.DialOptions{Origin: testOrigin})
		if err != nil {
			b.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(time.Minute))
		return conn
	}
	const size = 64 << 20
	for _, r := range relays {
		b.Run("down/"+r.name, func(b *testing.B) {
			b.SetBytes(size)
			before := cpu(b, r.pid)
			for b.Loop() {
				conn := open(r)
				fmt.Fprintf(conn, "down %d\n", size)
				if n, err := io.Copy(io.Discard, conn); err != nil || n != size {
					b.Fatal(n, err)
				}
				conn.Close()
			}
			b.ReportMetric((cpu(b, r.pid)-before).Seconds()*1000/float64(b.N)/(size>>20), "cpu-ms/MiB")
		})
		b.Run("up/"+r.name, func(b *testing.B) {
			b.SetBytes(size)
			before := cpu(b, r.pid)
			for b.Loop() {
				conn := open(r)
				fmt.Fprintf(conn, "up %d\n", size)
				for range size / len(payload()) {
					if _, err := conn.Write(payload()); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := io.ReadAll(conn); err != nil {
					b.Fatal(err)
				}
				conn.Close()
			}
			b.ReportMetric((cpu(b, r.pid)-before).Seconds()*1000/float64(b.N)/(size>>20), "cpu-ms/MiB")
		})
		b.Run("connect/"+r.name, func(b *testing.B) {
			before := cpu(b, r.pid)
			for b.Loop() {
				conn := open(r)
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				if _, err := io.ReadAll(conn); err != nil {
					b.Fatal(err)
				}
				conn.Close()
			}
			b.ReportMetric((cpu(b, r.pid)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// cpu is the processor time that a process has used.
func cpu(b *testing.B, pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip("no /proc to read processor time from")
	}
	f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // a clock tick is 10 ms on Linux
}
