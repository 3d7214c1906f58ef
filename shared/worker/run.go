package worker

import (
	"context"
	"encoding/json"
	"log/slog"
)

// Run goes on with something that is named by a message of the queue, and is no
// event: {"connection": …, "<what>": id}.
type Run func(ctx context.Context, connectionID, id string) error

// Also has the messages that name a what worked off by run.
func (w *Worker) Also(what string, run Run) *Worker {
	if w.runs == nil {
		w.runs = map[string]Run{}
	}
	w.runs[what] = run
	return w
}

// other works off a message that is no event. It reports whether it is one of
// those.
func (w *Worker) other(ctx context.Context, body string) (bool, error) {
	var m map[string]any
	if len(w.runs) == 0 || json.Unmarshal([]byte(body), &m) != nil {
		return false, nil
	}
	connection, ok := m["connection"].(string)
	for what, run := range w.runs {
		id, named := m[what].(string)
		if !ok || !named || connection == "" || id == "" {
			continue
		}
		if err := run(ctx, connection, id); err != nil {
			slog.WarnContext(ctx, what+" will be tried again", "partner", w.partner.Name(), "connection", connection, "id", id, "error", err.Error())
			return true, err
		}
		return true, nil
	}
	return false, nil
}
