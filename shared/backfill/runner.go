package backfill

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"fulcrum/shared/credential"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

const (
	// hold is how long a function has an import after its last sign of life.
	hold = time.Minute
	// noteTime is kept of a function's time for noting how far it has come.
	noteTime = 3 * time.Second
	// tryFor is how long an import is tried without a page done before it is parked.
	tryFor = 72 * time.Hour
	// A run that brought nothing is followed by the next after firstPause, then up
	// to three times as late as the one before.
	firstPause = 5 * time.Second
)

// Clients makes the Lever client of a connection; see account.Accounts.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Queue takes an import that is to be gone on with; see queue.Imports.
type Queue interface {
	Send(ctx context.Context, partner string, m queue.Import, delay time.Duration) error
}

// Runner works on one partner's imports. It is safe for concurrent use.
type Runner struct {
	sources    Sources
	table      *store.Table
	clients    Clients
	queue      Queue
	deliveries partner.Deliveries
	now        func() time.Time
	newID      func() string
}

// New makes a partner's Runner. now is the clock; newID makes a name that nobody
// else has.
func New(s Sources, table *store.Table, clients Clients, q Queue, deliveries partner.Deliveries, now func() time.Time, newID func() string) *Runner {
	return &Runner{sources: s, table: table, clients: clients, queue: q, deliveries: deliveries, now: now, newID: newID}
}

// Run goes on with an import for some seconds. It is safe to repeat, at any time
// and by several functions. An error has the message come again; where more is to
// be done, Run has sent a message for it.
func (r *Runner) Run(ctx context.Context, connectionID, id string) error {
	i, err := r.table.Import(ctx, connectionID, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && i.State != store.Importing {
		return nil
	}
	if err != nil {
		return err
	}
	if wait := i.NextAt.Time().Sub(r.now()); wait > time.Second {
		return r.send(ctx, i, wait)
	}
	i, err = r.table.HoldImport(ctx, i, r.newID(), hold)
	if errors.Is(err, store.ErrMoved) {
		// Somebody else is at it. If that one dies of it, its message comes again.
		return nil
	}
	if err != nil {
		return err
	}
	i, err = r.walk(ctx, i)
	return r.settle(ctx, i, err)
}

// walk goes on with the import until its end, or until the time for one message is
// over. It gives the import as far as it has come.
func (r *Runner) walk(ctx context.Context, i store.Import) (store.Import, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, deadline.Add(-noteTime))
		defer stop()
	}
	source, err := r.sources.of(i.Kind)
	if err != nil {
		return i, err
	}
	j, err := r.job(ctx, i)
	if err != nil {
		return i, err
	}
	if i.Parts == nil {
		if i.Parts, err = source.Parts(ctx, j); err != nil {
			return i, err
		}
	}
	w := &walk{runner: r, source: source, job: j, noting: make(chan struct{}, 1), i: i}
	err = w.run(ctx)
	return w.i, err
}

func (r *Runner) job(ctx context.Context, i store.Import) (*Job, error) {
	c, err := r.table.Connection(ctx, i.Connection)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.Permanent("connection_unknown", err)
	}
	if err != nil {
		return nil, err
	}
	client, err := r.clients.Client(ctx, c, rate.Backfill)
	if err != nil {
		return nil, err
	}
	return &Job{Import: i, Connection: c, Lever: client, Table: r.table, deliveries: r.deliveries}, nil
}

// settle notes what came of a run, and has the import gone on with.
func (r *Runner) settle(ctx context.Context, i store.Import, err error) error {
	log := slog.With("partner", i.Partner, "connection", i.Connection, "import", i.ID, "read", i.Read, "changed", i.Changed)
	reason, parks := r.parks(i, err)
	switch {
	case errors.Is(err, errTaken):
		log.WarnContext(ctx, err.Error())
		return nil
	case parks:
		log.ErrorContext(ctx, "import parked", "reason", reason, "error", err.Error())
		return r.park(ctx, i, reason)
	case err != nil:
		return r.postpone(ctx, log, i, err)
	case i.Done():
		log.InfoContext(ctx, "import done", "took", r.now().Sub(i.StartedAt.Time()).Milliseconds())
		return r.end(ctx, i)
	}
	log.InfoContext(ctx, "import goes on")
	return r.again(ctx, i, 0)
}

// parks reports whether no further try can help, and under which reason the import
// is parked.
func (r *Runner) parks(i store.Import, err error) (fault.Reason, bool) {
	if err == nil {
		return "", false
	}
	if reason, parks := fault.Parks(err); parks {
		return reason, true
	}
	switch {
	case lever.Forbidden(err):
		return "lever_forbids", true
	case lever.StatusOf(err) != 0 && !lever.Retryable(err):
		return "lever_refuses", true
	}
	return "tries_used_up", r.now().Sub(i.MovedAt.Time()) > tryFor
}

func (r *Runner) postpone(ctx context.Context, log *slog.Logger, i store.Import, because error) error {
	full := firstPause
	for range min(i.Tries, 10) {
		full = min(3*full, queue.MaxDelay)
	}
	wait := full - full/10 + rand.N(full/10)
	i.Tries++
	log.WarnContext(ctx, "import will be tried again", "in", wait.Round(time.Second).String(), "tries", i.Tries, "error", because.Error())
	return r.again(ctx, i, wait)
}

// again lets go of an import, to be gone on with after wait.
func (r *Runner) again(ctx context.Context, i store.Import, wait time.Duration) error {
	i.HeldUntil, i.NextAt = 0, lever.At(r.now().Add(wait))
	if _, err := r.table.SaveImport(ctx, i); err != nil && !errors.Is(err, store.ErrMoved) {
		return err
	}
	return r.send(ctx, i, wait)
}

func (r *Runner) send(ctx context.Context, i store.Import, wait time.Duration) error {
	return r.queue.Send(ctx, i.Partner, queue.Import{Connection: i.Connection, Import: i.ID}, wait)
}

// Stopped is the reason of the attention item about an import that is parked.
const Stopped fault.Reason = "import_stopped"

func (r *Runner) park(ctx context.Context, i store.Import, reason fault.Reason) error {
	i.State, i.Reason, i.HeldUntil, i.EndedAt = store.ImportParked, reason, 0, lever.At(r.now())
	if _, err := r.table.SaveImport(ctx, i); err != nil {
		return err
	}
	if reason == credential.Lost {
		return nil // the connection's own item says so
	}
	a := attention(i)
	a.Step = "An import from Lever has stopped. Mend what is named under because, then resync the connection."
	a.Details = map[string]string{"import": i.Kind, "because": string(reason)}
	return r.table.Raise(ctx, a)
}

// end notes an import's end, after what follows it was begun: what is begun twice
// is begun once.
func (r *Runner) end(ctx context.Context, i store.Import) error {
	if len(i.Then) > 0 {
		id := i.Then[0]
		next := store.Import{Connection: i.Connection, Partner: i.Partner, ID: id, Kind: strings.TrimPrefix(id, again), Params: i.Params, Then: i.Then[1:]}
		if err := NewStarter(r.table, r.queue).Start(ctx, next); err != nil {
			return err
		}
	}
	i.State, i.HeldUntil, i.NextAt, i.Tries, i.EndedAt = store.Imported, 0, 0, 0, lever.At(r.now())
	if _, err := r.table.SaveImport(ctx, i); err != nil {
		return err
	}
	a, err := r.table.Attention(ctx, i.Connection, store.AttentionID(i.Connection, Stopped, attention(i).About))
	if errors.Is(err, store.ErrNotFound) || err == nil && a.ClearedAt != 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return r.table.Clear(ctx, a)
}

func attention(i store.Import) store.Attention {
	return store.Attention{Connection: i.Connection, Partner: i.Partner, Reason: Stopped, About: "import#" + i.ID}
}
