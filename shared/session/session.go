// Package session signs people in without passwords. The partner's backend, which
// knows who they are, asks for a one-time link for a person; who opens it is signed
// in, in that browser, until they do nothing for half an hour. The secrets of links
// and cookies are in the table as digests only.
//
// The link's secret stands in its address, as a link's has to, and so it counts
// once, for ten minutes, and only when a button is pressed: programs that look at
// links do not use it up. No other address has a secret.
package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

const (
	// LinkLife is how long a one-time link lives.
	LinkLife = 10 * time.Minute
	// Idle is how long a session lives in which nothing is done.
	Idle = 30 * time.Minute
	// Life is how long a session lives at most.
	Life = 12 * time.Hour
	// often is how often a session is kept at most: not every page is a write.
	often = time.Minute
)

// Role is what somebody may do.
type Role string

// The roles of the console, each of which may do what those before it may, and the
// one of who reviews hires.
const (
	Viewer   Role = "viewer"   // sees, personal data masked
	Operator Role = "operator" // has things done again, asks for personal data
	Admin    Role = "admin"    // has a connection rest, sees who signed in
	Reviewer Role = "reviewer"
)

// Roles are those of the console, the least first.
func Roles() []Role { return []Role{Viewer, Operator, Admin} }

// May reports whether the role may do what another may.
func (r Role) May(what Role) bool {
	have, needed := slices.Index(Roles(), r), slices.Index(Roles(), what)
	return needed >= 0 && have >= needed
}

var (
	// ErrLink says that a link does not sign anybody in: it was used, is too old, or
	// never was one.
	ErrLink = errors.New("the sign-in link is used or over")
	// ErrSignedOut says that nobody is signed in in the browser, or no longer.
	ErrSignedOut = errors.New("nobody is signed in")
)

// Office signs people in to some pages. It is safe for concurrent use.
type Office struct {
	table  *store.Table
	pages  string
	random func() string
	now    func() time.Time
}

// New makes an Office for the pages of that name, which tells their cookie from
// others. random makes a text that nobody can guess; now is the clock.
func New(table *store.Table, pages string, random func() string, now func() time.Time) *Office {
	return &Office{table, pages, random, now}
}

// Visit is a browser in which somebody is signed in.
type Visit struct {
	store.Visitor
	Browser frame.Browser
}

// Role is what the person may do.
func (v Visit) Role() Role { return Role(v.Visitor.Role) }

// Actor is who the trail says it was.
func (v Visit) Actor() string { return "staff:" + v.Person }

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Invite makes a one-time link: the secret for its address, and when it ends. by is
// who asked for it.
func (o *Office) Invite(ctx context.Context, v store.Visitor, by string) (secret string, until time.Time, err error) {
	v.For = o.pages
	secret, until = o.random()+o.random(), o.now().Add(LinkLife)
	err = o.table.PutSignIn(ctx, store.SignIn{ID: digest(secret), Visitor: v, ExpiresAt: lever.At(until)}, o.step(v, by, "sign_in_link.created"))
	return secret, until, err
}

// step is what the trail says of a sign-in.
func (o *Office) step(v store.Visitor, actor, action string) store.Audit {
	trail := v.Connection
	if trail == "" {
		trail = store.Trail(v.Partner)
	}
	return store.Audit{
		Connection: trail, Actor: actor, Action: action, Before: []byte("null"),
		After: encoded(map[string]string{"pages": v.For, "person": v.Person, "role": v.Role}),
	}
}

// Waiting is who a link would sign in. It fails with ErrLink.
func (o *Office) Waiting(ctx context.Context, secret string) (store.Visitor, error) {
	s, err := o.table.SignIn(ctx, digest(secret))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return store.Visitor{}, ErrLink
	case err != nil:
		return store.Visitor{}, err
	case s.For != o.pages || s.UsedAt != 0 || s.ExpiresAt <= lever.At(o.now()):
		return store.Visitor{}, ErrLink
	}
	return s.Visitor, nil
}

// Enter signs the link's person in, with a secret for the cookie that nobody had
// before. It fails with ErrLink.
func (o *Office) Enter(ctx context.Context, secret string, tls bool) (Visit, error) {
	who, err := o.Waiting(ctx, secret)
	if err != nil {
		return Visit{}, err
	}
	v := Visit{who, frame.Browser{Name: o.pages, Secret: o.random() + o.random(), TLS: tls}}
	now := o.now()
	err = o.table.Enter(ctx, digest(secret), store.Session{
		ID: digest(v.Browser.Secret), Visitor: who, IdleAt: lever.At(now.Add(Idle)), EndsAt: lever.At(now.Add(Life)),
	}, o.step(who, v.Actor(), "signed_in"))
	if errors.Is(err, store.ErrMoved) {
		return Visit{}, ErrLink
	}
	return v, err
}

// Cookie is what sets the visit's cookie.
func (v Visit) Cookie() string { return v.Browser.Cookie(Life) }

// Read is the visit that a request belongs to. It fails with ErrSignedOut.
func (o *Office) Read(ctx context.Context, e events.APIGatewayV2HTTPRequest, tls bool) (Visit, error) {
	v, s, err := o.look(ctx, e, tls)
	if err == nil && s.IdleAt < lever.At(o.now().Add(Idle-often)) {
		err = o.table.KeepSession(ctx, s.ID, Idle)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = ErrSignedOut
	}
	return v, err
}

// Look is Read for a request that the page makes by itself: it does not count as
// something that the person does.
func (o *Office) Look(ctx context.Context, e events.APIGatewayV2HTTPRequest, tls bool) (Visit, error) {
	v, _, err := o.look(ctx, e, tls)
	return v, err
}

func (o *Office) look(ctx context.Context, e events.APIGatewayV2HTTPRequest, tls bool) (Visit, store.Session, error) {
	b := frame.BrowserOf(o.pages, e.Cookies, tls)
	if b.Secret == "" {
		return Visit{}, store.Session{}, ErrSignedOut
	}
	s, err := o.table.Session(ctx, digest(b.Secret))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Visit{}, s, ErrSignedOut
	case err != nil:
		return Visit{}, s, err
	case s.For != o.pages || min(s.IdleAt, s.EndsAt) <= lever.At(o.now()):
		return Visit{}, s, ErrSignedOut
	}
	return Visit{s.Visitor, b}, s, nil
}

// Leave signs the person out, and gives what takes the cookie away.
func (o *Office) Leave(ctx context.Context, v Visit) (cookie string, err error) {
	if err := o.table.EndSession(ctx, digest(v.Browser.Secret)); err != nil {
		return "", err
	}
	v.Browser.Secret = ""
	return v.Browser.Cookie(0), nil
}
