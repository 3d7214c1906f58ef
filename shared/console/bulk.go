package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// selectedAtOnce is how many events something is done with at once: a page's.
const selectedAtOnce = 50

// selection is events that were selected on the list, before something is done with
// them, and after.
type selection struct {
	tab
	Rows []selected
	// Parked is how many are parked, UnderWay how many are not at their end.
	Parked, UnderWay int
	// Did says what was done, empty before; Done is with how many.
	Did  string
	Done int
}

// selected is one of them.
type selected struct {
	ID    string
	Event lever.Event
	State store.EventState
	// Outcome is what became of it, as a sentence; Failed says that nothing was done.
	Outcome string
	Failed  bool
}

// chosen are the ids of the events that a form names, each once.
func (v *visit) chosen() ([]string, error) {
	ids := slices.Clone(v.form["event"])
	slices.Sort(ids)
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		return nil, api.Conflict("No event is selected. Go back and select some.")
	case len(ids) > selectedAtOnce:
		return nil, api.Conflict(fmt.Sprintf("Something can be done with %d events at once.", selectedAtOnce))
	case !all(ids, lever.ValidID):
		return nil, api.NotFound("One of these events is none that was ever given.")
	}
	return ids, nil
}

func all(ids []string, is func(string) bool) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return !is(id) })
}

// selection reads the events that were selected. Those that are not there any more are
// left out.
func (v *visit) selection(ctx context.Context) (selection, error) {
	ids, err := v.chosen()
	if err != nil {
		return selection{}, err
	}
	s := selection{}
	if s.tab, err = v.tab(ctx); err != nil {
		return s, err
	}
	for _, id := range ids {
		e, err := v.Table.Event(ctx, s.Connection.ID, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return s, err
		}
		s.Rows = append(s.Rows, selected{ID: e.ID, Event: e.Event, State: e.State})
		switch {
		case e.State == store.Parked:
			s.Parked++
		case !e.State.Ended():
			s.UnderWay++
		}
	}
	return s, nil
}

// selected shows what was selected, and how many of what, before anything is done.
func (v *visit) selected(ctx context.Context) (answer, error) {
	s, err := v.selection(ctx)
	if err != nil {
		return answer{}, err
	}
	s.Title = "Selected events"
	return v.show("selection", s)
}

// replaySelected has the events worked off again, each as the button on its own page
// does.
func (v *visit) replaySelected(ctx context.Context) (answer, error) {
	return v.each(ctx, "events.replayed", "worked off again", func(id string) error {
		one := *v
		one.values = map[string]string{"c": v.values["c"], "e": id}
		return one.ask(ctx, "POST /v1/connections/{c}/events/{e}/replay", nil, nil, nil)
	})
}

// dismissSelected ends those of the events for good that are parked.
func (v *visit) dismissSelected(ctx context.Context) (answer, error) {
	return v.each(ctx, "events.dismissed", "dismissed", func(id string) error {
		err := v.Table.Dismiss(ctx, v.values["c"], id)
		if errors.Is(err, store.ErrMoved) {
			err = api.Conflict("It is not parked, or no longer.")
		}
		return err
	})
}

// each does something with each of the selected events, and shows what became of
// them. What is to be done is in the trail before it is done. One that fails does not
// keep the others from it.
func (v *visit) each(ctx context.Context, action, did string, do func(id string) error) (answer, error) {
	s, err := v.selection(ctx)
	if err != nil {
		return answer{}, err
	}
	var ids []string
	for _, r := range s.Rows {
		ids = append(ids, r.ID)
	}
	if err := v.note(ctx, action, map[string][]string{"events": ids}); err != nil {
		return answer{}, err
	}
	s.Title, s.Did = "Selected events", did
	for i := range s.Rows {
		s.Rows[i].Outcome, s.Rows[i].Failed = v.outcome(ctx, s.Rows[i].ID, did, do(s.Rows[i].ID))
		if !s.Rows[i].Failed {
			s.Done++
		}
	}
	return v.Pages.Show(http.StatusOK, "selection", s)
}

func (v *visit) outcome(ctx context.Context, event, did string, err error) (text string, failed bool) {
	var problem *api.Problem
	switch {
	case err == nil:
		return did, false
	case errors.As(err, &problem):
		return problem.Detail, true
	}
	slog.ErrorContext(ctx, "selected event failed", "connection", v.values["c"], "event", event, "error", err.Error())
	return "Not done. Try again in a moment.", true
}
