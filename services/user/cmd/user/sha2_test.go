package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	mysqlclient "github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"

	"user/internal/testservers"
)

// forwarding passes a client's statements on to a connection to MariaDB.
type forwarding struct {
	server.EmptyHandler
	to *mysqlclient.Conn
}

func (f forwarding) UseDB(name string) error { return f.to.UseDB(name) }

func (f forwarding) HandleQuery(statement string) (*mysql.Result, error) {
	return f.to.Execute(statement)
}

// sha2Server takes the account app, password "app", by caching_sha2_password
// alone, as MySQL 8.4 does; MariaDB behind it has no such plugin. It stands in
// for MySQL in the handshake only. ca is the file of its certificate.
func sha2Server(t *testing.T, behind *testservers.Server) (port int, ca string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stand-in"}, DNSNames: []string{"mysql.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ca = filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o600); err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	standIn := server.NewServer("8.4.0", mysql.DEFAULT_COLLATION_ID, mysql.AUTH_CACHING_SHA2_PASSWORD,
		pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
		&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{signed}, PrivateKey: key}}})
	accounts := server.NewInMemoryProvider()
	accounts.AddUser("app", "app")
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer func() { _ = conn.Close() }()
				to, err := mysqlclient.Connect(behind.Addr(), behind.User, behind.Password, "")
				if err != nil {
					t.Errorf("MariaDB behind the stand-in: %v", err)
					return
				}
				defer func() { _ = to.Close() }()
				served, err := standIn.NewCustomizedConn(conn, accounts, forwarding{to: to})
				for err == nil && !served.Closed() {
					err = served.HandleCommand()
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	_, text, _ := net.SplitHostPort(listener.Addr().String())
	port, _ = strconv.Atoi(text)
	return port, ca
}

func TestLogsInByCachingSha2Password(t *testing.T) {
	behind := testservers.MySQL(t)
	for name, tlsOn := range map[string]bool{"over TLS": true, "without TLS, by the server's public key": false} {
		t.Run(name, func(t *testing.T) {
			port, ca := sha2Server(t, behind)
			env := servers(t).with("MYSQL_PORT", strconv.Itoa(port), "MYSQL_USER", "app", "MYSQL_PASSWORD", "app")
			if tlsOn {
				env = env.with("MYSQL_TLS_CA_FILE", ca, "MYSQL_TLS_SERVER_NAME", "mysql.example")
			}
			service := startReady(t, env)
			email := unique()
			service.mustRegister(t, email, "pass")
			service.mustLogin(t, email, "pass")
			refused := start(t, env.with("MYSQL_PASSWORD", "wrong"))
			eventually(t, 10*time.Second, func() string {
				if !strings.Contains(strings.ToLower(refused.log.String()), "access denied") {
					return "a wrong password is not denied: " + lastLines(refused.log.String(), 3)
				}
				return ""
			})
			refused.stop()
			service.stop()
			<-refused.done
			<-service.done
		})
	}
}
