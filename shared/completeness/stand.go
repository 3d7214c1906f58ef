package completeness

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// account counts a change that has a webhook, and has an event stand for it where
// the webhook did not come. It reports whether one of ours does.
func (w *comparison) account(ctx context.Context, m store.Missed) (stands bool, err error) {
	if w.toldOf(m.Opportunity, m.Event, m.At-ms(early)) {
		w.seen[m.Event]++
		w.report.Accounted++
		return false, nil
	}
	if slices.Contains(w.watched, m.Event) {
		w.missing[m.Event]++
	}
	return true, w.stand(ctx, &w.report.Missed, m)
}

// toldOf reports whether an event of an opportunity came at or after a time; an
// empty event is any.
func (w *comparison) toldOf(opportunity string, event lever.Event, at lever.Time) bool {
	return slices.ContainsFunc(w.told[opportunity], func(t store.Told) bool {
		return (event == "" || t.Event == event) && t.At >= at
	})
}

// stand notes an event of ours in the ledger and sends it on its way. The same
// change has the same event, however often its window is compared.
func (w *comparison) stand(ctx context.Context, list *[]store.Missed, m store.Missed) error {
	m.ID = eventID(w.connection.ID, m)
	e := queue.Event{
		ID: m.ID, Connection: w.connection.ID, Event: m.Event, TriggeredAt: m.At, ReceivedAt: lever.At(w.now()),
		IDs: lever.IDs{Opportunity: m.Opportunity}, Origin: string(store.FromClock),
	}
	wait := time.Duration(w.stood) * pace
	w.stood++
	w.standing.Go(func() error { return w.send(ctx, e, wait) })
	*list = append(*list, m)
	if len(w.report.Missed)+len(w.report.Reread) < perReport {
		return nil
	}
	return w.part(ctx)
}

// send notes an event and sends it on its way after a while. The clock sends what
// waits longer than a queue holds a message.
func (w *comparison) send(ctx context.Context, e queue.Event, wait time.Duration) error {
	noted, err := w.table.Receive(ctx, store.EventOf(w.connection.Partner, e))
	if err != nil {
		return err
	}
	if wait > time.Minute {
		if err := w.table.Delay(ctx, noted, lever.At(w.now().Add(wait))); err != nil {
			return err
		}
	}
	if wait > queue.MaxDelay {
		return nil
	}
	return w.events.Later(ctx, w.connection.Partner, e, wait)
}

// part writes a report of what was found so far: one that names ten thousand changes
// is longer than an item may be (DynamoDB: 400 KB).
func (w *comparison) part(ctx context.Context) error {
	if err := w.standing.Wait(); err != nil {
		return err
	}
	w.standing = errgroup.Group{}
	w.standing.SetLimit(together)
	r := w.report
	r.Partial = true
	written, err := w.table.Report(ctx, w.window, r)
	if err != nil {
		return err
	}
	w.window.Revision, w.window.Reports, w.window.Hash = w.window.Revision+1, written.Number, written.Hash
	w.report.Changes, w.report.Accounted, w.report.Missed, w.report.Reread = 0, 0, nil, nil
	return nil
}

func eventID(connectionID string, m store.Missed) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d", connectionID, m.Event, m.Opportunity, m.At))
	return "rec_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

func ms(d time.Duration) lever.Time { return lever.Time(d.Milliseconds()) }
