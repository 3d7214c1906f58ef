package sqs

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// The buckets. Keys of what belongs to a queue begin with its name and a slash.
// A message and its flight are apart because only the small flight changes.
const (
	bucketQueues   = "sqs/queues"
	bucketMessages = "sqs/messages"
	bucketFlights  = "sqs/flights"
	bucketTraces   = "sqs/traces"
	bucketMoves    = "sqs/moves"
)

// savedQueue is what is kept of a queue beside its messages.
type savedQueue struct {
	Settings          settings
	Created, Modified time.Time
}

func (t *tx) set(bucket, key string, v any) {
	value, err := json.Marshal(v)
	t.err = errors.Join(t.err, err)
	t.changes = append(t.changes, keep.Change{Bucket: bucket, Key: key, Value: value})
}

func (t *tx) unset(bucket, key string) {
	t.changes = append(t.changes, keep.Change{Bucket: bucket, Key: key})
}

func (t *tx) saveQueue(q *queue) {
	t.set(bucketQueues, q.name, savedQueue{q.settings, q.created, q.modified})
}

// forgetQueue forgets all of a queue but its messages, which are removed one by
// one.
func (t *tx) forgetQueue(q *queue) {
	t.unset(bucketQueues, q.name)
	for scope := range q.traces {
		t.saveTrace(q, scope, nil)
	}
}

func (t *tx) saveTrace(q *queue, scope string, left *trace) {
	if left == nil {
		t.unset(bucketTraces, q.name+"/"+scope)
		return
	}
	t.set(bucketTraces, q.name+"/"+scope, left)
}

func (t *tx) saveMove(m *move)   { t.set(bucketMoves, m.ID, m) }
func (t *tx) forgetMove(m *move) { t.unset(bucketMoves, m.ID) }

// put gives m its place at the end of q.
func (t *tx) put(q *queue, m *message) {
	m.Order = t.turn()
	q.add(m, t.now)
	t.set(bucketMessages, q.name+"/"+m.ID, m)
	if m.flight != (flight{}) { // the flight of a fresh message says nothing
		t.set(bucketFlights, q.name+"/"+m.ID, m.flight)
	}
}

// remove is the end of m in q.
func (t *tx) remove(q *queue, m *message) {
	q.drop(m)
	t.unset(bucketMessages, q.name+"/"+m.ID)
	t.unset(bucketFlights, q.name+"/"+m.ID)
}

// fly gives m another flight.
func (t *tx) fly(q *queue, m *message, f flight) {
	q.lift(m)
	m.flight = f
	q.settle(m, t.now)
	t.set(bucketFlights, q.name+"/"+m.ID, f)
}

// load reads what an earlier Service has saved.
func (s *Service) load() error {
	return errors.Join(s.loadQueues(), s.loadMessages(), s.loadTraces(), s.loadMoves())
}

func (s *Service) loadQueues() error {
	return s.options.Store.Load(bucketQueues, func(name string, value []byte) error {
		var saved savedQueue
		if err := json.Unmarshal(value, &saved); err != nil {
			return fmt.Errorf("queue %s: %w", name, err)
		}
		q := newQueue(name, s.arn(name))
		q.settings, q.created, q.modified = saved.Settings, saved.Created, saved.Modified
		s.queues[name] = q
		return nil
	})
}

// owner finds the queue of a key, and the rest of the key.
func (s *Service) owner(key string) (*queue, string, error) {
	name, rest, _ := strings.Cut(key, "/")
	if q := s.queues[name]; q != nil {
		return q, rest, nil
	}
	return nil, "", fmt.Errorf("%s belongs to no queue", key)
}

// loadMessages reads messages and flights first, because a message takes its
// place by its flight.
func (s *Service) loadMessages() error {
	flights := map[string]flight{}
	err := s.options.Store.Load(bucketFlights, func(key string, value []byte) error {
		var f flight
		err := json.Unmarshal(value, &f)
		flights[key] = f
		return err
	})
	if err != nil {
		return fmt.Errorf("flights: %w", err)
	}
	now := s.options.Now()
	return s.options.Store.Load(bucketMessages, func(key string, value []byte) error {
		q, _, err := s.owner(key)
		if err != nil {
			return err
		}
		m := &message{flight: flights[key]}
		if err := json.Unmarshal(value, m); err != nil {
			return fmt.Errorf("message %s: %w", key, err)
		}
		if s.options.Landed && m.flight.Received && m.flight.Until.After(now) {
			m.flight.Until = now
			m.flight.Receives--
		}
		s.order = max(s.order, m.Order)
		q.add(m, now)
		return nil
	})
}

func (s *Service) loadTraces() error {
	return s.options.Store.Load(bucketTraces, func(key string, value []byte) error {
		q, scope, err := s.owner(key)
		if err != nil {
			return err
		}
		var left trace
		err = json.Unmarshal(value, &left)
		q.traces[scope] = left
		s.order = max(s.order, left.Order)
		return err
	})
}

// loadMoves reads the tasks in the order of their start.
func (s *Service) loadMoves() error {
	err := s.options.Store.Load(bucketMoves, func(_ string, value []byte) error {
		m := new(move)
		s.moves = append(s.moves, m)
		return json.Unmarshal(value, m)
	})
	slices.SortFunc(s.moves, func(a, b *move) int { return a.Started.Compare(b.Started) })
	return err
}

var _ wire.Service = (*Service)(nil)
