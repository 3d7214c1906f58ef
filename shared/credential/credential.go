// Package credential gives Lever clients the credential of their connection, and
// keeps it alive: an OAuth token lives an hour, its refresh token 90 days without
// use and a year in all. However many functions work for a connection, each
// expiry costs one refresh: whoever wants to refresh holds the credential, reads
// it again at that moment, and writes the new tokens before using them.
//
// A function that dies between Lever's answer and our write loses the new refresh
// token. Whether the old one then still counts is for Lever to say; where it does
// not, the next refresh finds the consent gone and the customer has to reconnect.
package credential

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"fulcrum/shared/document"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
	"fulcrum/shared/pause"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const (
	// early is how long before its end a token is renewed, and jitter what is
	// added by the connection, so that not all refresh on the hour.
	early  = 5 * time.Minute
	jitter = 5 * time.Minute
	// holdTime is how long a refresh may take; it is longer than the call can.
	holdTime = 30 * time.Second
	// needTime is what must be left of the event for a refresh to be begun.
	needTime = 12 * time.Second
	// waitPause is between two looks at a credential that another renews.
	waitPause = 200 * time.Millisecond
)

// The reasons for which a connection is lost.
const (
	ConsentGone fault.Reason = "consent_gone"    // revoked in Lever, or ended
	KeyRefused  fault.Reason = "api_key_refused" // deleted in Lever
)

// Lost is the reason under which work is parked while its connection is lost.
const Lost fault.Reason = "disconnected"

// errLost says that Lever does not take the connection's credential.
var errLost = errors.New("lever does not take the connection's credential")

// errLate says that too little of the event is left to begin a refresh.
var errLate = errors.New("too late in this event to renew the credential")

// Table keeps the credentials; see store.Table.
type Table interface {
	Connection(ctx context.Context, id string) (store.Connection, error)
	Credential(ctx context.Context, connectionID string) (store.Credential, error)
	HoldCredential(ctx context.Context, c store.Credential, holder string, d time.Duration) (store.Credential, error)
	PutCredential(ctx context.Context, c store.Credential, due lever.Time) error
	DueCredentials(ctx context.Context) ([]string, error)
	Lose(ctx context.Context, c store.Connection, because fault.Reason, notice document.Document) (store.Delivery, error)
	Warn(ctx context.Context, c store.Connection, credential store.Credential, due lever.Time, notice document.Document) (store.Delivery, error)
}

// Server is Lever's authorization server for a partner's app; see oauth.Client.
type Server interface {
	Refresh(ctx context.Context, refreshToken string) (oauth.Tokens, error)
}

// Servers finds the server of a connection's app: every partner has its own.
type Servers interface {
	Server(ctx context.Context, partner, environment string) (Server, error)
}

// Deliveries sends a delivery on its way.
type Deliveries interface {
	Send(ctx context.Context, m queue.Delivery, delay time.Duration) error
}

// Keeper gives and keeps credentials. It is safe for concurrent use.
type Keeper struct {
	table      Table
	servers    Servers
	deliveries Deliveries
	now        func() time.Time
	newID      func() string
}

// New makes a Keeper. now is the clock; newID makes a name that nobody else has.
func New(table Table, servers Servers, deliveries Deliveries, now func() time.Time, newID func() string) *Keeper {
	return &Keeper{table: table, servers: servers, deliveries: deliveries, now: now, newID: newID}
}

// Auth is the credential of a connection for one event's calls. Where the
// connection is lost or has none it fails with a fault for which work is parked.
func (k *Keeper) Auth(ctx context.Context, connection store.Connection) (*Auth, error) {
	if connection.LostAt != 0 {
		return nil, fault.Permanent(Lost, errLost)
	}
	c, err := k.table.Credential(ctx, connection.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.Permanent(Lost, err)
	}
	if err != nil {
		return nil, err
	}
	return &Auth{keeper: k, connection: connection, id: k.newID(), using: semaphore.NewWeighted(1), current: c}, nil
}

// Auth makes requests a connection's. It is safe for concurrent use.
type Auth struct {
	keeper     *Keeper
	connection store.Connection
	id         string

	// using is held by who looks at the credential or renews it. It is no mutex:
	// whoever waits for it stops waiting with its context.
	using   *semaphore.Weighted
	current store.Credential
}

// Authorize sets the request's credential, renewed where it is about to end.
func (a *Auth) Authorize(ctx context.Context, req *http.Request) error {
	if err := a.using.Acquire(ctx, 1); err != nil {
		return err
	}
	defer a.using.Release(1)
	if a.due() {
		if err := a.renew(ctx, false); err != nil {
			return err
		}
	}
	if key := a.current.Secret.APIKey; key != "" {
		return lever.APIKey(key).Authorize(ctx, req)
	}
	req.Header.Set("Authorization", "Bearer "+a.current.Secret.Access)
	return nil
}

// Refused is called when Lever does not take a request's credential. Nil says
// that there is another one now, with which the request may be made once more.
func (a *Auth) Refused(ctx context.Context, req *http.Request) error {
	if err := a.using.Acquire(ctx, 1); err != nil {
		return err
	}
	defer a.using.Release(1)
	again, err := a.keeper.table.Credential(ctx, a.connection.ID)
	if err != nil {
		return err
	}
	used := a.current.Secret
	a.current = again
	switch {
	case again.Secret != used || req.Header.Get("Authorization") != header(used):
		return nil
	case used.APIKey != "":
		return a.keeper.lose(ctx, a.connection, KeyRefused)
	}
	return a.renew(ctx, true)
}

// header is the Authorization header that a secret makes.
func header(s store.Secret) string {
	if s.APIKey == "" {
		return "Bearer " + s.Access
	}
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(s.APIKey, "")
	return req.Header.Get("Authorization")
}

// due reports whether the token is about to end. An API key has no end.
func (a *Auth) due() bool {
	c := a.current
	if c.Secret.APIKey != "" {
		return false
	}
	h := fnv.New32a()
	h.Write([]byte(a.connection.ID))
	ahead := early + time.Duration(h.Sum32())%jitter
	return !a.keeper.now().Add(ahead).Before(c.ExpiresAt.Time())
}

// renew brings the credential to a newer version, whoever makes it. Unless the
// present token was refused, it serves while another renews it.
func (a *Auth) renew(ctx context.Context, refused bool) error {
	for {
		version := a.current.Version
		held, err := a.keeper.table.HoldCredential(ctx, a.current, a.id, holdTime)
		if err == nil {
			return a.refresh(ctx, held)
		}
		if !errors.Is(err, store.ErrMoved) {
			return err
		}
		if a.current, err = a.keeper.table.Credential(ctx, a.connection.ID); err != nil {
			return err
		}
		serves := !refused && a.keeper.now().Before(a.current.ExpiresAt.Time())
		if a.current.Version != version || serves {
			return nil
		}
		if !pause.For(ctx, waitPause) {
			return ctx.Err()
		}
	}
}

// refresh asks Lever for new tokens and writes them. The credential is held.
func (a *Auth) refresh(ctx context.Context, held store.Credential) error {
	k := a.keeper
	if deadline, ok := ctx.Deadline(); ok && deadline.Sub(k.now()) < needTime {
		return errLate
	}
	server, err := k.servers.Server(ctx, a.connection.Partner, a.connection.Environment)
	if err != nil {
		return err
	}
	tokens, err := server.Refresh(ctx, held.Secret.Refresh)
	if errors.Is(err, oauth.ErrGone) {
		return a.gone(ctx, held)
	}
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	next := held
	next.Secret = store.Secret{Access: tokens.Access, Refresh: tokens.Refresh}
	if next.Secret.Refresh == "" {
		next.Secret.Refresh = held.Secret.Refresh
	}
	next.ExpiresAt, next.RenewedAt, next.WrittenBy = lever.At(tokens.ExpiresAt), lever.At(k.now()), a.id
	err = k.table.PutCredential(ctx, next, Due(next))
	if err == nil {
		next.Version++
		a.current = next
		return nil
	}
	if !errors.Is(err, store.ErrMoved) {
		return err
	}
	a.current, err = k.table.Credential(ctx, a.connection.ID)
	return err
}

// gone is reached when Lever does not know the refresh token. Once more the table
// is asked: another may have been quicker.
func (a *Auth) gone(ctx context.Context, held store.Credential) error {
	again, err := a.keeper.table.Credential(ctx, a.connection.ID)
	if err != nil {
		return err
	}
	if again.Version != held.Version {
		a.current = again
		return nil
	}
	return a.keeper.lose(ctx, a.connection, ConsentGone)
}

// lose notes that the connection is lost and tells the partner, once. Its error
// parks the work at hand.
func (k *Keeper) lose(ctx context.Context, c store.Connection, because fault.Reason) error {
	lost := fault.Permanent(Lost, errLost)
	now, err := k.table.Connection(ctx, c.ID)
	if err != nil {
		return err
	}
	if now.LostAt != 0 {
		return lost
	}
	at := k.now()
	d, err := k.table.Lose(ctx, now, because, document.Document{
		Type: "connection.disconnected", Version: 1, OccurredAt: at,
		Data: map[string]string{"reason": string(because), "since": document.Time(at)},
	})
	if errors.Is(err, store.ErrMoved) {
		return lost
	}
	if err != nil {
		return err
	}
	slog.ErrorContext(ctx, "connection lost", "connection", c.ID, "partner", c.Partner, "reason", because)
	if err := k.deliveries.Send(ctx, queue.Delivery{Connection: c.ID, Delivery: d.ID}, 0); err != nil {
		return err
	}
	return lost
}
