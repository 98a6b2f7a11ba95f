// Package credentials holds what the service shows to a store: an account, and
// the certificates of TLS. They may come from files, which are read again when
// they are rotated.
package credentials

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Source says where the credentials come from. A file stands before its value.
type Source struct {
	User, UserFile         string
	Password, PasswordFile string

	// CAFile has the certificates, in PEM, by which the server's is verified;
	// SystemCA takes those of the machine, and with "" there is no TLS.
	CAFile string
	// CertFile and KeyFile are the client's own, in PEM; both or none.
	CertFile, KeyFile string
	// ServerName is the name that the server's certificate has to have.
	ServerName string
}

// SystemCA is the CAFile that stands for the certificates of the machine.
const SystemCA = "system"

// Credentials are one state of a Source.
type Credentials struct {
	User, Password string
	TLS            *tls.Config // nil: none
	// Read is when they were read first.
	Read time.Time

	ca, cert, key []byte
}

// Equal is whether a server sees no difference.
func (c Credentials) Equal(other Credentials) bool {
	return c.User == other.User && c.Password == other.Password &&
		bytes.Equal(c.ca, other.ca) && bytes.Equal(c.cert, other.cert) && bytes.Equal(c.key, other.key)
}

// String keeps the password out of what is printed.
func (c Credentials) String() string { return c.User }

// errChanging is of files of which some are new and some old.
var errChanging = errors.New("the files change while they are read")

// Read reads every file. The user and password it returns belong together if
// they are replaced together, as Kubernetes replaces the files of a Secret, or
// the user before the password.
func (s Source) Read() (Credentials, error) {
	for range 5 {
		read, err := s.read()
		if err != nil {
			return Credentials{}, err
		}
		if again, err := s.read(); err == nil && again.Equal(read) {
			return read, nil
		}
	}
	return Credentials{}, errChanging
}

func (s Source) read() (read Credentials, err error) {
	read = Credentials{User: s.User, Password: s.Password, Read: time.Now()}
	var failures []error
	for _, file := range []struct {
		path string
		into *string
	}{{s.UserFile, &read.User}, {s.PasswordFile, &read.Password}} {
		if file.path == "" {
			continue
		}
		content, err := os.ReadFile(file.path)
		failures = append(failures, err)
		*file.into = strings.TrimRight(string(content), "\r\n")
	}
	for _, file := range []struct {
		path string
		into *[]byte
	}{{s.CAFile, &read.ca}, {s.CertFile, &read.cert}, {s.KeyFile, &read.key}} {
		if file.path == "" || file.path == SystemCA {
			continue
		}
		content, err := os.ReadFile(file.path)
		failures = append(failures, err)
		*file.into = content
	}
	if err := errors.Join(failures...); err != nil {
		return Credentials{}, err
	}
	read.TLS, err = s.configure(read)
	return read, err
}

func (s Source) configure(read Credentials) (*tls.Config, error) {
	if s.CAFile == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.ServerName}
	if s.CAFile != SystemCA {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(read.ca) {
			return nil, fmt.Errorf("%s has no certificate in PEM", s.CAFile)
		}
	}
	if s.CertFile != "" {
		pair, err := tls.X509KeyPair(read.cert, read.key)
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", s.CertFile, s.KeyFile, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
