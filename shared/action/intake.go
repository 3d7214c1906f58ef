package action

import (
	"context"

	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

// Intake takes actions in from a partner's API. It is safe for concurrent use.
type Intake struct {
	table *store.Table
	queue Queue
}

// NewIntake makes an Intake.
func NewIntake(table *store.Table, q Queue) *Intake { return &Intake{table: table, queue: q} }

// Request is what a partner asks for.
type Request struct {
	Connection store.Connection
	// Kind is the partner's word for what it wants, Ref its own id of it. A later
	// version of the same thing is another Ref.
	Kind, Ref string
	// Key is the request's Idempotency-Key; it may be empty.
	Key string
	// Body is JSON. The same request has to give the same bytes.
	Body []byte
}

// Accept notes an action and sends it on its way. What was asked for before is
// given as far as it has come, and sent again: the request before may have died in
// between. It fails with store.ErrKeyReused and store.ErrOtherRequest, for the
// partner to mend. After its answer nothing is lost.
func (i *Intake) Accept(ctx context.Context, r Request) (store.Action, error) {
	a, err := i.table.Accept(ctx, store.Action{
		Connection: r.Connection.ID, Partner: r.Connection.Partner, Kind: r.Kind, Ref: r.Ref, Request: r.Body,
	}, r.Key)
	if err != nil || a.State.Ended() {
		return a, err
	}
	return a, i.queue.Send(ctx, a.Partner, queue.Action{Connection: a.Connection, Action: a.ID}, 0)
}

// Resume has a parked action gone on with. Another action stays as it is.
func (i *Intake) Resume(ctx context.Context, connectionID, id string) (store.Action, error) {
	a, err := i.table.ResumeAction(ctx, connectionID, id)
	if err != nil || a.State.Ended() {
		return a, err
	}
	return a, i.queue.Send(ctx, a.Partner, queue.Action{Connection: a.Connection, Action: a.ID}, 0)
}
