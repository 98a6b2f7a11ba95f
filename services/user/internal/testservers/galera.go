package testservers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const galeraProvider = "/usr/lib/galera/libgalera_smm.so"

// Cluster is a Galera cluster: every node takes writes.
type Cluster struct {
	Nodes []*Server
}

// StartCluster starts a cluster of MariaDB nodes, of Debian's mariadb-server and
// galera-4; it ends with the test.
func StartCluster(t testing.TB, size int) *Cluster {
	t.Helper()
	path := lookPath([]string{"mariadbd"})
	if path == "" || !exists(galeraProvider) {
		t.Fatalf("no Galera cluster to test against: there is no mariadbd on PATH or in /usr/sbin, or no %s; install it (Debian: apt-get install mariadb-server galera-4)", galeraProvider)
	}
	cluster, err := launchCluster(path, size)
	if cluster != nil {
		t.Cleanup(func() {
			for _, node := range cluster.Nodes {
				if err := node.backend.remove(); err != nil {
					t.Errorf("%s: %v", node.Product, err)
				}
			}
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("runs against %d nodes of Galera, %s", size, cluster.Nodes[0].Product)
	return cluster
}

func launchCluster(path string, size int) (*Cluster, error) {
	cluster := &Cluster{}
	ports, addresses := make([][4]int, size), make([]string, size)
	for i := range size {
		for j := range ports[i] {
			port, err := freePort()
			if err != nil {
				return nil, err
			}
			ports[i][j] = port
		}
		addresses[i] = fmt.Sprintf("127.0.0.1:%d", ports[i][1])
	}
	for i, port := range ports {
		node, err := galeraNode(path, fmt.Sprint("node", i), port, strings.Join(addresses, ","))
		if err != nil {
			return cluster, err
		}
		cluster.Nodes = append(cluster.Nodes, node)
		made, _ := node.backend.(*process)
		permanent := made.arguments
		if i == 0 {
			made.arguments = append(permanent[:len(permanent):len(permanent)], "--wsrep-new-cluster", "--init-file="+filepath.Join(made.folder, "grants.sql"))
		}
		if err := made.start(); err != nil {
			return cluster, err
		}
		made.arguments = permanent // it joins the others when it is started again
		if i == 0 {
			if err := node.awaitReady(path); err != nil {
				return cluster, err
			}
		}
	}
	for _, node := range cluster.Nodes[1:] {
		if err := node.awaitReady(path); err != nil {
			return cluster, err
		}
	}
	return cluster, nil
}

// galeraKind answers once the node has joined.
var galeraKind = &kind{
	name: "Galera node",
	ask: func(ctx context.Context, server *Server) (string, error) {
		state, err := server.Wsrep(ctx, "wsrep_local_state_comment")
		if err != nil {
			return "", err
		}
		if state != "Synced" {
			return "", fmt.Errorf("the node is %s", state)
		}
		return mysqlKind.ask(ctx, server)
	},
}

// Wsrep is the value of one of a node's status variables.
func (s *Server) Wsrep(ctx context.Context, name string) (value string, err error) {
	pool, err := s.open("")
	if err != nil {
		return "", err
	}
	defer func() { _ = pool.Close() }()
	err = pool.QueryRowContext(ctx, "SHOW STATUS LIKE '"+name+"'").Scan(&name, &value)
	return value, err
}

// galeraNode is a node that is not started. ports are for clients, for the
// group, and for two kinds of state transfer.
func galeraNode(path, name string, ports [4]int, group string) (*Server, error) {
	parent, err := galeraParent()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(parent, "user-galera-")
	if err != nil {
		return nil, err
	}
	made, err := mysqlBinary(path, folder, ports[0])
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	made.arguments = append(made.arguments,
		"--init-file=", "--tmpdir="+folder, "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON",
		"--wsrep-provider="+galeraProvider, "--wsrep-cluster-name=test", "--wsrep-cluster-address=gcomm://"+group,
		"--wsrep-node-name="+name, "--wsrep-node-address=127.0.0.1", "--wsrep-sst-method=rsync",
		fmt.Sprintf("--wsrep-sst-receive-address=127.0.0.1:%d", ports[3]),
		fmt.Sprintf("--wsrep-provider-options=base_host=127.0.0.1;base_port=%[1]d;gmcast.listen_addr=tcp://127.0.0.1:%[1]d;ist.recv_addr=127.0.0.1:%[2]d;"+
			"gcache.size=16M;pc.recovery=false;evs.suspect_timeout=PT3S;evs.inactive_timeout=PT6S;gcs.fc_limit=1000", ports[1], ports[2]))
	if os.Geteuid() == 0 {
		// rsync, which transfers the state, gives up root for it.
		if err := giveTo("mysql", folder); err != nil {
			return nil, errors.Join(err, os.RemoveAll(folder))
		}
		made.arguments = append(slices.DeleteFunc(made.arguments, func(argument string) bool { return argument == "--user=root" }), "--user=mysql")
	}
	return &Server{Host: "127.0.0.1", Port: ports[0], User: "root", Password: rootPassword, kind: galeraKind, backend: made}, nil
}

// galeraParent is the folder for those of nodes: the temporary one, unless the
// account that root gives a node to would not reach it.
func galeraParent() (string, error) {
	candidates := []string{os.TempDir(), "/tmp", "/var/tmp"}
	for _, candidate := range candidates {
		if os.Geteuid() != 0 || searchable(candidate) {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("a Galera node that root starts runs as mysql, which none of %s lets through; chmod o+x one and its parents", strings.Join(candidates, ", "))
}

// searchable says whether every account gets to what is in a folder.
func searchable(folder string) bool {
	path, err := filepath.EvalSymlinks(folder)
	if err != nil || !filepath.IsAbs(path) {
		return false
	}
	for ; ; path = filepath.Dir(path) {
		if info, err := os.Stat(path); err != nil || info.Mode()&0o001 == 0 {
			return false
		}
		if path == filepath.Dir(path) {
			return true
		}
	}
}

// giveTo makes a folder an account's own.
func giveTo(name, folder string) error {
	account, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chown(path, uid, gid))
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Isolate cuts a node off from the others, as a network that fails; it ends
// when the node no longer is of the primary component.
func (c *Cluster) Isolate(t testing.TB, node int) { c.isolate(t, node, 1, "non-Primary") }

// Rejoin ends Isolate.
func (c *Cluster) Rejoin(t testing.TB, node int) { c.isolate(t, node, 0, "Primary") }

func (c *Cluster) isolate(t testing.TB, node, isolated int, status string) {
	t.Helper()
	server := c.Nodes[node]
	pool := server.Open(t, "")
	if _, err := pool.Exec(fmt.Sprintf("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=%d'", isolated)); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(60 * time.Second)
	for {
		got, err := server.Wsrep(t.Context(), "wsrep_cluster_status")
		if err == nil && got == status && (isolated == 1 || synced(t, server)) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("node %d is %s, %v; not %s within a minute", node, got, err, status)
		}
		pause(t.Context(), 50*time.Millisecond)
	}
}

func synced(t testing.TB, server *Server) bool {
	state, err := server.Wsrep(t.Context(), "wsrep_local_state_comment")
	return err == nil && state == "Synced"
}
