package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stepwire/stepwire/netshim/policy"
	"github.com/stepwire/stepwire/netshim/relay"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// flagsOf finds what a unit or an image passes, and checks that the command
// knows it.
func flagsOf(t *testing.T, command string) (args []string) {
	t.Helper()
	args = regexp.MustCompile(`--?[a-z][a-z-]*|[0-9.]+:[0-9]+`).FindAllString(command, -1)
	flags := slices.DeleteFunc(slices.Clone(args), func(s string) bool { return s[0] != '-' })
	if len(flags) == 0 {
		t.Fatalf("no flags in %q", command)
	}
	var out strings.Builder
	run([]string{"--help"}, nil, &out, io.Discard)
	for _, f := range flags {
		if !strings.Contains(out.String(), "\n  "+f+" ") {
			t.Errorf("%s is not a flag", f)
		}
	}
	return args
}

func TestRule19HardenedUnit(t *testing.T) {
	unit := read(t, "netshim.service")
	for _, line := range []string{
		"DynamicUser=yes", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes",
		"PrivateTmp=yes", "PrivateDevices=yes", "ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectControlGroups=yes",
		"RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX", "RestrictNamespaces=yes", "RestrictSUIDSGID=yes",
		"LockPersonality=yes", "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service", "SystemCallArchitectures=native",
	} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the unit lacks %s", line)
		}
	}
	_, start, _ := strings.Cut(unit, "ExecStart=")
	start, _, _ = strings.Cut(start, "ExecReload")
	if args := flagsOf(t, start); !slices.Contains(args, "127.0.0.1:8080") {
		t.Errorf("it listens elsewhere: %q", args)
	}
	// The numbers that follow from the defaults.
	limits := policy.Defaults().Limits
	ceiling := strconv.FormatInt(relay.Ceiling(limits)>>20, 10) + " MiB"
	if !strings.Contains(unit, ceiling) {
		t.Errorf("the unit does not name the ceiling of %s", ceiling)
	}
	if need := 2*limits.Connections + limits.Streams; need > 16384 || !strings.Contains(unit, "\nLimitNOFILE=16384\n") {
		t.Errorf("%d descriptors can be needed", need)
	}
	if path, err := exec.LookPath("systemd-analyze"); err == nil {
		// verify wants the executable to be there.
		dir := t.TempDir()
		name := filepath.Join(dir, "netshim.service")
		text := strings.Replace(unit, "/usr/local/bin/netshim", "/bin/true", 1)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(path, "verify", "--man=no", "--recursive-errors=no", name).CombinedOutput(); err != nil {
			t.Errorf("systemd-analyze verify: %v\n%s", err, out)
		}
	}
	if err := policy.Defaults().ParseFile("netshim.conf", strings.ReplaceAll(read(t, "netshim.conf"), "\n#allow", "\nallow")); err != nil {
		t.Error(err)
	}
	uncommented := regexp.MustCompile(`(?m)^#([a-z])`).ReplaceAllString(read(t, "netshim.conf"), "$1")
	if err := policy.Defaults().ParseFile("netshim.conf", uncommented); err != nil {
		t.Errorf("the examples in netshim.conf: %v", err)
	}
}

func TestRule19ContainerIsNotRoot(t *testing.T) {
	file := read(t, "Containerfile")
	user := regexp.MustCompile(`(?m)^USER (\d+):(\d+)$`).FindStringSubmatch(file)
	if user == nil || user[1] == "0" || user[2] == "0" {
		t.Errorf("USER: %q", user)
	}
	if !strings.Contains(file, "\nFROM scratch\n") {
		t.Error("the image has more in it than the executable")
	}
	_, entry, _ := strings.Cut(file, "ENTRYPOINT")
	flagsOf(t, entry)
	// As it stands it must refuse to start: the operator names origin and host.
	tokens := write(t, "tokens", "0123456789abcdef0123456789abcdef\n")
	var stderr strings.Builder
	if code := run([]string{"--listen", "0.0.0.0:0", "--ops-listen", "127.0.0.1:0", "--token-file", tokens}, nil, io.Discard, &stderr); code != 2 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
