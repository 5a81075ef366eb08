//go:build !js

package core_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stepwire/stepwire/core"
	"github.com/stepwire/stepwire/core/h1"
	"github.com/stepwire/stepwire/core/ssl"
)

// proxy starts tinyproxy, which others wrote, with lines of configuration
// besides the port. .ci/run installs it.
func proxy(t *testing.T, lines ...string) *net.TCPAddr {
	t.Helper()
	program, err := exec.LookPath("tinyproxy")
	if err != nil {
		t.Skip("tinyproxy is not installed; Debian's package tinyproxy-bin has it")
	}
	for range 10 {
		if addr := startProxy(t, program, lines); addr != nil {
			return addr
		}
	}
	t.Fatal("tinyproxy found no free port in ten tries")
	return nil
}

// startProxy gives nil when somebody else took the port before tinyproxy did.
func startProxy(t *testing.T, program string, lines []string) *net.TCPAddr {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().(*net.TCPAddr)
	free.Close()
	file := filepath.Join(t.TempDir(), "tinyproxy.conf")
	config := fmt.Sprintf("Port %d\nListen 127.0.0.1\nLogLevel Info\n%s\n", addr.Port, strings.Join(lines, "\n"))
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-d", "-c", file)
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(output)
	for scanner.Scan() {
		if strings.Contains(scanner.Text(), "Accepting connections") {
			go io.Copy(io.Discard, output)
			t.Cleanup(func() {
				command.Process.Kill()
				command.Wait()
			})
			return addr
		}
	}
	command.Wait()
	return nil
}

// proxied serves one answer to every request on every connection, over TLS if
// it has a certificate.
func proxied(t *testing.T, certificate *tls.Certificate) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if certificate != nil {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*certificate}})
	}
	t.Cleanup(func() { l.Close() })
	go accept(l, func(conn net.Conn) {
		var got []byte
		buf := make([]byte, 4096)
		for !bytes.Contains(got, []byte("\r\n\r\n")) {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			got = append(got, buf[:n]...)
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(got), got)
		io.Copy(io.Discard, conn)
	})
	return port
}

func accept(l net.Listener, play func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			play(conn)
		}()
	}
}

// certify makes a certificate for the loopback address, which is its own
// authority.
func certify(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// tunnelled is a request through a tunnel; testdata/tunnel.py takes the same.
type tunnelled struct {
	Proxy         int    `json:"proxy"`
	Port          int    `json:"port"`
	Authorities   string `json:"authorities"` // PEM text; empty: plain HTTP
	Authorization string `json:"authorization"`
}

// outcome is the status and the body, or the exception, and the state after.
type outcome struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	Error  string `json:"error"`
	State  string `json:"state"`
}

func (c tunnelled) run(t *testing.T, options core.HTTPConnectionOptions) outcome {
	t.Helper()
	ctx := context.Background()
	patience := time.Minute
	options.Port, options.Timeout = &c.Proxy, &patience
	var connection *core.HTTPConnection
	if c.Authorities == "" {
		plain, err := core.NewHTTPConnection("127.0.0.1", &options)
		if err != nil {
			t.Fatal(err)
		}
		connection = plain
	} else {
		settings, err := ssl.CreateDefaultContext(&ssl.Locations{CAData: []byte(c.Authorities)})
		if err != nil {
			t.Fatal(err)
		}
		secure, err := core.NewHTTPSConnection("127.0.0.1", &core.HTTPSConnectionOptions{HTTPConnectionOptions: options, Context: settings})
		if err != nil {
			t.Fatal(err)
		}
		connection = &secure.HTTPConnection
	}
	defer connection.Close()
	tunnel := &core.TunnelOptions{Port: &c.Port}
	if c.Authorization != "" {
		tunnel.Headers = []core.Header{{Name: "Proxy-Authorization", Value: c.Authorization}}
	}
	if err := connection.SetTunnel("127.0.0.1", tunnel); err != nil {
		t.Fatal(err)
	}
	result, err := fetch(ctx, connection)
	if err != nil {
		info := core.Describe(err)
		result.Error = info.Name + ": " + info.Message
	}
	result.State = connection.State().Python()
	return result
}

func fetch(ctx context.Context, connection *core.HTTPConnection) (o outcome, err error) {
	if err := connection.Request(ctx, "GET", "/through", nil); err != nil {
		return o, err
	}
	response, err := connection.GetResponse(ctx)
	if err != nil {
		return o, err
	}
	body, err := response.ReadAll(ctx)
	return outcome{Status: response.Status, Body: string(body)}, err
}

// python makes the request with CPython's http.client, where there is one.
func (c tunnelled) python(t *testing.T) (o outcome, ok bool) {
	t.Helper()
	version, err := exec.Command("python3", "-c", "import ssl, sys; print(sys.version_info[:2] == (3, 11))").Output()
	if err != nil || strings.TrimSpace(string(version)) != "True" {
		return o, false
	}
	input, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("python3", "testdata/tunnel.py")
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	output, err := command.Output()
	if err == nil {
		err = json.Unmarshal(output, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o, true
}

func TestTunnelsThroughAProxyOfOthers(t *testing.T) {
	certificate, authority := certify(t)
	plainOrigin, secureOrigin := proxied(t, nil), proxied(t, &certificate)
	const nobody = 1 // tcpmux: nobody serves that any more
	credentials := "Basic " + base64.StdEncoding.EncodeToString([]byte("user:secret"))

	open := proxy(t).Port
	guarded := proxy(t, "BasicAuth user secret").Port
	choosy := proxy(t, "ConnectPort 1").Port
	for _, test := range []struct {
		name          string
		proxy         int
		authorization string
		target        int // 0: the origin
		err           string
	}{
		{"open", open, "", 0, ""},
		{"with credentials", guarded, credentials, 0, ""},
		{"without credentials", guarded, "", 0, "OSError: Tunnel connection failed: 407 Proxy Authentication Required"},
		{"with wrong credentials", guarded, "Basic d3Jvbmc6d3Jvbmc=", 0, "OSError: Tunnel connection failed: 401 Unauthorized"},
		{"port not allowed", choosy, "", 0, "OSError: Tunnel connection failed: 403 Access violation"},
		{"target refuses", open, "", nobody, "OSError: Tunnel connection failed: 500 Unable to connect"},
	} {
		for _, secure := range []bool{false, true} {
			name, c := "http, ", tunnelled{Proxy: test.proxy, Port: plainOrigin, Authorization: test.authorization}
			if secure {
				name, c.Port, c.Authorities = "https, ", secureOrigin, string(authority)
			}
			if test.target != 0 {
				c.Port = test.target
			}
			t.Run(name+test.name, func(t *testing.T) {
				got := c.run(t, core.HTTPConnectionOptions{})
				want := outcome{Error: test.err, State: "Idle"}
				if test.err == "" {
					want.Status, want.Body = 200, "GET /through HTTP/1.1\r\nHost: 127.0.0.1:"+strconv.Itoa(c.Port)+"\r\nAccept-Encoding: identity\r\n\r\n"
				} else {
					got.Body, got.Status = "", 0
				}
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
				if theirs, ok := c.python(t); ok && theirs != got {
					t.Errorf("got %+v, Python %+v", got, theirs)
				}
			})
		}
	}
}

// The records of a tunnel begin where CONNECT and its reply end.
func TestRecordsBeginBehindTheTunnel(t *testing.T) {
	certificate, authority := certify(t)
	var first [2]int64
	var plain [2]int64
	seen := map[h1.EventKind]int{}
	tracer := tracerFunc(func(e *h1.Event) {
		switch e.Kind {
		case h1.EventSend:
			plain[h1.Sent] += int64(len(e.Bytes))
		case h1.EventRecv:
			plain[h1.Received] += int64(len(e.Bytes))
		case h1.EventTLSRecord:
			if first[e.Dir] == 0 {
				if first[e.Dir] = e.Start; e.Start != plain[e.Dir] || e.Start == 0 {
					t.Errorf("%v: records begin at %d, want %d", e.Dir, e.Start, plain[e.Dir])
				}
			}
		}
		seen[e.Kind]++
	})
	c := tunnelled{Proxy: proxy(t).Port, Port: proxied(t, &certificate), Authorities: string(authority)}
	if got := c.run(t, core.HTTPConnectionOptions{Tracer: tracer}); got.Status != 200 {
		t.Fatalf("got %+v", got)
	}
	if seen[h1.EventTLSRecord] == 0 || seen[h1.EventTLSHandshake] != 2 || seen[h1.EventTLSCertificate] == 0 {
		t.Errorf("events: %v", seen)
	}
}

// A proxy that speaks TLS itself is reached by a transport over TLS: what
// http.client has no call for, and Python's ssl no layers.
func TestTunnelThroughAProxyOverTLS(t *testing.T) {
	certificate, authority := certify(t)
	inner := proxy(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go accept(l, func(conn net.Conn) {
		behind, err := net.DialTCP("tcp", nil, inner)
		if err != nil {
			return
		}
		defer behind.Close()
		var both sync.WaitGroup
		both.Go(func() { io.Copy(behind, conn); behind.CloseWrite() })
		both.Go(func() { io.Copy(conn, behind); conn.Close() })
		both.Wait()
	})
	settings, err := ssl.CreateDefaultContext(&ssl.Locations{CAData: authority})
	if err != nil {
		t.Fatal(err)
	}
	overTLS := func(ctx context.Context, host string, port int, _ *core.SourceAddress) (net.Conn, error) {
		conn, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return nil, err
		}
		return settings.WrapSocket(ctx, conn, &core.WrapOptions{ServerHostname: host})
	}
	for name, c := range map[string]tunnelled{
		"http":  {Port: proxied(t, nil)},
		"https": {Port: proxied(t, &certificate), Authorities: string(authority)},
	} {
		t.Run(name, func(t *testing.T) {
			c.Proxy = l.Addr().(*net.TCPAddr).Port
			if got := c.run(t, core.HTTPConnectionOptions{CreateConnection: overTLS}); got.Status != 200 || got.Error != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}
