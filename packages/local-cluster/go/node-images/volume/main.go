// Command volume makes and removes the directory behind a volume. The local path provisioner runs it in a Pod as its
// setup and teardown command, with the arguments that it gives those: -p PATH -s BYTES -m MODE -a create|delete.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "volume:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("volume", flag.ContinueOnError)
	path := flags.String("p", "", "absolute path of the volume's directory")
	action := flags.String("a", "", "create or delete")
	mode := flags.String("m", "Filesystem", "volume mode of the claim")
	flags.Int64("s", 0, "requested bytes; a directory has no size of its own, so they are not enforced")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !filepath.IsAbs(*path) || filepath.Clean(*path) == "/" {
		return fmt.Errorf("-p must be an absolute path below /, got %q", *path)
	}
	switch *action {
	case "create":
		if *mode != "Filesystem" {
			return fmt.Errorf("-m must be Filesystem, got %q: a directory cannot be a block device", *mode)
		}
		return create(*path)
	case "delete":
		return os.RemoveAll(*path)
	default:
		return fmt.Errorf("-a must be create or delete, got %q", *action)
	}
}

// create makes the directory writable for any user, because a container may run as any.
func create(path string) error {
	if err := os.Mkdir(path, 0o777); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	// Not left to Mkdir, whose mode the umask narrows.
	return os.Chmod(path, 0o777)
}
