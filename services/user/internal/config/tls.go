package config

import (
	"fmt"

	"user/internal/credentials"
)

// tlsVariables are the variables of TLS to a store.
func tlsVariables(prefix, store string, source func(*Config) *credentials.Source) []variable {
	path := func(field func(*credentials.Source) *string) func(*Config, string) error {
		return text(func(c *Config) *string { return field(source(c)) })
	}
	return []variable{
		{name: prefix + "_TLS_CA_FILE", fallback: "", help: "file of certificates that verify " + store + "'s; system: those of the machine; empty: no TLS", set: path(func(s *credentials.Source) *string { return &s.CAFile })},
		{name: prefix + "_TLS_CERT_FILE", fallback: "", help: "file of the client's certificate for " + store + "; empty: none", set: path(func(s *credentials.Source) *string { return &s.CertFile })},
		{name: prefix + "_TLS_KEY_FILE", fallback: "", help: "file of its key", set: path(func(s *credentials.Source) *string { return &s.KeyFile })},
		{name: prefix + "_TLS_SERVER_NAME", fallback: "", help: "name that " + store + "'s certificate has to have; empty: its host", set: path(func(s *credentials.Source) *string { return &s.ServerName })},
	}
}

// readable is the error of a store's files, if one cannot be read.
func readable(prefix string, source *credentials.Source) error {
	if (source.CertFile == "") != (source.KeyFile == "") {
		return fmt.Errorf("%s_TLS_CERT_FILE and %s_TLS_KEY_FILE belong together; received %q and %q", prefix, prefix, source.CertFile, source.KeyFile)
	}
	if source.CAFile == "" {
		if source.CertFile != "" || source.ServerName != "" {
			return fmt.Errorf("%s_TLS_CA_FILE must be set with %s_TLS_CERT_FILE or %s_TLS_SERVER_NAME; received \"\", without which there is no TLS", prefix, prefix, prefix)
		}
		return nil
	}
	// Files of the account have been read.
	certificates := credentials.Source{CAFile: source.CAFile, CertFile: source.CertFile, KeyFile: source.KeyFile}
	if _, err := certificates.Read(); err != nil {
		return fmt.Errorf("%s_TLS_CA_FILE, %s_TLS_CERT_FILE and %s_TLS_KEY_FILE must name files in PEM: %w", prefix, prefix, prefix, err)
	}
	return nil
}
