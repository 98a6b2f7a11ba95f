package main

import (
	"context"
	"log/slog"

	"user/internal/account"
)

// unlevelled writes every line, whatever LOG_LEVEL says.
type unlevelled struct{ slog.Handler }

func (unlevelled) Enabled(context.Context, slog.Level) bool { return true }

// audit counts each attempt and writes it to the log.
func audit(log *slog.Logger, counted func(action, outcome string)) func(ctx context.Context, event account.Event) {
	always := slog.New(unlevelled{log.Handler()})
	return func(ctx context.Context, event account.Event) {
		counted(event.Action, event.Outcome)
		attributes := []slog.Attr{slog.String("action", event.Action), slog.String("outcome", event.Outcome), slog.String("client", event.Address.String())}
		if event.UserID != 0 {
			attributes = append(attributes, slog.Int64("user_id", event.UserID))
		}
		always.LogAttrs(ctx, slog.LevelInfo, "audit", attributes...)
	}
}
