package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// letters wakes the sync functions whose letters are due: reminders whose day has
// come, and mails that whoever wrote them did not get sent. They get an event that
// has them look again at what the letter is about, so that nobody is reminded of
// what is over in Lever, and send what their connection has to send.
func (s sweeper) letters(ctx context.Context) error {
	due, err := s.table.DueLetters(ctx, lever.At(s.now()), sweep)
	if err != nil {
		return err
	}
	return store.LookAfter(ctx, s.table, due, func(d store.DueLetter) error {
		return s.queues.Events.Send(ctx, d.Partner, s.wake(d))
	})
}

// wake is the event of a letter. Each look at it has one of its own.
func (s sweeper) wake(d store.DueLetter) queue.Event {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", d.PK, d.SK, d.DSK))
	now := lever.At(s.now())
	return queue.Event{
		ID: "letter-" + hex.EncodeToString(sum[:16]), Connection: d.Connection(), Event: lever.CandidateHired,
		TriggeredAt: now, ReceivedAt: now, IDs: lever.IDs{Opportunity: d.About}, Origin: string(store.FromClock),
	}
}
