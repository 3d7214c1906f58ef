package sqs

import (
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

// queue is one queue and its messages. A message waits in one of two places:
// ready in the lane of its group, or hidden until its flight's Until.
type queue struct {
	name, arn         string
	settings          settings
	created, modified time.Time
	purged            time.Time

	messages map[string]*message // by id
	lanes    map[string]*lane    // by group; of a standard queue too
	// turns are the lanes that may be received from, the one with the oldest
	// message on top.
	turns    sorted[*lane]
	hidden   sorted[*message] // the first to show itself on top
	ages     sorted[*message] // the first to exceed the retention on top
	inFlight int
	changed  chan struct{} // closed when a waiting receiver should look again

	traces  map[string]trace // of a FIFO queue, by scope
	cleared time.Time        // of old traces
}

// lane holds the messages of one group, or those without a group.
type lane struct {
	group string
	ready sorted[*message] // the oldest on top
	// size counts all messages of the group in the queue, inFlight those that
	// were received.
	size, inFlight int
	place          int // in queue.turns
}

func newQueue(name, arn string) *queue {
	q := &queue{name: name, arn: arn, messages: map[string]*message{}, lanes: map[string]*lane{}, traces: map[string]trace{}}
	q.turns = sorted[*lane]{
		before: func(a, b *lane) bool { return a.ready.top().Order < b.ready.top().Order },
		place:  func(l *lane) *int { return &l.place },
	}
	q.hidden = sorted[*message]{
		before: func(a, b *message) bool { return a.flight.Until.Before(b.flight.Until) },
		place:  func(m *message) *int { return &m.turnPlace },
	}
	q.ages = sorted[*message]{
		before: func(a, b *message) bool { return a.Enqueued.Before(b.Enqueued) },
		place:  func(m *message) *int { return &m.agePlace },
	}
	return q
}

func (q *queue) fifo() bool { return strings.HasSuffix(q.name, ".fifo") }

func (q *queue) lane(group string) *lane {
	l := q.lanes[group]
	if l == nil {
		l = &lane{group: group, place: absent, ready: sorted[*message]{
			before: func(a, b *message) bool { return a.Order < b.Order },
			place:  func(m *message) *int { return &m.turnPlace },
		}}
		q.lanes[group] = l
	}
	return l
}

// add takes in a message. It is the inverse of drop.
func (q *queue) add(m *message, now time.Time) {
	q.messages[m.ID] = m
	q.ages.add(m)
	q.lane(m.Group).size++
	q.settle(m, now)
}

func (q *queue) drop(m *message) {
	l := q.lift(m)
	q.ages.remove(m)
	delete(q.messages, m.ID)
	if l.size--; l.size == 0 {
		delete(q.lanes, l.group)
	}
	if q.fifo() {
		q.wake() // the group may go on
	}
}

// settle puts m where its flight says that it waits. It is the inverse of lift.
func (q *queue) settle(m *message, now time.Time) {
	l := q.lane(m.Group)
	if m.flight.Until.After(now) {
		q.hidden.add(m)
		if m.flight.Received {
			l.inFlight++
			q.inFlight++
		}
	} else {
		m.flight.Received, m.flight.Twice = false, false
		l.ready.add(m)
	}
	q.seat(l)
	if !q.isHidden(m) || q.hidden.top() == m {
		q.wake() // there is something to receive, or something shows itself earlier
	}
}

func (q *queue) lift(m *message) *lane {
	l := q.lane(m.Group)
	if q.isHidden(m) {
		q.hidden.remove(m)
		if m.flight.Received {
			l.inFlight--
			q.inFlight--
		}
		q.seat(l)
		return l
	}
	// The order of turns looks at the lane's top, so the lane leaves first.
	if l.place != absent {
		q.turns.remove(l)
	}
	l.ready.remove(m)
	q.seat(l)
	return l
}

func (q *queue) isHidden(m *message) bool {
	return m.turnPlace >= 0 && m.turnPlace < len(q.hidden.list) && q.hidden.list[m.turnPlace] == m
}

// seat has the lane among the turns exactly when it may be received from. A
// FIFO group with a message in flight may not.
func (q *queue) seat(l *lane) {
	may := len(l.ready.list) > 0 && !(q.fifo() && l.inFlight > 0)
	switch {
	case may && l.place == absent:
		q.turns.add(l)
	case may:
		q.turns.fix(l)
	case l.place != absent:
		q.turns.remove(l)
	}
}

// show makes ready what is hidden no longer.
func (q *queue) show(now time.Time) {
	for len(q.hidden.list) > 0 && !q.hidden.top().flight.Until.After(now) {
		m := q.hidden.top()
		q.lift(m)
		q.settle(m, now)
	}
}

// wake has the waiting receivers look again.
func (q *queue) wake() {
	if q.changed != nil {
		close(q.changed)
		q.changed = nil
	}
}

func (q *queue) wait() <-chan struct{} {
	if q.changed == nil {
		q.changed = make(chan struct{})
	}
	return q.changed
}

// next is the message to be received now, nil if there is none. A receiver who
// has got messages of one group of a FIFO queue goes on in that group as long
// as it lasts; current is that group's lane, or nil.
func (q *queue) next(current *lane, mood wire.Mood) *message {
	if q.fifo() {
		if current != nil && len(current.ready.list) > 0 {
			return current.ready.top()
		}
		if len(q.turns.list) > 0 {
			return q.turns.top().ready.top()
		}
		return nil
	}
	if mood.Strikes(wire.Twice) {
		if m := q.flying(); m != nil {
			return m
		}
	}
	if len(q.turns.list) > 0 && mood.Strikes(wire.Reorder) {
		l := q.turns.list[len(q.turns.list)-1]
		return l.ready.list[len(l.ready.list)-1]
	}
	return q.fairest()
}

// flying is a message in flight that only one receiver has.
func (q *queue) flying() *message {
	for _, m := range q.hidden.list {
		if m.flight.Received && !m.flight.Twice {
			return m
		}
	}
	return nil
}

// fairest is the oldest message of a group that is not noisy. Where only noisy
// groups are left, it is one of the group with the fewest in flight.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
func (q *queue) fairest() *message {
	var aside []*lane
	defer func() {
		for _, l := range aside {
			q.turns.add(l)
		}
	}()
	var quietest *lane
	for len(q.turns.list) > 0 {
		l := q.turns.top()
		if !q.noisy(l) {
			return l.ready.top()
		}
		if quietest == nil || l.inFlight < quietest.inFlight {
			quietest = l
		}
		q.turns.remove(l)
		aside = append(aside, l) // at most nine, of more than a tenth each
	}
	if quietest == nil {
		return nil
	}
	return quietest.ready.top()
}

// noisy reports whether the group has more than a tenth of all messages in
// flight and at least 30. The share of processing time, SQS's other measure, is
// not taken. Every message without a group is a tenant of its own.
func (q *queue) noisy(l *lane) bool {
	return l.group != "" && l.inFlight >= 30 && 10*l.inFlight > q.inFlight
}
