package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/connect/choice"
	"fulcrum/shared/definition"
	"fulcrum/shared/document"
	"fulcrum/shared/store"
)

// settingsView is the settings as a partner reads them.
type settingsView struct {
	// Version counts what was applied; zero is the defaults.
	Version   int64             `json:"version"`
	ChangedAt string            `json:"changedAt,omitempty"`
	ChangedBy string            `json:"changedBy,omitempty"`
	Values    definition.Values `json:"values"`
}

// newSettings is the body of PUT …/settings: the whole document, and the version
// that it takes the place of. Members that are left out get their defaults.
type newSettings struct {
	Version int64             `json:"version"`
	Values  definition.Values `json:"values"`
}

func (s *Setup) readSettings(ctx context.Context, _ *api.Request, c store.Connection) (*api.Answer, error) {
	view, err := s.settings(ctx, c)
	if err != nil {
		return nil, err
	}
	return api.OK(view)
}

func (s *Setup) writeSettings(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
	var in newSettings
	if err := api.Decode(r, &in); err != nil {
		return nil, err
	}
	if in.Values == nil {
		return nil, api.Invalid("values", "has to be an object")
	}
	view, wrong, err := s.apply(ctx, c, in, "key:"+r.Key)
	if err != nil {
		return nil, problem(err)
	}
	if len(wrong) > 0 {
		return nil, invalid(wrong)
	}
	return api.OK(view)
}

// settings are a connection's settings, with the defaults for what was never
// chosen.
func (s *Setup) settings(ctx context.Context, c store.Connection) (settingsView, error) {
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return settingsView{}, err
	}
	kept, err := s.Table.Settings(ctx, c.ID)
	if err != nil {
		return settingsView{}, err
	}
	return view(d, kept)
}

func view(d definition.Definition, kept store.Settings) (settingsView, error) {
	v := settingsView{Version: kept.Version, ChangedBy: kept.ChangedBy, Values: d.Defaults()}
	if kept.Version == 0 {
		return v, nil
	}
	v.ChangedAt = document.Time(kept.ChangedAt.Time())
	if err := json.Unmarshal(kept.Values, &v.Values); err != nil {
		return v, fmt.Errorf("settings: %w", err)
	}
	return v, nil
}

// apply puts settings in the place of a version, as a whole or not at all: then it
// says what is wrong. It fails with store.ErrMoved where that version is not the
// last.
func (s *Setup) apply(ctx context.Context, c store.Connection, in newSettings, actor string) (settingsView, []definition.Problem, error) {
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return settingsView{}, nil, err
	}
	before, err := s.settings(ctx, c)
	if err != nil {
		return before, nil, err
	}
	if before.Version != in.Version {
		return before, nil, store.ErrMoved
	}
	full, wrong := d.Complete(in.Values)
	wrong = append(wrong, unconsented(d, c, full)...)
	if len(wrong) == 0 {
		if wrong, err = s.lookUp(ctx, c, d, before.Values, full); err != nil {
			return before, nil, err
		}
	}
	if len(wrong) > 0 {
		return before, wrong, nil
	}
	again, err := s.waiting(ctx, c)
	if err != nil {
		return before, nil, err
	}
	kept, err := s.Table.ApplySettings(ctx,
		store.Settings{Connection: c.ID, Version: in.Version, ChangedBy: actor, Values: encoded(full)},
		step(c.ID, actor, "settings.applied", changed(before.Values, full), changed(full, before.Values)), again...)
	if err != nil {
		return before, nil, err
	}
	s.run(ctx, again...)
	s.renamed(ctx, c, d, kept.Version, changed(full, before.Values))
	after, err := view(d, kept)
	return after, nil, err
}

// waiting brings back what is parked because a choice did not fit the account.
func (s *Setup) waiting(ctx context.Context, c store.Connection) ([]store.Recovery, error) {
	var again []store.Recovery
	for _, reason := range action.Chosen() {
		parked, err := s.Table.ActionsParked(ctx, c.ID, reason)
		if err != nil {
			return nil, err
		}
		if len(parked) > 0 {
			again = append(again, s.Recovery.Retry(c, reason))
		}
	}
	return again, nil
}

// unconsented are the settings that need more than the customer consented to.
func unconsented(d definition.Definition, c store.Connection, values definition.Values) []definition.Problem {
	var wrong []definition.Problem
	for _, setting := range d.Settings {
		if setting.Scope != "" && string(values[setting.Name]) == "true" && !slices.Contains(c.Scopes, setting.Scope) {
			wrong = append(wrong, definition.Problem{
				Setting: setting.Name, Detail: "needs a permission that was not given; connect again and include confidential postings",
			})
		}
	}
	return wrong
}

// lookUp compares values with the customer's Lever account, where there are some
// to compare.
func (s *Setup) lookUp(ctx context.Context, c store.Connection, d definition.Definition, before, after definition.Values) ([]definition.Problem, error) {
	live := choice.Live(d, before, after)
	if len(live) == 0 {
		return nil, nil
	}
	client, err := s.client(ctx, c)
	if err != nil {
		return nil, err
	}
	return choice.Check(ctx, client, live, after)
}

// changed are the values of one document that are others in another.
func changed(of, other definition.Values) definition.Values {
	out := definition.Values{}
	for name, value := range of {
		if string(value) != string(other[name]) {
			out[name] = value
		}
	}
	return out
}
