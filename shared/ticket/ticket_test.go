package ticket_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/ticket"
	"fulcrum/shared/vault"
)

const keyset = `{"primary":"1","1":"0123456789abcdef0123456789abcdef"}`

// clock is a time that tests move.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func office(keys string, c *clock) *ticket.Office {
	return ticket.New(vault.New(func(context.Context) (string, error) {
		if keys == "" {
			return "", errors.New("away")
		}
		return keys, nil
	}, c.now), c.now)
}

func TestATicketOpensItsThingForAWhile(t *testing.T) {
	c := &clock{time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	o := office(keyset, c)
	text, err := o.Issue(t.Context(), "con_1", "opportunity-1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "con_1") || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("ticket %s", text)
	}
	got, err := o.Read(t.Context(), text)
	if err != nil || got.Connection != "con_1" || got.About != "opportunity-1" {
		t.Errorf("%+v, %v", got, err)
	}
	c.Time = c.Add(time.Hour)
	if _, err := o.Read(t.Context(), text); !errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("after its time: %v", err)
	}
}

func TestWhatIsNoTicket(t *testing.T) {
	c := &clock{time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	o := office(keyset, c)
	good, err := o.Issue(t.Context(), "con_1", "o", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := office(strings.ReplaceAll(keyset, "abcdef", "ABCDEF"), c).Issue(t.Context(), "con_1", "o", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(good)
	changed[len(changed)/2] ^= 1
	for name, text := range map[string]string{
		"nothing": "", "another text": "hello", "one that was changed": string(changed), "one of another keyset": foreign,
		"one with a tail": good + "AAAA", "one without an end": strings.Repeat("A", 2000),
	} {
		if got, err := o.Read(t.Context(), text); !errors.Is(err, ticket.ErrInvalid) || got != (ticket.Ticket{}) {
			t.Errorf("%s opens %+v, %v", name, got, err)
		}
	}
}

func TestAKeysetThatIsAwayIsNoInvalidTicket(t *testing.T) {
	c := &clock{time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	good, err := office(keyset, c).Issue(t.Context(), "con_1", "o", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	away := office("", c)
	if _, err := away.Read(t.Context(), good); err == nil || errors.Is(err, ticket.ErrInvalid) {
		t.Errorf("read: %v", err)
	}
	if _, err := away.Issue(t.Context(), "con_1", "o", time.Hour); err == nil {
		t.Error("issued without a keyset")
	}
}
