package session_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/session"
	"fulcrum/shared/store"
)

// desk is an office of the console in virtual time.
type desk struct {
	*session.Office
	t     *testing.T
	table *store.Table
	n     int
}

func at(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
		d := &desk{t: t, table: store.FromEnv(rig.New(t, aws.Options{}).Env(t, "HubApi"))}
		d.Office = session.New(d.table, "console", d.random, time.Now)
		f(t, d)
	})
}

func (d *desk) random() string {
	d.n++
	return strings.Repeat(string(rune('a'+d.n)), 26)
}

var ada = store.Visitor{Partner: "joinedly", Person: "Ada", Role: "operator"}

func (d *desk) enter() session.Visit {
	d.t.Helper()
	secret, _, err := d.Invite(d.t.Context(), ada, "key:1")
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := d.Enter(d.t.Context(), secret, true)
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// request is one of the browser that has a visit's cookie.
func request(v session.Visit) events.APIGatewayV2HTTPRequest {
	cookie, _, _ := strings.Cut(v.Cookie(), ";")
	return events.APIGatewayV2HTTPRequest{Cookies: []string{cookie}}
}

func (d *desk) signedIn(v session.Visit) bool {
	d.t.Helper()
	got, err := d.Read(d.t.Context(), request(v), true)
	if err != nil && !errors.Is(err, session.ErrSignedOut) {
		d.t.Fatal(err)
	}
	if err == nil && (got.Person != "Ada" || got.Role() != session.Operator || got.Partner != "joinedly") {
		d.t.Errorf("%+v", got)
	}
	return err == nil
}

func TestALinkSignsInOnce(t *testing.T) {
	at(t, func(t *testing.T, d *desk) {
		secret, until, err := d.Invite(t.Context(), ada, "key:1")
		if err != nil || time.Until(until) != session.LinkLife {
			t.Fatal(until, err)
		}
		for range 2 { // looking at it does not use it up
			if who, err := d.Waiting(t.Context(), secret); err != nil || who.Person != "Ada" {
				t.Fatal(who, err)
			}
		}
		time.Sleep(time.Second) // the trail is in the order of time
		v, err := d.Enter(t.Context(), secret, true)
		if err != nil || !d.signedIn(v) {
			t.Fatal(v, err)
		}
		if strings.Contains(v.Browser.Secret, secret) {
			t.Error("the cookie is the link's secret")
		}
		for _, s := range []string{secret, "", "made up"} {
			if _, err := d.Enter(t.Context(), s, true); !errors.Is(err, session.ErrLink) {
				t.Errorf("%q: %v", s, err)
			}
		}
		trail, err := d.table.Audits(t.Context(), store.Trail("joinedly"), store.Paging{})
		if err != nil || len(trail.Items) != 2 || trail.Items[0].Actor != "key:1" || trail.Items[1].Actor != "staff:Ada" || trail.Items[1].Action != "signed_in" {
			t.Errorf("%+v, %v", trail.Items, err)
		}
	})
}

func TestALinkIsOverAfterTenMinutes(t *testing.T) {
	at(t, func(t *testing.T, d *desk) {
		secret, _, err := d.Invite(t.Context(), ada, "key:1")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(session.LinkLife)
		if _, err := d.Enter(t.Context(), secret, true); !errors.Is(err, session.ErrLink) {
			t.Error(err)
		}
	})
}

func TestALinkOfOtherPagesDoesNotOpenThese(t *testing.T) {
	at(t, func(t *testing.T, d *desk) {
		secret, _, err := session.New(d.table, "review", d.random, time.Now).Invite(t.Context(), ada, "key:1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Enter(t.Context(), secret, true); !errors.Is(err, session.ErrLink) {
			t.Error(err)
		}
	})
}

func TestASessionEndsWhenNothingIsDone(t *testing.T) {
	at(t, func(t *testing.T, d *desk) {
		v := d.enter()
		for range 10 { // five hours, always at it
			if time.Sleep(session.Idle - time.Second); !d.signedIn(v) {
				t.Fatal("it ends while something is done")
			}
		}
		if time.Sleep(session.Idle + time.Second); d.signedIn(v) {
			t.Error("it goes on")
		}
	})
}

func TestASessionEndsAfterHalfADay(t *testing.T) {
	at(t, func(t *testing.T, d *desk) {
		v, began := d.enter(), time.Now()
		for d.signedIn(v) {
			if time.Sleep(10 * time.Minute); time.Since(began) > 2*session.Life {
				t.Fatal("it never ends")
			}
		}
		if took := time.Since(began); took != session.Life {
			t.Errorf("it ends after %v", took)
		}
	})
}

// The cookie of somebody who has left is worth nothing.
func TestACookieAfterLeavingIsNobodys(t *testing.T) {
	at(t, func(t *testing.T, d *desk) {
		v := d.enter()
		cookie, err := d.Leave(t.Context(), v)
		if err != nil || !strings.HasPrefix(cookie, "__Host-fulcrum-console=;") || !strings.Contains(cookie, "Max-Age=0") {
			t.Errorf("%s, %v", cookie, err)
		}
		if d.signedIn(v) {
			t.Error("still signed in")
		}
	})
}

func TestRoles(t *testing.T) {
	for _, tt := range []struct {
		role, what session.Role
		may        bool
	}{
		{session.Viewer, session.Viewer, true}, {session.Viewer, session.Operator, false}, {session.Operator, session.Viewer, true},
		{session.Admin, session.Operator, true}, {session.Operator, session.Admin, false}, {session.Reviewer, session.Viewer, false},
		{"root", session.Viewer, false}, {session.Admin, "root", false},
	} {
		if got := tt.role.May(tt.what); got != tt.may {
			t.Errorf("%s may %s: %v", tt.role, tt.what, got)
		}
	}
	for name, want := range map[string]bool{"Ada": true, "": false, " ": false, "a\nb": false, strings.Repeat("é", 100): true, strings.Repeat("é", 101): false} {
		if session.ValidPerson(name) != want {
			t.Errorf("%q", name)
		}
	}
}
