package alert_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"fulcrum/shared/alert"
	"fulcrum/shared/definition"
	"fulcrum/shared/fault"
	"fulcrum/shared/mail"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// table has connections and their settings, and those that are not told.
type table struct {
	connections map[string]store.Connection
	settings    map[string]string
	untold      []string
}

func (t *table) Untold(context.Context, int) ([]store.Due, error) {
	var all []store.Due
	for _, id := range t.untold {
		all = append(all, store.Due{Key: store.Key{PK: "C#" + id, SK: "CREDENTIAL"}})
	}
	return all, nil
}

func (t *table) ContactsTold(_ context.Context, id string) error {
	t.untold = slices.DeleteFunc(t.untold, func(other string) bool { return other == id })
	return nil
}

func (t *table) Mails(string) *store.Mails { return nil }

func (t *table) Connection(_ context.Context, id string) (store.Connection, error) {
	c, ok := t.connections[id]
	if !ok {
		return c, store.ErrNotFound
	}
	return c, nil
}

func (t *table) Settings(_ context.Context, id string) (store.Settings, error) {
	text, ok := t.settings[id]
	if !ok {
		return store.Settings{}, nil
	}
	return store.Settings{Version: 1, Values: json.RawMessage(text)}, nil
}

// post keeps what it sends, one mail for a key.
type post struct {
	sent  map[string]string // by key, the address and what it got
	fails error
}

func (p *post) Once(_ context.Context, _ mail.Ledger, key, to string, m mail.Message) error {
	if p.fails != nil {
		return p.fails
	}
	p.sent[key] = to + "|" + m.Subject + "|" + m.Text + "|" + m.HTML
	return nil
}

func named(string) (definition.Definition, error) {
	return definition.Definition{Title: "Joinedly", Support: "founders@joinedly.com"}, nil
}

func TestContactsAreToldOnce(t *testing.T) {
	lost := store.Connection{ID: "con_1", Partner: "joinedly", LostAt: 1795262400000, Customer: store.Customer{Name: "A <b>Cme"}}
	both := `{"contacts":["ada@acme.example","grace@acme.example"]}`
	tests := map[string]struct {
		connection store.Connection
		settings   string
		fails      error
		mails      int
		untold     int
		failure    bool
	}{
		"each of them":                        {connection: lost, settings: both, mails: 2},
		"nobody where there are none":         {connection: lost, settings: `{"contacts":[]}`},
		"nobody where nothing was chosen":     {connection: lost},
		"nobody once it is connected again":   {connection: store.Connection{ID: "con_1"}, settings: both},
		"later where the post is closed":      {connection: lost, settings: both, fails: errors.New("closed"), untold: 1, failure: true},
		"later where somebody may be at it":   {connection: lost, settings: both, fails: store.ErrClaimed, untold: 1},
		"never where no other try would help": {connection: lost, settings: both, fails: fault.Permanent("mail_refused", errors.New("refused"))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tb := &table{connections: map[string]store.Connection{"con_1": tt.connection}, settings: map[string]string{}, untold: []string{"con_1"}}
			if tt.settings != "" {
				tb.settings["con_1"] = tt.settings
			}
			p := &post{sent: map[string]string{}, fails: tt.fails}
			err := alert.New(tb, p, named).Due(t.Context())
			if (err != nil) != tt.failure || len(p.sent) != tt.mails || len(tb.untold) != tt.untold {
				t.Errorf("error %v, %d mails, untold %v", err, len(p.sent), tb.untold)
			}
			for _, m := range p.sent {
				if !strings.Contains(m, "|Lever is disconnected from Joinedly|") || !strings.Contains(m, "founders@joinedly.com") || !strings.Contains(m, "A &lt;b&gt;Cme") {
					t.Errorf("mail %s", m)
				}
			}
		})
	}
}

func TestOneThatFailsDoesNotKeepTheOthers(t *testing.T) {
	tb := &table{
		connections: map[string]store.Connection{"con_2": {ID: "con_2", LostAt: 5}}, settings: map[string]string{"con_2": `{"contacts":["ada@acme.example"]}`},
		untold: []string{"con_gone", "con_2"},
	}
	p := &post{sent: map[string]string{}}
	if err := alert.New(tb, p, named).Due(t.Context()); !errors.Is(err, store.ErrNotFound) || len(p.sent) != 1 || !slices.Equal(tb.untold, []string{"con_gone"}) {
		t.Errorf("error %v, %d mails, untold %v", err, len(p.sent), tb.untold)
	}
}
