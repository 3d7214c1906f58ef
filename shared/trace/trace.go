// Package trace puts the ids of what is being worked on into every log line, also
// into those of rooms that do not know them: the connection, and the id of the event
// from Lever's webhook to the partner's endpoint. An id is put into the context once,
// where it becomes known.
package trace

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
)

type key struct{}

// With is a context whose log lines have the ids besides what they say themselves.
// ids are name and value in turn, as for slog.Info; an empty value is left out, and
// a name that is there already keeps its first value.
func With(ctx context.Context, ids ...string) context.Context {
	attrs := slices.Clone(of(ctx))
	for i := 0; i+1 < len(ids); i += 2 {
		if ids[i+1] != "" && !has(attrs, ids[i]) {
			attrs = append(attrs, slog.String(ids[i], ids[i+1]))
		}
	}
	return context.WithValue(ctx, key{}, attrs)
}

// Message is With for the ids in a message of one of our queues: connection, id,
// delivery, action, import.
func Message(ctx context.Context, body string) context.Context {
	var m struct{ Connection, ID, Delivery, Action, Import string }
	if json.Unmarshal([]byte(body), &m) != nil {
		return ctx
	}
	return With(ctx, "connection", m.Connection, "id", m.ID, "delivery", m.Delivery, "action", m.Action, "import", m.Import)
}

func of(ctx context.Context) []slog.Attr {
	attrs, _ := ctx.Value(key{}).([]slog.Attr)
	return attrs
}

func has(attrs []slog.Attr, name string) bool {
	return slices.ContainsFunc(attrs, func(a slog.Attr) bool { return a.Key == name })
}

// Handler adds the context's ids to the lines of next. What a line says itself is
// not said twice.
func Handler(next slog.Handler) slog.Handler { return &handler{next: next} }

type handler struct {
	next  slog.Handler
	bound []slog.Attr // by Logger.With, outside of any group
	group bool
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if h.group {
		return h.next.Handle(ctx, r) // the ids would land in the group
	}
	said := slices.Clone(h.bound)
	r.Attrs(func(a slog.Attr) bool {
		said = append(said, a)
		return true
	})
	r = r.Clone()
	for _, id := range of(ctx) {
		if !has(said, id.Key) {
			r.AddAttrs(id)
		}
	}
	return h.next.Handle(ctx, r)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	bound := h.bound
	if !h.group {
		bound = slices.Concat(h.bound, attrs)
	}
	return &handler{h.next.WithAttrs(attrs), bound, h.group}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.next.WithGroup(name), h.bound, h.group || name != ""}
}
