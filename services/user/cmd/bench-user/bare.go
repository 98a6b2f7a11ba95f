package main

import (
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"user/internal/account"
)

// bareSettings, in the environment, makes this program the bare handler that
// the service is compared with, as a process of its own as the service is one.
const bareSettings = "BENCH_USER_BARE"

// startBare starts the bare handler; stop ends it.
func startBare(site site) (bare caller, stop func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return caller{}, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return caller{}, nil, err
	}
	defer func() { _ = listener.Close() }() // the child has it by then
	tcp, isTCP := listener.(*net.TCPListener)
	if !isTCP {
		return caller{}, nil, fmt.Errorf("%T is no TCP listener", listener)
	}
	file, err := tcp.File()
	if err != nil {
		return caller{}, nil, err
	}
	defer func() { _ = file.Close() }()
	options := driver.NewConfig()
	options.Net, options.Addr, options.User, options.Passwd, options.DBName = "tcp", site.mysql.Addr(), site.mysql.User, site.mysql.Password, database
	options.InterpolateParams = true
	command := exec.Command(program)
	command.Env = append(os.Environ(), bareSettings+"="+options.FormatDSN())
	command.ExtraFiles, command.Stderr = []*os.File{file}, os.Stderr
	if err := command.Start(); err != nil {
		return caller{}, nil, err
	}
	return newCaller("http://" + listener.Addr().String()), func() error {
		_ = command.Process.Kill()
		return command.Wait()
	}, nil
}

// serveBare serves, on the listener that it is given, the least that makes the
// login's query by the same driver.
func serveBare(settings string) error {
	options, err := driver.ParseDSN(settings)
	if err != nil {
		return err
	}
	connector, err := driver.NewConnector(options)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(20)
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var id int64
		var username, found, stored string
		query := "SELECT id, username, email, password FROM user WHERE account_key = ?"
		if err := pool.QueryRowContext(r.Context(), query, []byte(account.Key(r.PostFormValue("email")))).Scan(&id, &username, &found, &stored); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprintf(w, `{"user_info":{"id":%d,"username":%q,"email":%q}}`, id, username, found)
	})}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		return err
	}
	return server.Serve(listener)
}
