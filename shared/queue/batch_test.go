package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/queue"
)

func TestOnlyTheMessagesOfABatchThatFailedComeAgain(t *testing.T) {
	tests := map[string]struct {
		fail []string
		want string
	}{
		"none did":        {nil, "[]"},
		"some did":        {[]string{"m-1", "m-3"}, "[{m-1} {m-3}]"},
		"every one did":   {[]string{"m-0", "m-1", "m-2", "m-3"}, "[{m-0} {m-1} {m-2} {m-3}]"},
		"one of them did": {[]string{"m-2"}, "[{m-2}]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var batch events.SQSEvent
				for n := range 4 {
					batch.Records = append(batch.Records, events.SQSMessage{MessageId: fmt.Sprintf("m-%d", n)})
				}
				began := time.Now()
				out := queue.Batch(t.Context(), batch, func(_ context.Context, m events.SQSMessage) error {
					time.Sleep(time.Second)
					if slices.Contains(tt.fail, m.MessageId) {
						return errors.New("it failed")
					}
					return nil
				})
				if fmt.Sprint(out.BatchItemFailures) != tt.want {
					t.Errorf("got %v", out.BatchItemFailures)
				}
				if took := time.Since(began); took != time.Second {
					t.Errorf("they took %v, one after the other", took)
				}
			})
		})
	}
}
