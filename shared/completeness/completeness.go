// Package completeness compares what Lever says has changed with what its webhooks
// have told. Lever tries a webhook six times and then forgets it, and an event that
// is switched off on its webhooks page is shown by no API: only Lever's own lists
// tell that something was missed.
//
// Every 15 minutes a connection's last window of time is compared: opportunities by
// updated_at, and the deleted ones. A change of a kind that has a webhook, without
// that webhook, is missed: an event of ours stands for it and is worked off like
// Lever's. What changed otherwise is read again in the same way. Each window leaves
// a report. Interviews are in no list of Lever's: their events cannot be compared.
package completeness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/notice"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

const (
	// settle is how old a change has to be before its webhook counts as missed.
	settle = 2 * time.Minute
	// overlap is how far a window reaches into the one before: Lever's lists are
	// not of one moment.
	overlap = time.Minute
	// early is how long before Lever's time of a change its webhook may have come:
	// clocks differ.
	early = 5 * time.Minute
	// together is how many events of ours are sent on their way side by side, and
	// perReport how many changes a report names.
	together  = 16
	perReport = 1000
	// pace is how long after each other they go: a little faster than their calls are
	// let pass. All at once they would fill the queue before what Lever tells.
	pace = 100 * time.Millisecond
	// hooksEvery is how often the webhooks at Lever are compared with ours.
	hooksEvery = 4 * time.Hour
	// windowsOff is after how many windows in a row without a webhook its event
	// counts as switched off.
	windowsOff = 3
)

// Behind is how long ago a connection's last window may have ended before somebody has
// to look.
const Behind = time.Hour

// Reread is the event that stands for a change that has no webhook.
const Reread lever.Event = "opportunityChanged"

// Clients makes the Lever client of a connection; see account.Accounts.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Events sends events on their way; see queue.Partners.
type Events interface {
	Later(ctx context.Context, partner string, e queue.Event, delay time.Duration) error
}

// Comparer compares windows.
type Comparer struct {
	table   *store.Table
	clients Clients
	events  Events
	alerts  *notice.Alerts
	now     func() time.Time
}

// New makes a Comparer. now is the clock.
func New(table *store.Table, clients Clients, events Events, alerts *notice.Alerts, now func() time.Time) *Comparer {
	return &Comparer{table: table, clients: clients, events: events, alerts: alerts, now: now}
}

// Compare compares a connection's window up to now. It does nothing while the
// connection rests or has no credential: what it would find is found later.
func (c *Comparer) Compare(ctx context.Context, connectionID string) error {
	connection, err := c.table.Connection(ctx, connectionID)
	if errors.Is(err, store.ErrNotFound) {
		return c.table.StopWindows(ctx, connectionID)
	}
	if err != nil {
		return err
	}
	window, err := c.table.Window(ctx, connectionID)
	if err != nil {
		return err
	}
	client, err := c.clients.Client(ctx, connection, rate.Backfill)
	if _, parks := fault.Parks(err); parks {
		return nil
	}
	if err != nil {
		return err
	}
	w := &comparison{Comparer: c, connection: connection, window: window, client: client}
	return w.run(ctx)
}

// comparison is the comparing of one window.
type comparison struct {
	*Comparer
	connection store.Connection
	window     store.Window
	client     *lever.Client

	watched []lever.Event // the events whose webhooks the connection has
	hired   map[string]bool
	told    map[string][]store.Told // by opportunity
	report  store.Report
	// standing sends the events of ours on their way, stood counts them.
	standing errgroup.Group
	stood    int
	// seen and missing count the changes of an event with and without webhook.
	seen, missing map[lever.Event]int
}

func (w *comparison) run(ctx context.Context) error {
	w.report = store.Report{From: w.window.Until - ms(overlap), Until: lever.At(w.now().Add(-settle))}
	if w.report.Until <= w.window.Until {
		return nil
	}
	w.seen, w.missing = map[lever.Event]int{}, map[lever.Event]int{}
	if err := w.prepare(ctx); err != nil {
		return err
	}
	if err := errors.Join(w.changes(ctx), w.deletions(ctx), w.standing.Wait()); err != nil {
		return unlessMoved(err)
	}
	if err := w.switches(ctx); err != nil {
		return err
	}
	_, err := w.table.Report(ctx, w.window, w.report)
	return unlessMoved(err)
}

// unlessMoved leaves a window to who has compared it meanwhile.
func unlessMoved(err error) error {
	if errors.Is(err, store.ErrMoved) {
		return nil
	}
	return err
}

// prepare reads what the changes are compared with.
func (w *comparison) prepare(ctx context.Context) error {
	webhooks, err := w.table.Webhooks(ctx, w.connection.ID)
	if err != nil {
		return err
	}
	for _, h := range webhooks {
		w.watched = append(w.watched, h.Event)
	}
	w.report.Unseen = slices.DeleteFunc(slices.Clone(w.watched), listed)
	told, err := w.table.Told(ctx, w.connection.ID, w.report.From-ms(early), lever.At(w.now()))
	w.told = map[string][]store.Told{}
	for _, t := range told {
		w.told[t.Opportunity] = append(w.told[t.Opportunity], t)
	}
	w.standing.SetLimit(together)
	return err
}

// means reports whether an archive reason means a hire. The reasons are read when
// the first one has to be known: most windows have none.
func (w *comparison) means(ctx context.Context, reasonID string) (bool, error) {
	if w.hired == nil {
		reasons, err := lever.Collect(w.client.ArchiveReasons(ctx, lever.Hired))
		if err != nil {
			return false, fmt.Errorf("archive reasons: %w", err)
		}
		w.hired = map[string]bool{}
		for _, r := range reasons {
			w.hired[r.ID] = true
		}
	}
	return w.hired[reasonID], nil
}

// listed reports whether Lever's lists show changes of an event.
func listed(e lever.Event) bool {
	switch e {
	case lever.ApplicationCreated, lever.CandidateStageChange, lever.CandidateArchiveChange, lever.CandidateHired, lever.CandidateDeleted:
		return true
	}
	return false
}

func (w *comparison) changes(ctx context.Context) error {
	filter := lever.OpportunityFilter{UpdatedAfter: w.report.From, UpdatedUntil: w.report.Until, Expand: []string{"applications"}}
	for o, err := range w.client.Opportunities(ctx, filter) {
		if err != nil {
			return fmt.Errorf("changed opportunities: %w", err)
		}
		w.report.Changes++
		if err := w.change(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// change compares one opportunity: what must have had a webhook, and whether
// anything has come since its last change. What came before it, however shortly, may
// have been worked off before it.
func (w *comparison) change(ctx context.Context, o lever.Opportunity) error {
	explained := w.toldOf(o.ID, "", o.UpdatedAt)
	expected, err := w.expected(ctx, o)
	if err != nil {
		return err
	}
	for _, e := range expected {
		stands, err := w.account(ctx, e)
		if err != nil {
			return err
		}
		explained = explained || stands
	}
	if explained {
		return nil
	}
	return w.stand(ctx, &w.report.Reread, store.Missed{Event: Reread, Opportunity: o.ID, At: o.UpdatedAt})
}

// expected are the changes of an opportunity in the window that have a webhook of
// the connection's.
func (w *comparison) expected(ctx context.Context, o lever.Opportunity) ([]store.Missed, error) {
	var all []store.Missed
	within := func(at lever.Time) bool { return at >= w.report.From && at <= w.report.Until }
	add := func(e lever.Event, at lever.Time) {
		if within(at) && slices.Contains(w.watched, e) {
			all = append(all, store.Missed{Event: e, Opportunity: o.ID, At: at})
		}
	}
	if o.Archived != nil && within(o.Archived.ArchivedAt) {
		add(lever.CandidateArchiveChange, o.Archived.ArchivedAt)
		hired, err := w.means(ctx, o.Archived.Reason)
		if err != nil {
			return nil, err
		}
		if hired {
			add(lever.CandidateHired, o.Archived.ArchivedAt)
		}
	}
	if n := len(o.StageChanges); n > 1 { // the first is the stage that it was made in
		add(lever.CandidateStageChange, o.StageChanges[n-1].UpdatedAt)
	}
	for _, a := range o.Applications {
		if a.Object != nil {
			add(lever.ApplicationCreated, a.Object.CreatedAt)
		}
	}
	return all, nil
}

func (w *comparison) deletions(ctx context.Context) error {
	for d, err := range w.client.DeletedOpportunities(ctx, w.report.From, w.report.Until) {
		if err != nil {
			return fmt.Errorf("deleted opportunities: %w", err)
		}
		w.report.Changes++
		if _, err := w.account(ctx, store.Missed{Event: lever.CandidateDeleted, Opportunity: d.ID, At: d.DeletedAt}); err != nil {
			return err
		}
	}
	return nil
}
