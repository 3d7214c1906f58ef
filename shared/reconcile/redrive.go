package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"fulcrum/shared/store"
)

// redriver sends dead letters back to the queues that they came from. Working a
// message off twice has no effect, so that it can be done at any time.
type redriver struct {
	table   *store.Table
	client  *sqs.Client
	pattern string // of the queues' ARNs, with {queue}
}

// redrive does the task of that name: a move task for each dead-letter queue. What
// still cannot be worked off becomes a dead letter again.
func (r redriver) redrive(ctx context.Context) error {
	endpoints, err := r.table.Endpoints(ctx)
	if err != nil {
		return err
	}
	queues := []string{"deliveries"}
	for _, e := range endpoints {
		queues = append(queues, "partner-"+e.Partner)
	}
	for _, name := range queues {
		err = errors.Join(err, r.move(ctx, name))
	}
	return err
}

func (r redriver) move(ctx context.Context, name string) error {
	arn := strings.ReplaceAll(r.pattern, "{queue}", name)
	_, err := r.client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &arn})
	var refused smithy.APIError
	if err == nil || errors.As(err, &refused) && strings.Contains(refused.ErrorMessage(), "already a task running") {
		return nil
	}
	return fmt.Errorf("redrive %s: %w", name, err)
}
