package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"fulcrum/shared/lever"
	"fulcrum/shared/notice"
	"fulcrum/shared/store"
)

const (
	// seenAtMost is how many letters of a queue one look reads.
	seenAtMost = 200
	// hidden is for how many seconds a letter that was read is hidden, so that one
	// look reads it once.
	hidden = 15
)

// deadLetters is the queues of messages that a function has failed on until their own
// queue gave up.
type deadLetters struct {
	table  *store.Table
	client *sqs.Client
	url    string // of the queues, with {queue}
}

// queues are the URLs of the queues that are there.
func (l deadLetters) queues(ctx context.Context) ([]string, error) {
	endpoints, err := l.table.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	urls := []string{strings.ReplaceAll(l.url, "{queue}", "deliveries")}
	for _, e := range endpoints {
		urls = append(urls, strings.ReplaceAll(l.url, "{queue}", "partner-"+e.Partner))
	}
	return urls, nil
}

// redrive does the task of that name: a move task for each queue, back to where the
// letters came from. Working a message off twice has no effect, so that it can be done
// at any time. What still cannot be worked off becomes a dead letter again.
func (l deadLetters) redrive(ctx context.Context) error {
	urls, err := l.queues(ctx)
	for _, url := range urls {
		err = errors.Join(err, l.move(ctx, url))
	}
	return err
}

func (l deadLetters) move(ctx context.Context, url string) error {
	arn := types.QueueAttributeNameQueueArn
	q, err := l.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{arn}})
	if noQueue(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	source := q.Attributes[string(arn)]
	_, err = l.client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &source})
	var refused smithy.APIError
	if err == nil || errors.As(err, &refused) && strings.Contains(refused.ErrorMessage(), "already a task running") {
		return nil
	}
	return fmt.Errorf("redrive: %w", err)
}

// noQueue reports whether there is no such queue: its partner is no longer deployed.
func noQueue(err error) bool {
	var none *types.QueueDoesNotExist
	return errors.As(err, &none)
}

// letter is a message that became a dead letter.
type letter struct {
	connection string
	sentAt     lever.Time
}

// found are the letters of all queues, and whether these are all.
func (l deadLetters) found(ctx context.Context) (letters []letter, all bool, err error) {
	urls, err := l.queues(ctx)
	if err != nil {
		return nil, false, err
	}
	of := make([][]letter, len(urls))
	looks, ctx := errgroup.WithContext(ctx)
	for i, url := range urls {
		looks.Go(func() (err error) {
			of[i], err = l.look(ctx, url)
			return err
		})
	}
	if err := looks.Wait(); err != nil {
		return nil, false, err
	}
	all = true
	for _, some := range of {
		letters = append(letters, some...)
		all = all && len(some) < seenAtMost
	}
	return letters, all, nil
}

// look reads a queue's letters and leaves them there. It waits a second for each
// answer: one that does not wait may miss letters that are there (AWS: "Amazon SQS
// short and long polling").
func (l deadLetters) look(ctx context.Context, url string) ([]letter, error) {
	var letters []letter
	for len(letters) < seenAtMost {
		some, err := l.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, VisibilityTimeout: hidden,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameSentTimestamp},
		})
		if noQueue(err) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("dead letters: %w", err)
		}
		if len(some.Messages) == 0 {
			break
		}
		for _, m := range some.Messages {
			letters = append(letters, letterOf(m))
		}
	}
	return letters, nil
}

// letterOf reads of a message whose connection it is about: all of ours say that. One
// that does not has none.
func letterOf(m types.Message) letter {
	var about struct {
		Connection string `json:"connection"`
	}
	sent, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
	if m.Body == nil || json.Unmarshal([]byte(*m.Body), &about) != nil || err != nil {
		return letter{}
	}
	return letter{connection: about.Connection, sentAt: lever.Time(sent)}
}

// deadLetters tells of the connections of which there are dead letters. How many there
// are SQS counts itself.
func (s sweeper) deadLetters(ctx context.Context) error {
	letters, all, err := s.dead.found(ctx)
	if err != nil {
		return err
	}
	found := notice.Backlogs{}
	for _, l := range letters {
		if l.connection != "" {
			found.Add(l.connection, l.sentAt)
		}
	}
	if all {
		return s.alerts.Hold(ctx, notice.Dead, found)
	}
	// Whose letters were not read cannot be known to have none.
	var errs []error
	for connection, b := range found {
		errs = append(errs, s.alerts.Begin(ctx, connection, notice.Dead, *b))
	}
	return errors.Join(errs...)
}
