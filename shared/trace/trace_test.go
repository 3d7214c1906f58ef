package trace_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"fulcrum/shared/trace"
)

func TestALineHasTheIdsOfItsContext(t *testing.T) {
	event := func(ctx context.Context) context.Context {
		return trace.With(ctx, "connection", "con_1", "id", "evt_1")
	}
	for name, tt := range map[string]struct {
		context func(context.Context) context.Context
		log     func(context.Context, *slog.Logger)
		want    string
	}{
		"none":                     {func(ctx context.Context) context.Context { return ctx }, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m") }, "msg=m"},
		"two":                      {event, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m", "a", 1) }, "msg=m a=1 connection=con_1 id=evt_1"},
		"one that it says itself":  {event, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m", "id", "own") }, "msg=m id=own connection=con_1"},
		"one that the logger has":  {event, func(ctx context.Context, l *slog.Logger) { l.With("id", "own").InfoContext(ctx, "m") }, "msg=m id=own connection=con_1"},
		"a group is left alone":    {event, func(ctx context.Context, l *slog.Logger) { l.WithGroup("g").InfoContext(ctx, "m", "a", 1) }, "msg=m g.a=1"},
		"a logger of a group":      {event, func(ctx context.Context, l *slog.Logger) { l.WithGroup("").InfoContext(ctx, "m") }, "msg=m connection=con_1 id=evt_1"},
		"an empty one is left out": {func(ctx context.Context) context.Context { return trace.With(ctx, "id", "") }, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m") }, "msg=m"},
		"the first value stays": {func(ctx context.Context) context.Context {
			return trace.With(event(ctx), "id", "evt_2", "delivery", "dlv_1")
		}, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m") }, "msg=m connection=con_1 id=evt_1 delivery=dlv_1"},
		"those of a message": {func(ctx context.Context) context.Context {
			return trace.Message(ctx, `{"connection":"c","delivery":"d","x":1}`)
		}, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m") }, "msg=m connection=c delivery=d"},
		"those of no message":       {func(ctx context.Context) context.Context { return trace.Message(ctx, `[]`) }, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m") }, "msg=m"},
		"what is below the level":   {event, func(ctx context.Context, l *slog.Logger) { l.DebugContext(ctx, "m") }, ""},
		"one record, several lines": {event, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m"); l.InfoContext(ctx, "n") }, "msg=m connection=con_1 id=evt_1\nmsg=n connection=con_1 id=evt_1"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			logger := slog.New(trace.Handler(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
					return slog.Attr{}
				}
				return a
			}})))
			tt.log(tt.context(t.Context()), logger)
			if got := strings.TrimSpace(out.String()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
