package connect

import (
	"context"
	"fmt"
	"log/slog"
	"maps"

	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// leverName is the detail of an attention item that says which name of Lever's has
// no match.
const leverName = "lever"

// renamed has looked at again what waits for a name that was matched just now. What
// cannot be sent is left to the item's own retry.
func (s *Setup) renamed(ctx context.Context, c store.Connection, d definition.Definition, version int64, changed definition.Values) {
	names := map[string]string{}
	for _, setting := range d.Matched() {
		maps.Copy(names, aliasesOf(changed[setting.Name]))
	}
	if len(names) == 0 {
		return
	}
	if err := s.lookAgain(ctx, c, version, names); err != nil {
		slog.WarnContext(ctx, "what waits for a name is not looked at again", "connection", c.ID, "error", err.Error())
	}
}

func (s *Setup) lookAgain(ctx context.Context, c store.Connection, version int64, names map[string]string) error {
	items := func(p store.Paging) (store.Listed[store.Attention], error) { return s.Table.Attentions(ctx, c.ID, p) }
	for a, err := range store.Every(items) {
		if err != nil {
			return err
		}
		if names[a.Details[leverName]] == "" || a.ClearedAt != 0 || a.Event == "" {
			continue
		}
		now := lever.At(s.Now())
		err := s.Recovery.Look(ctx, c, queue.Event{
			ID: fmt.Sprintf("%s-again-%d", a.ID, version), Connection: c.ID, Event: a.Event, IDs: a.IDs,
			TriggeredAt: now, ReceivedAt: now, Origin: string(store.FromReplay),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
