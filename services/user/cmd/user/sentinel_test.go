package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"user/internal/testservers"
)

func TestFollowsTheMasterThatSentinelNames(t *testing.T) {
	master := testservers.StartRedis(t)
	replica := testservers.StartRedis(t, "--replicaof", master.Host, fmt.Sprint(master.Port))
	client := goredis.NewClient(&goredis.Options{Addr: replica.Addr()})
	defer func() { _ = client.Close() }()
	eventually(t, 20*time.Second, func() string {
		info, err := client.Info(t.Context(), "replication").Result()
		if err != nil || !strings.Contains(info, "master_link_status:up") {
			return info
		}
		return ""
	})
	sentinel := testservers.StartSentinel(t, master)
	asked := goredis.NewSentinelClient(&goredis.Options{Addr: sentinel.Addr()})
	defer func() { _ = asked.Close() }()
	eventually(t, 20*time.Second, func() string {
		if replicas, err := asked.Replicas(t.Context(), "mymaster").Result(); err != nil || len(replicas) != 1 {
			return fmt.Sprint("the Sentinel knows ", replicas, err)
		}
		return ""
	})
	mysql := testservers.MySQL(t)
	service := startReady(t, environmentOf(mysql, master, mysql.NewName(t)).without("REDIS_HOST", "REDIS_PORT").with("REDIS_SENTINELS", sentinel.Addr()))
	const acquired = `user_redis_uses_total{outcome="acquired",use="lock"}`
	service.mustRegister(t, unique(), "pass")
	before := service.metric(t, acquired)
	if before != 1 {
		t.Errorf("%v locks were taken at the first master; promised 1", before)
	}
	stop := steady(t, service.client, 2)
	master.Kill(t)
	eventually(t, 30*time.Second, func() string {
		if list, err := client.Do(t.Context(), "ROLE").Slice(); err != nil || list[0] != "master" {
			return fmt.Sprint("the replica is ", list, err)
		}
		return ""
	})
	service.awaitReady(t, "ready")
	locked := service.metric(t, acquired)
	eventually(t, 10*time.Second, func() string {
		if service.metric(t, acquired) <= locked {
			return "no lock is taken at the new master"
		}
		return ""
	})
	t.Logf("%d requests during the failover, each 200", stop())
}

func TestNamesAWrongAddressOfACluster(t *testing.T) {
	code, _, said := capture(t, environment{"MYSQL_ADDRS": "a:3306,b", "REDIS_SENTINELS": "a:0"})
	for _, promised := range []string{`MYSQL_ADDRS must be comma-separated host:port; "b" is not; received "a:3306,b"`, `REDIS_SENTINELS must be comma-separated host:port`} {
		if code != exitUsage || !strings.Contains(said, promised) {
			t.Errorf("ended with %d and does not say %q:\n%s", code, promised, said)
		}
	}
}
