package main

import (
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"user/internal/testservers"
)

func TestFailsNobodyWhileRedisRefusesCommands(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.StartRedis(t)
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("LOGIN_LIMIT_PER_MINUTE", "5", "REGISTER_LIMIT_PER_MINUTE", "5")
	service := startReady(t, env)
	admin := goredis.NewClient(&goredis.Options{Addr: redis.Addr()})
	defer func() { _ = admin.Close() }()
	// A replica of nothing takes no writes, as after a fail-over.
	if err := admin.ReplicaOf(t.Context(), "127.0.0.1", nowhere(t)).Err(); err != nil {
		t.Fatal(err)
	}
	email := unique()
	service.mustRegister(t, email, "pass")
	service.mustLogin(t, email, "pass")
	if got, err := service.login(email, "wrong"); err != nil || got.status != 401 {
		t.Errorf("%s %v; promised 401", got, err)
	}
	if service.metric(t, `user_redis_uses_total{outcome="bypassed",use="lock"}`) == 0 {
		t.Error("no metric says that the lock was bypassed")
	}
	if err := admin.ReplicaOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := service.login(email, "wrong"); err != nil || got.status != 401 {
		t.Errorf("%s %v; promised 401", got, err)
	}
	log := service.log.String()
	if refuses, takes := strings.Count(log, "Redis refuses commands"), strings.Count(log, "Redis takes commands again"); refuses != 1 || takes != 1 {
		t.Errorf("the log says %d times that Redis refuses and %d times that it takes commands; promised each once", refuses, takes)
	}
}

func TestKeepsEmailsOutOfRedis(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.StartRedis(t)
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("LOGIN_LIMIT_PER_MINUTE", "5", "REGISTER_LIMIT_PER_MINUTE", "5", "ACCOUNT_LIMIT_PER_HOUR", "5")
	service := startReady(t, env)
	admin := goredis.NewClient(&goredis.Options{Addr: redis.Addr()})
	defer func() { _ = admin.Close() }()
	if err := admin.ConfigSet(t.Context(), "slowlog-log-slower-than", "0").Err(); err != nil { // logs every command
		t.Fatal(err)
	}
	email := unique()
	service.mustRegister(t, email, "pass")
	service.mustLogin(t, email, "pass")
	if got, err := service.login(email, "wrong"); err != nil || got.status != 401 {
		t.Errorf("%s %v; promised 401", got, err)
	}
	commands, err := admin.SlowLogGet(t.Context(), 128).Result()
	if err != nil {
		t.Fatal(err)
	}
	local, _, _ := strings.Cut(email, "@")
	keys := 0
	for _, command := range commands {
		said := strings.Join(command.Args, " ")
		if strings.Contains(said, "user:") {
			keys++
		}
		if strings.Contains(said, local) {
			t.Errorf("Redis is told the email: %s", said)
		}
	}
	if keys < 4 {
		t.Errorf("%d commands of the service are seen: %v", keys, commands)
	}
}
