package main

import (
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
}
