// Package reconcile is the room behind functions/hub/reconcile: what the clock
// asks for. A schedule of template.yaml names the task in its input:
//
//	{"task": "due"}          sends on its way what waited for its time, and what
//	                         has fallen out of the queues
//	{"task": "ledger"}       finds what does not go on, and tells of it
//	{"task": "redrive"}      sends dead letters back to their queues; an operator
//	                         asks for it when what was wrong is mended
//	{"task": "windows"}      compares what Lever says has changed with what its
//	                         webhooks have told
//	{"task": "actions"}      goes on with writes to Lever that have stopped, and
//	                         looks for what Lever wrote late
//	{"task": "imports"}      begins imports that are due again, and sends on their
//	                         way those that have stopped
//	{"task": "keep-alive"}   renews credentials that have been quiet
//	{"task": "recover"}      goes on with closing the gaps of connections that did
//	                         not work for a while
//	{"task": "erasures"}     brings the forgetting of people to its end
//	{"task": "held"}         gives up work that has waited too long for a
//	                         connection to come back
//	{"task": "reseal"}       seals anew, under the keyset's primary version, what
//	                         is sealed under an older one; an operator asks for it
//	                         before an old version is taken out of the keyset
package reconcile

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/shared/account"
	"fulcrum/shared/action"
	"fulcrum/shared/backfill"
	"fulcrum/shared/boot"
	"fulcrum/shared/completeness"
	"fulcrum/shared/credential"
	"fulcrum/shared/erasure"
	"fulcrum/shared/held"
	"fulcrum/shared/notice"
	"fulcrum/shared/queue"
	"fulcrum/shared/recovery"
	"fulcrum/shared/store"
)

// Event is a schedule's input.
type Event struct {
	Task string `json:"task"`
}

// Tasks does what the clock asks for.
type Tasks map[string]func(context.Context) error

// FromEnv makes the tasks from what credential.FromEnv needs, PARTNER_QUEUE_URL,
// DELIVERIES_QUEUE_URL and DEAD_LETTERS_URL.
func FromEnv(env *boot.Env) Tasks {
	table := store.FromEnv(env)
	sender := queue.NewSender(env.AWS("SQS", boot.Working))
	partners, deliveries := sender.Partners(env.Need("PARTNER_QUEUE_URL")), sender.Deliveries(env.Need("DELIVERIES_QUEUE_URL"))
	alerts := notice.New(table, deliveries, time.Now)
	dead := deadLetters{table: table, client: sqs.NewFromConfig(env.AWS("SQS", boot.Working)), url: env.Need("DEAD_LETTERS_URL")}
	s := sweeper{table: table, now: time.Now, queues: Queues{Events: partners, Deliveries: deliveries}, alerts: alerts, dead: dead}
	w := completeness.New(table, account.FromEnv(env, table), partners, alerts, time.Now)
	return Tasks{
		"due":        s.due,
		"ledger":     s.ledger,
		"redrive":    dead.redrive,
		"windows":    w.Windows,
		"actions":    action.SweepFromEnv(env, table),
		"imports":    backfill.NewStarter(table, sender.Imports(env.Need("PARTNER_QUEUE_URL"))).Due,
		"keep-alive": credential.FromEnv(env, table).KeepAlive,
		"erasures":   erasure.New(table, deliveries, time.Now).Due,
		"held":       held.New(table, time.Now).Due,
		"reseal":     table.Reseal,
		"recover":    recovery.FromEnv(env, table, account.FromEnv(env, table)).Due,
	}
}

// Handle does one task. An error has it done again: Lambda tries twice more.
func (t Tasks) Handle(ctx context.Context, e Event) error {
	task, ok := t[e.Task]
	if !ok {
		return fmt.Errorf("there is no task %.40q", e.Task)
	}
	if err := task(ctx); err != nil {
		slog.ErrorContext(ctx, "task failed", "task", e.Task, "error", err.Error())
		return fmt.Errorf("%s: %w", e.Task, err)
	}
	slog.InfoContext(ctx, "task done", "task", e.Task)
	return nil
}
