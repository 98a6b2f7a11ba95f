package testservers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// launch starts a server by the first way that works and says why the others did not.
func launch(k *kind, options ...string) (*Server, error) {
	if path := lookPath(k.binaries); path != "" {
		return launchBinary(k, path, options)
	}
	failures := []error{fmt.Errorf("none of %s is on PATH or in /usr/sbin", strings.Join(k.binaries, ", "))}
	for _, engine := range []string{"podman", "docker"} {
		server, err := launchContainer(k, engine, options)
		if err == nil {
			return server, nil
		}
		failures = append(failures, err)
	}
	return nil, fmt.Errorf("no %s to test against; install it (Debian: apt-get install %s), or set %s=host:port: %w",
		k.name, strings.Join(k.packages, " "), k.addrEnv, errors.Join(failures...))
}

func lookPath(names []string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		// Debian keeps servers out of an ordinary user's PATH.
		if path := filepath.Join("/usr/sbin", name); executable(path) {
			return path
		}
	}
	return ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

func launchBinary(k *kind, path string, options []string) (*Server, error) {
	folder, err := os.MkdirTemp("", "user-"+strings.ToLower(k.name)+"-")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	made, err := k.binary(path, folder, port)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), os.RemoveAll(folder))
	}
	made.arguments = append(made.arguments, options...)
	return await(k, made, port, path)
}

func await(k *kind, made backend, port int, origin string) (*Server, error) {
	server := &Server{Host: "127.0.0.1", Port: port, User: "root", Password: k.password, kind: k, backend: made}
	if err := made.start(); err != nil {
		return nil, errors.Join(err, made.remove())
	}
	if err := server.awaitReady(origin); err != nil {
		return nil, errors.Join(err, made.remove())
	}
	return server, nil
}

// process is a server that runs as a child.
type process struct {
	path      string
	arguments []string
	folder    string
	running   *exec.Cmd
	ended     chan struct{}
}

func (p *process) log() string { return filepath.Join(p.folder, "server.log") }

func (p *process) start() error {
	log, err := os.OpenFile(p.log(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	p.running = exec.Command(p.path, p.arguments...)
	p.running.Stdout, p.running.Stderr, p.running.Dir = log, log, p.folder
	p.running.SysProcAttr = endWithParent()
	if err := p.running.Start(); err != nil {
		return err
	}
	p.ended = make(chan struct{})
	go func(running *exec.Cmd, ended chan struct{}) {
		_ = running.Wait() // how it ended is in its log
		close(ended)
	}(p.running, p.ended)
	return nil
}

func (p *process) kill() error {
	err := p.running.Process.Kill()
	<-p.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

func (p *process) remove() error {
	var err error
	if p.running != nil && p.running.Process != nil {
		err = p.kill()
	}
	return errors.Join(err, os.RemoveAll(p.folder))
}

func (p *process) diagnosis() string { return tail(p.log()) }

// container is a server that a container engine runs.
type container struct {
	engine string
	id     string
}

func launchContainer(k *kind, engine string, options []string) (*Server, error) {
	if _, err := exec.LookPath(engine); err != nil {
		return nil, fmt.Errorf("%s is not on PATH", engine)
	}
	if err := command(engine, "info"); err != nil {
		return nil, err
	}
	image := k.image
	if given := os.Getenv(k.imageEnv); given != "" {
		image = given
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	arguments := []string{"create", "--publish", fmt.Sprintf("127.0.0.1:%d:%d", port, k.port)}
	for _, variable := range k.environment {
		arguments = append(arguments, "--env", variable)
	}
	out, err := exec.Command(engine, slices.Concat(arguments, []string{image}, options)...).Output()
	if err != nil {
		return nil, failure(err, engine, "create", image)
	}
	lines := strings.Fields(string(out))
	return await(k, &container{engine, lines[len(lines)-1]}, port, engine+" "+image)
}

func (c *container) start() error  { return command(c.engine, "start", c.id) }
func (c *container) kill() error   { return command(c.engine, "kill", "--signal", "KILL", c.id) }
func (c *container) remove() error { return command(c.engine, "rm", "--force", "--volumes", c.id) }

func (c *container) diagnosis() string {
	out, _ := exec.Command(c.engine, "logs", "--tail", "15", c.id).CombinedOutput()
	return string(out)
}

func command(name string, arguments ...string) error {
	out, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

func failure(err error, words ...string) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return fmt.Errorf("%s: %w", strings.Join(words, " "), err)
}
