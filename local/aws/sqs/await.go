package sqs

import (
	"context"

	"fulcrum/local/aws/wire"
)

// Await returns when the queue of a URL has something to receive, or ctx is over. A
// queue that is not there is not waited for. It is no call: nothing is received.
func (s *Service) Await(ctx context.Context, url string) {
	for ctx.Err() == nil {
		p, empty := s.peek(url)
		if !empty {
			return
		}
		p.sleep(ctx, nil)
	}
}

// peek reports whether the queue has nothing to receive, and what to wait for then.
func (s *Service) peek(url string) (p pause, empty bool) {
	err := s.hold(&wire.Call{}, func(t *tx) error {
		q, err := t.queueAt(url)
		if err != nil {
			return err
		}
		if empty = len(q.turns.list) == 0; empty {
			p = pause{changed: q.wait(), next: t.nextChange(q)}
		}
		return nil
	})
	return p, empty && err == nil
}
