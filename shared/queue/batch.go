package queue

import (
	"context"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/trace"
)

// Batch has do work off the messages of a batch, side by side, with the ids of each
// in its trace, and names those that failed: they alone come again. Why is for do to
// log.
func Batch(ctx context.Context, batch events.SQSEvent, do func(context.Context, events.SQSMessage) error) events.SQSEventResponse {
	failed := make([]bool, len(batch.Records))
	var all sync.WaitGroup
	for i, r := range batch.Records {
		all.Go(func() { failed[i] = do(trace.Message(ctx, r.Body), r) != nil })
	}
	all.Wait()
	var out events.SQSEventResponse
	for i, r := range batch.Records {
		if failed[i] {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
		}
	}
	return out
}
