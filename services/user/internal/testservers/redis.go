package testservers

import (
	"context"
	"fmt"
	"net"
	"regexp"

	goredis "github.com/redis/go-redis/v9"
)

var redisKind = &kind{
	name:     "Redis",
	addrEnv:  "TEST_REDIS_ADDR",
	binaries: []string{"redis-server"},
	packages: []string{"redis-server"},
	imageEnv: "TEST_REDIS_IMAGE",
	image:    "docker.io/library/redis:7.0",
	port:     6379,
	binary: func(path, folder string, port int) (*process, error) {
		return &process{path: path, folder: folder, arguments: []string{
			"--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no",
		}}, nil
	},
	ask: func(ctx context.Context, server *Server) (string, error) {
		// go-redis prints each dial that fails; so it dials only what listens.
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", server.Addr())
		if err != nil {
			return "", err
		}
		_ = conn.Close()
		client := goredis.NewClient(&goredis.Options{Addr: server.Addr(), Password: server.Password, MaxRetries: -1, DialerRetries: 1})
		defer func() { _ = client.Close() }()
		info, err := client.Info(ctx, "server").Result()
		if err != nil {
			return "", err
		}
		version := redisVersion.FindStringSubmatch(info)
		if version == nil {
			return "", fmt.Errorf("INFO has no redis_version: %q", info)
		}
		return "Redis " + version[1], nil
	},
}

var redisVersion = regexp.MustCompile(`redis_version:(\S+)`)
