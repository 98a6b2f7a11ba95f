// Command git-server serves the Git repositories below a folder over HTTP, for reading: git http-backend as a CGI
// program, which takes a push from none but those that a web server has authenticated.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "git-server:", err)
		os.Exit(1)
	}
}

func run() error {
	root := flag.String("root", "", "folder of the repositories")
	address := flag.String("address", "", "host:port to listen on")
	flag.Parse()
	if *root == "" || *address == "" {
		return fmt.Errorf("-root and -address must be given, got %q and %q", *root, *address)
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return err
	}
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	http.Handle("/", &cgi.Handler{
		Path: git,
		Args: []string{"http-backend"},
		Env:  []string{"GIT_PROJECT_ROOT=" + *root, "GIT_HTTP_EXPORT_ALL=1", "HOME=" + *root},
	})
	server := http.Server{Addr: *address, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
