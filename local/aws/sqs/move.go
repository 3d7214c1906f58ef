package sqs

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"fulcrum/local/aws/wire"
)

// The states of a move task that are seen here. CANCELLING is over at once.
const (
	running   = "RUNNING"
	completed = "COMPLETED"
	cancelled = "CANCELLED"
	failed    = "FAILED"
)

const (
	fastest   = 500 // messages a second, the most that may be asked for
	keptTasks = 10  // per source queue
)

// move is a task that takes the messages of a dead-letter queue back, one every
// so often. It makes its steps when a call comes in, as many as are due by then.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
type move struct {
	ID     string
	Source string // ARN
	// Destination is an ARN; empty moves every message to where it came from.
	Destination   string
	PerSecond     int // 0 leaves it to us
	Started       time.Time
	ToMove, Moved int
	Status        string
	Reason        string // of a failure
}

// next is when the next message is due to be moved.
func (m *move) next() time.Time {
	rate := m.PerSecond
	if rate == 0 {
		rate = fastest
	}
	return m.Started.Add(time.Duration(m.Moved+1) * time.Second / time.Duration(rate))
}

// advance makes the steps that are due.
func (t *tx) advance() {
	for _, m := range t.moves {
		before := *m
		for m.Status == running && !m.next().After(t.now) {
			t.step(m)
		}
		if *m != before {
			t.saveMove(m)
		}
	}
}

// step moves one message, or ends the task.
func (t *tx) step(task *move) {
	source := t.byARN(task.Source)
	if source == nil {
		task.Status, task.Reason = failed, noQueue().Query
		return
	}
	t.update(source, task.next())
	if task.Moved >= task.ToMove || len(source.turns.list) == 0 {
		task.Status = completed
		return
	}
	m := source.turns.top().ready.top()
	arn := task.Destination
	if arn == "" {
		arn = m.Source
	}
	destination := t.byARN(arn)
	switch {
	case arn == "":
		task.Status, task.Reason = failed, "CouldNotDetermineMessageSource"
		return
	case destination == nil:
		task.Status, task.Reason = failed, noQueue().Query
		return
	}
	t.resend(source, destination, m, task.next())
	if task.Moved++; task.Moved == task.ToMove {
		task.Status = completed
	}
}

// resend moves m as a new message, with a new id.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
func (t *tx) resend(from, to *queue, m *message, at time.Time) {
	t.remove(from, m)
	m.ID, m.Source = newID(), ""
	m.Sent, m.Enqueued = at, at
	m.flight = flight{}
	if delay := to.delay(draft{}); delay > 0 {
		m.flight.Until = at.Add(delay)
	}
	t.put(to, m)
}

// nextMove is when a move task makes its next step, zero if none is running.
func (t *tx) nextMove() (next time.Time) {
	for _, m := range t.moves {
		if m.Status == running && (next.IsZero() || m.next().Before(next)) {
			next = m.next()
		}
	}
	return next
}

type startInput struct {
	SourceArn, DestinationArn    string
	MaxNumberOfMessagesPerSecond *int
}

func (t *tx) startMove(in startInput) (any, error) {
	source, err := t.resource(in.SourceArn, "SourceArn")
	if err != nil {
		return nil, err
	}
	if err := t.checkMove(source, in); err != nil {
		return nil, err
	}
	t.update(source, t.now)
	m := &move{ID: newID(), Source: in.SourceArn, Destination: in.DestinationArn, Started: t.now, Status: running,
		ToMove: len(source.messages) - len(source.hidden.list)}
	if in.MaxNumberOfMessagesPerSecond != nil {
		m.PerSecond = *in.MaxNumberOfMessagesPerSecond
	}
	t.moves = append(t.moves, m)
	t.saveMove(m)
	t.forgetMoves(in.SourceArn)
	for _, q := range t.queues {
		q.wake() // who waits does not know of the steps to come
	}
	return map[string]string{"TaskHandle": m.handle()}, nil
}

func (t *tx) checkMove(source *queue, in startInput) error {
	if !t.takesDeadLetters(source) {
		return invalid("Source queue must be configured as a Dead Letter Queue.")
	}
	if in.DestinationArn != "" {
		destination, err := t.resource(in.DestinationArn, "DestinationArn")
		if err != nil {
			return err
		}
		if destination == source || destination.fifo() != source.fifo() {
			return invalidValue(in.DestinationArn, "DestinationArn", "Must be another queue of the source's type.")
		}
	}
	if n := in.MaxNumberOfMessagesPerSecond; n != nil && (*n < 1 || *n > fastest) {
		return invalidValue(*n, "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500.")
	}
	if slices.ContainsFunc(t.moves, func(m *move) bool { return m.Source == source.arn && m.Status == running }) {
		return invalid("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	}
	return nil
}

// takesDeadLetters reports whether q is some queue's dead-letter queue.
func (t *tx) takesDeadLetters(q *queue) bool {
	for _, source := range t.queues {
		if p := source.settings.redrive(); p != nil && p.Target == q.arn {
			return true
		}
	}
	return false
}

// resource is the queue of an ARN that is given as a parameter.
func (t *tx) resource(arn, parameter string) (*queue, error) {
	t.call.Resource = arn
	if q := t.byARN(arn); q != nil {
		return q, nil
	}
	return nil, notFound("The resource that you specified for the %s parameter doesn't exist.", parameter)
}

func notFound(format string, args ...any) error {
	err := wire.Errorf("ResourceNotFoundException", format, args...)
	err.Query, err.Status = err.Code, http.StatusNotFound
	return err
}

// forgetMoves keeps the latest tasks of a source.
func (t *tx) forgetMoves(source string) {
	for n := t.count(source); n > keptTasks; n-- {
		i := slices.IndexFunc(t.moves, func(m *move) bool { return m.Source == source })
		t.forgetMove(t.moves[i])
		t.moves = slices.Delete(t.moves, i, i+1)
	}
}

func (t *tx) count(source string) (n int) {
	for _, m := range t.moves {
		if m.Source == source {
			n++
		}
	}
	return n
}

type listMovesInput struct {
	SourceArn  string
	MaxResults *int
}

// moveStatus is a task as ListMessageMoveTasks tells it.
type moveStatus struct {
	TaskHandle                        string `json:",omitempty"`
	Status                            string
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      int    `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64  // milliseconds
}

// listMoves tells the latest tasks of a source, the latest first.
func (t *tx) listMoves(in listMovesInput) (any, error) {
	if _, err := t.resource(in.SourceArn, "SourceArn"); err != nil {
		return nil, err
	}
	most := 1
	if in.MaxResults != nil {
		if most = *in.MaxResults; most < 1 || most > keptTasks {
			return nil, invalidValue(most, "MaxResults", "Must be between 1 and 10.")
		}
	}
	results := []moveStatus{}
	for _, m := range slices.Backward(t.moves) {
		if m.Source == in.SourceArn && len(results) < most {
			results = append(results, m.status())
		}
	}
	return map[string]any{"Results": results}, nil
}

func (m *move) status() moveStatus {
	s := moveStatus{
		Status: m.Status, SourceArn: m.Source, DestinationArn: m.Destination, MaxNumberOfMessagesPerSecond: m.PerSecond,
		ApproximateNumberOfMessagesMoved: m.Moved, ApproximateNumberOfMessagesToMove: m.ToMove,
		FailureReason: m.Reason, StartedTimestamp: m.Started.UnixMilli(),
	}
	if m.Status == running {
		s.TaskHandle = m.handle()
	}
	return s
}

// taskHandle is what stands in a TaskHandle.
type taskHandle struct {
	TaskID    string `json:"taskId"`
	SourceArn string `json:"sourceArn"`
}

func (m *move) handle() string {
	plain := `{"taskId":"` + m.ID + `","sourceArn":"` + m.Source + `"}`
	return base64.StdEncoding.EncodeToString([]byte(plain))
}

type cancelInput struct{ TaskHandle string }

func (t *tx) cancelMove(in cancelInput) (any, error) {
	var h taskHandle
	raw, err := base64.StdEncoding.DecodeString(in.TaskHandle)
	if err != nil || json.Unmarshal(raw, &h) != nil {
		return nil, invalid("Value for parameter TaskHandle is invalid.")
	}
	if _, err := t.resource(h.SourceArn, "SourceArn"); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(t.moves, func(m *move) bool { return m.ID == h.TaskID && m.Status == running })
	if i < 0 {
		return nil, notFound("Task does not exist.")
	}
	m := t.moves[i]
	m.Status = cancelled
	t.saveMove(m)
	return map[string]int{"ApproximateNumberOfMessagesMoved": m.Moved}, nil
}
