package store_test

import (
	"errors"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// steps are what may happen to a ledger.
func (l *ledger) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"receive": l.receive, "commit": l.commit, "erase": l.erase, "forget": l.forget,
		"postpone": l.postpone, "look after": l.lookAfter, "time passes": l.wait,
		"attempt": l.attempt, "arrive": l.arrive, "give up": l.giveUp,
		"look at the lists": l.lists,
		"retry event":       l.retryEvent, "retry delivery": l.retryDelivery, "dismiss": l.dismiss, "hold too long": l.holdTooLong,
	}
}

// anyOf draws one of what was read, and skips the step where nothing was. What was read
// last comes first, so that it is drawn more often.
func anyOf[T any](rt *rapid.T, read []T) T {
	if len(read) == 0 {
		rt.Skip("nothing was read")
	}
	back := rapid.IntRange(0, len(read)-1).Draw(rt, "how long ago")
	if rapid.IntRange(0, 3).Draw(rt, "stale") > 0 {
		back %= 4
	}
	return read[max(len(read)-1-back, 0)]
}

// moved is nil for what a writer is told who came too late.
func moved(err error) error {
	if errors.Is(err, store.ErrMoved) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (l *ledger) object(kind, opportunity string) store.Object {
	l.Helper()
	o, err := l.table.Object(l.ctx, l.connection, kind, opportunity)
	l.must(err)
	return o
}

// receive has Lever tell of something, perhaps again, perhaps with another body.
func (l *ledger) receive(rt *rapid.T) {
	n := rapid.IntRange(0, 3).Draw(rt, "event")
	e, err := l.table.Receive(l.ctx, store.Event{
		ID: fmt.Sprintf("evt_%d", n), Connection: l.connection, Partner: "joinedly", Event: lever.CandidateHired,
		IDs: lever.IDs{Opportunity: fmt.Sprintf("o-%d", n%2)}, BodyHash: rapid.SampledFrom([]string{"a", "a", "b"}).Draw(rt, "body"),
		ReceivedAt: lever.At(time.Now()),
	})
	l.must(err)
	was, again := l.events[e.ID]
	if again && e.State != was.State || !again && e.State != store.Received {
		l.Fatalf("event %s comes as %s, was %s", e.ID, e.State, was.State)
	}
	l.received[e.ID] = true
}

// commit ends what somebody has read, as one of the four or with documents.
func (l *ledger) commit(rt *rapid.T) {
	e := anyOf(rt, l.read.events)
	c := store.Commit{Event: e, State: rapid.SampledFrom([]store.EventState{
		store.Delivering, store.Delivering, store.Delivering, store.Unchanged, store.Ignored, store.Parked,
	}).Draw(rt, "end")}
	switch c.State {
	case store.Ignored, store.Parked:
		c.Reason = rapid.SampledFrom([]fault.Reason{"one", "other"}).Draw(rt, "reason")
	case store.Delivering:
		for _, kind := range []string{"joiner", "pay"}[:rapid.IntRange(1, 2).Draw(rt, "documents")] {
			o := l.object(kind, e.IDs.Opportunity)
			place := kind + "#" + o.ID
			l.read.objects[place] = append(l.read.objects[place], o)
			if rapid.IntRange(0, 4).Draw(rt, "stale object") == 0 {
				o = anyOf(rt, l.read.objects[place])
			}
			l.tell(&c, o, `{"name":"Ada"}`)
		}
	}
	err := l.table.Commit(l.ctx, c)
	l.must(moved(err))
	if _, gone := l.erased[e.IDs.Opportunity]; err == nil && (gone && len(c.Objects) > 0 || l.events[e.ID].State != store.Received) {
		l.Fatalf("a commit of %s is taken: it was %s, its opportunity is gone: %v", e.ID, l.events[e.ID].State, gone)
	}
}

// tell adds an object's next state to a commit, and the document about it.
func (l *ledger) tell(c *store.Commit, o store.Object, state string) {
	o.State = []byte(state)
	d := store.Delivery{
		ID: store.DeliveryID(l.connection, o.Kind, o.ID, "joiner.changed", o.Revision+1), Connection: l.connection, Partner: "joinedly",
		Type: "joiner.changed", Event: c.Event.ID, Object: o.Kind + "#" + o.ID, Revision: o.Revision + 1, Previous: o.LastDelivery, Body: []byte(state),
	}
	o.LastDelivery = d.ID
	c.Objects, c.Deliveries = append(c.Objects, o), append(c.Deliveries, d)
}

// erase has Lever tell that somebody is gone: the objects are emptied.
func (l *ledger) erase(rt *rapid.T) {
	e := anyOf(rt, l.read.events)
	if rapid.IntRange(0, 2).Draw(rt, "really") > 0 {
		rt.Skip("people are erased seldom")
	}
	c := store.Commit{Event: e, State: store.Unchanged}
	gone := store.Erasure{ID: store.ErasureID(l.connection, e.ID, e.IDs.Opportunity), Connection: l.connection, Because: "deleted", ForGood: true, Opportunities: []string{e.IDs.Opportunity}}
	revisions := map[string]int64{}
	for _, kind := range []string{"joiner", "pay"} {
		if o := l.object(kind, e.IDs.Opportunity); o.Revision > 0 {
			gone.Objects = append(gone.Objects, kind+"#"+o.ID)
			l.tell(&c, o, "{}")
			revisions[kind], c.State = o.Revision+1, store.Delivering
		}
	}
	c.Erasures = []store.Erasure{gone}
	err := l.table.Commit(l.ctx, c)
	l.must(moved(err))
	if err == nil {
		l.erased[e.IDs.Opportunity] = revisions
	}
}

// forget is what the clock does for somebody who is gone, with documents that it has
// read just now or a while ago.
func (l *ledger) forget(rt *rapid.T) {
	for opportunity := range l.erased {
		about, err := l.table.DeliveriesAbout(l.ctx, l.connection, []string{"joiner#" + opportunity, "pay#" + opportunity}, lever.At(time.Now())-1)
		l.must(err)
		for _, d := range about {
			_, err := l.table.EraseDelivery(l.ctx, d)
			l.must(moved(err))
		}
		parked, err := l.table.ParkedAbout(l.ctx, l.connection, []string{opportunity})
		l.must(err)
		for _, e := range append(parked, l.staleAbout(rt, opportunity)...) {
			l.must(l.table.EraseEvent(l.ctx, e))
		}
	}
}

// staleAbout is an event about somebody as it was read some time.
func (l *ledger) staleAbout(rt *rapid.T, opportunity string) []store.Event {
	if e := anyOf(rt, l.read.events); e.IDs.Opportunity == opportunity {
		return []store.Event{e}
	}
	return nil
}

func (l *ledger) postpone(rt *rapid.T) {
	e := anyOf(rt, l.read.events)
	next := lever.At(time.Now().Add(time.Duration(rapid.IntRange(0, 60).Draw(rt, "minutes")) * time.Minute))
	if rapid.Bool().Draw(rt, "without having failed") {
		l.must(l.table.Delay(l.ctx, e, next))
		return
	}
	l.must(l.table.Postpone(l.ctx, e, next))
}

// lookAfter takes what is due for oneself; of two who saw the same, one gets it.
func (l *ledger) lookAfter(rt *rapid.T) {
	d := anyOf(rt, l.read.due)
	_, err := l.table.Look(l.ctx, d)
	l.must(err)
	if again, err := l.table.Look(l.ctx, d); err != nil || again && l.sleepless(d) {
		l.Fatalf("two look after %s: %v", d.ID(), err)
	}
}

// sleepless reports whether a look has moved the entry: at the very moment when it was
// read it stays where it is.
func (l *ledger) sleepless(d store.Due) bool {
	return !d.By(lever.At(time.Now().Add(store.Grace))) || d.By(lever.At(time.Now().Add(store.Grace-time.Millisecond)))
}

func (l *ledger) wait(rt *rapid.T) {
	time.Sleep(time.Duration(rapid.IntRange(1, 60).Draw(rt, "seconds")) * time.Second)
}

func (l *ledger) attempt(rt *rapid.T) {
	d := anyOf(rt, l.read.deliveries)
	l.must(l.table.Attempted(l.ctx, d, store.Attempt{Status: 503}, lever.At(time.Now().Add(time.Minute))))
}

func (l *ledger) arrive(rt *rapid.T) {
	_, err := l.table.Arrive(l.ctx, anyOf(rt, l.read.deliveries), store.Attempt{Status: 204})
	l.must(err)
}

func (l *ledger) giveUp(rt *rapid.T) {
	_, err := l.table.GiveUp(l.ctx, anyOf(rt, l.read.deliveries), "endpoint_refuses", store.Attempt{Status: 410})
	l.must(err)
}

func (l *ledger) retryEvent(rt *rapid.T) {
	_, err := l.table.RetryEvent(l.ctx, l.connection, anyOf(rt, l.read.events).ID)
	l.must(moved(err))
}

func (l *ledger) retryDelivery(rt *rapid.T) {
	_, err := l.table.RetryDelivery(l.ctx, l.connection, anyOf(rt, l.read.deliveries).ID)
	l.must(moved(err))
}

func (l *ledger) dismiss(rt *rapid.T) {
	l.must(moved(l.table.Dismiss(l.ctx, l.connection, anyOf(rt, l.read.events).ID)))
}

func (l *ledger) holdTooLong(rt *rapid.T) {
	p := anyOf(rt, l.read.parked)
	if p.Event == "" {
		rt.Skip("a delivery is not held")
	}
	l.must(l.table.HeldTooLong(l.ctx, l.connection, p))
}
