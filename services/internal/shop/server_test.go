//go:build proof

package shop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
)

// server is a program of others that the shop stands on.
type server struct {
	name    string
	command func() *exec.Cmd
	process *exec.Cmd
	logs    *lines
	ready   func() bool
}

// nobody's rights: Postgres refuses to run as root.
var nobody = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, Setpgid: true}

func attributes() *syscall.SysProcAttr {
	if os.Getuid() == 0 {
		return nobody
	}
	return &syscall.SysProcAttr{Setpgid: true}
}

func find(t *testing.T, patterns ...string) string {
	t.Helper()
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	t.Fatalf("this proof needs %s: install Debian's postgresql and rabbitmq-server", filepath.Base(patterns[0]))
	return ""
}

func scratch(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "backing")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if os.Getuid() == 0 {
		if err := os.Chown(folder, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func (s *server) begin(t *testing.T) {
	t.Helper()
	s.logs = &lines{}
	s.process = s.command()
	s.process.Stdout, s.process.Stderr, s.process.SysProcAttr = s.logs, s.logs, attributes()
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, s.name+" answers", s.ready, s.logs)
}

// end is abrupt: whoever was answered before was promised that it is kept.
func (s *server) end() {
	if s.process != nil && s.process.ProcessState == nil {
		_ = syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
		_ = s.process.Wait()
	}
}

func postgres(t *testing.T) (*server, func(database string) string) {
	t.Helper()
	programs := filepath.Dir(find(t, "/usr/lib/postgresql/*/bin/initdb", "/usr/bin/initdb"))
	folder, port := filepath.Join(scratch(t), "data"), freePort(t)
	run := func(name string, args ...string) {
		t.Helper()
		command := exec.Command(filepath.Join(programs, name), args...)
		command.SysProcAttr, command.Dir = attributes(), filepath.Dir(folder)
		if text, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
	}
	run("initdb", "-D", folder, "-U", "shop", "-A", "trust", "--no-sync")
	s := &server{name: "postgres",
		command: func() *exec.Cmd {
			command := exec.Command(filepath.Join(programs, "postgres"), "-D", folder, "-p", strconv.Itoa(port), "-k", filepath.Dir(folder), "-c", "listen_addresses=127.0.0.1")
			command.Dir = filepath.Dir(folder)
			return command
		},
		ready: func() bool {
			command := exec.Command(filepath.Join(programs, "pg_isready"), "-h", "127.0.0.1", "-p", strconv.Itoa(port))
			command.Dir = "/"
			return command.Run() == nil
		}}
	s.begin(t)
	t.Cleanup(s.end)
	for _, name := range names {
		run("createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(port), "-U", "shop", name)
	}
	return s, func(database string) string { return fmt.Sprintf("postgres://shop@127.0.0.1:%d/%s", port, database) }
}

func rabbit(t *testing.T) (*server, string) {
	t.Helper()
	program := find(t, "/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server")
	folder, port, names := scratch(t), freePort(t), freePort(t)
	environment := append(os.Environ(), "HOME="+folder, "RABBITMQ_NODENAME=shop@localhost", "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
		fmt.Sprintf("RABBITMQ_NODE_PORT=%d", port), fmt.Sprintf("RABBITMQ_DIST_PORT=%d", freePort(t)), fmt.Sprintf("ERL_EPMD_PORT=%d", names),
		"RABBITMQ_MNESIA_BASE="+folder, "RABBITMQ_LOG_BASE="+folder, "RABBITMQ_LOGS=-", "RABBITMQ_ENABLED_PLUGINS_FILE="+folder+"/plugins", "RABBITMQ_CONF_ENV_FILE=/dev/null",
		"RABBITMQ_CONFIG_FILE="+folder+"/none")
	url := fmt.Sprintf("amqp://guest:guest@127.0.0.1:%d/", port)
	s := &server{name: "rabbitmq",
		command: func() *exec.Cmd {
			command := exec.Command(program)
			command.Env, command.Dir = environment, folder
			return command
		},
		ready: func() bool {
			conn, err := amqp.Dial(url)
			if err != nil {
				return false
			}
			return conn.Close() == nil
		}}
	s.begin(t)
	t.Cleanup(func() {
		s.end()
		// Erlang leaves its name server behind.
		kill := exec.Command("epmd", "-port", strconv.Itoa(names), "-kill")
		kill.Env = environment
		_ = kill.Run()
	})
	return s, url
}
