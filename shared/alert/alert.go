// Package alert tells a customer's contacts by e-mail that Lever no longer takes
// their connection's access, once for each time that it was lost. The partner is
// told by a document as well (package credential); this is for the people who can
// reconnect.
package alert

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"strconv"
	texttemplate "text/template"
	"time"

	"fulcrum/shared/definition"
	"fulcrum/shared/fault"
	"fulcrum/shared/mail"
	"fulcrum/shared/store"
)

// maxName is how much of a customer's name a mail shows, in characters.
const maxName = 80

// batch is how many lost connections one run of the clock tells of.
const batch = 100

// Mailer sends the mail of a key as often as the ledger says; see mail.Sender.
type Mailer interface {
	Once(ctx context.Context, l mail.Ledger, key, to string, m mail.Message) error
}

// Table keeps connections and settings; see store.Table.
type Table interface {
	Untold(ctx context.Context, limit int) ([]store.Due, error)
	ContactsTold(ctx context.Context, connectionID string) error
	Connection(ctx context.Context, id string) (store.Connection, error)
	Settings(ctx context.Context, connectionID string) (store.Settings, error)
	Mails(connectionID string) *store.Mails
}

// Definitions gives a partner's definition.
type Definitions func(partner string) (definition.Definition, error)

// Alerts tells contacts. It is safe for concurrent use.
type Alerts struct {
	table Table
	mail  Mailer
	named Definitions
}

// New makes Alerts.
func New(table Table, mail Mailer, named Definitions) *Alerts { return &Alerts{table, mail, named} }

// Due tells the contacts of all connections that are lost and whose contacts were
// not told. It goes on past one that fails: its turn comes again.
func (a *Alerts) Due(ctx context.Context) error {
	untold, err := a.table.Untold(ctx, batch)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range untold {
		if err := a.tell(ctx, d.Connection()); err != nil {
			slog.WarnContext(ctx, "contacts not told", "connection", d.Connection(), "error", err.Error())
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (a *Alerts) tell(ctx context.Context, id string) error {
	c, err := a.table.Connection(ctx, id)
	if err != nil {
		return err
	}
	if c.LostAt == 0 {
		return a.table.ContactsTold(ctx, id)
	}
	contacts, err := a.contacts(ctx, id)
	if err != nil {
		return err
	}
	m, err := a.write(c)
	if err != nil {
		return err
	}
	var errs []error
	left := false
	for _, to := range contacts {
		err := a.mail.Once(ctx, a.table.Mails(id), key(c, to), to, m)
		if reason, never := fault.Parks(err); never {
			slog.ErrorContext(ctx, "contact cannot be told", "connection", id, "reason", reason)
			err = nil
		}
		if errors.Is(err, store.ErrClaimed) { // by a run that may have died: the next looks again
			left, err = true, nil
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil || left {
		return err
	}
	return a.table.ContactsTold(ctx, id)
}

// key names the mail by what it is about and who gets it.
func key(c store.Connection, to string) string {
	return mail.Key("connection lost", c.ID, strconv.FormatInt(int64(c.LostAt), 10), to)
}

// contacts are the addresses that the customer chose.
func (a *Alerts) contacts(ctx context.Context, id string) ([]string, error) {
	s, err := a.table.Settings(ctx, id)
	if err != nil || s.Version == 0 {
		return nil, err
	}
	var chosen struct {
		Contacts []string `json:"contacts"`
	}
	if err := json.Unmarshal(s.Values, &chosen); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return chosen.Contacts, nil
}

//go:embed lost.txt
var lostText string

//go:embed lost.html
var lostHTML string

// write writes the mail. Nothing in it was typed by a stranger but the customer's
// name, which the partner gave.
func (a *Alerts) write(c store.Connection) (mail.Message, error) {
	d, err := a.named(c.Partner)
	if err != nil {
		return mail.Message{}, err
	}
	about := struct{ Partner, Support, Customer, Since string }{
		d.Title, d.Support, mail.Plain(c.Customer.Name, maxName), c.LostAt.Time().UTC().Format(time.RFC1123),
	}
	text, err := texttemplate.New("").Parse(lostText)
	if err != nil {
		return mail.Message{}, fmt.Errorf("mail: %w", err)
	}
	html, err := htmltemplate.New("").Parse(lostHTML)
	if err != nil {
		return mail.Message{}, fmt.Errorf("mail: %w", err)
	}
	var plain, rich bytes.Buffer
	if err := errors.Join(text.Execute(&plain, about), html.Execute(&rich, about)); err != nil {
		return mail.Message{}, fmt.Errorf("mail: %w", err)
	}
	return mail.Message{Subject: "Lever is disconnected from " + d.Title, Text: plain.String(), HTML: rich.String()}, nil
}
