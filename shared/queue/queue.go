// Package queue is what travels between the functions: messages that hold ids
// and nothing of a person, and the sending of them. Queues are standard SQS
// queues; the message group is the connection, so that SQS keeps one customer's
// burst from delaying the others (fair queues).
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/shared/lever"
)

// MaxDelay is the longest that SQS holds a message back. What waits longer lies
// in the table.
const MaxDelay = 15 * time.Minute

// Event is one delivery that Lever sent us, or what stands for one, on its way to
// a partner's sync function. It is a hint: it says where to look, and nothing in it
// is believed.
type Event struct {
	// ID is made of the hook and the signature: the same delivery sent again has
	// the same.
	ID         string      `json:"id"`
	Connection string      `json:"connection"`
	Event      lever.Event `json:"event"`
	// TriggeredAt is Lever's time of the event, ReceivedAt ours, in Unix
	// milliseconds.
	TriggeredAt lever.Time `json:"triggeredAt"`
	ReceivedAt  lever.Time `json:"receivedAt"`
	// BodyHash tells two bodies under one signature apart.
	BodyHash string    `json:"bodyHash"`
	IDs      lever.IDs `json:"ids"`
	// Origin is empty for what came by a webhook; see store.Origin.
	Origin string `json:"origin,omitempty"`
	// Hook is the webhook that it came by, empty where it came by none.
	Hook string `json:"hook,omitempty"`
	// Test says that it is Lever's Verify connection: it only shows that the
	// webhook works, and is no event of the ledger.
	Test bool `json:"test,omitempty"`
}

// Delivery names a delivery that is due.
type Delivery struct {
	Connection string `json:"connection"`
	Delivery   string `json:"delivery"`
}

// Sender puts messages into queues. It is safe for concurrent use.
type Sender struct {
	client *sqs.Client
}

// NewSender makes a Sender for the account of the configuration.
func NewSender(cfg aws.Config) *Sender { return &Sender{client: sqs.NewFromConfig(cfg)} }

// Partners sends to the partners' queues.
type Partners struct {
	*Sender
	url string
}

// Partners gives the queues whose URL is urlPattern with {partner} replaced by
// the partner's name.
func (s *Sender) Partners(urlPattern string) *Partners { return &Partners{Sender: s, url: urlPattern} }

// Send puts an event into its partner's queue.
func (p *Partners) Send(ctx context.Context, partner string, e Event) error {
	return p.Later(ctx, partner, e, 0)
}

// Later puts an event into its partner's queue, to be seen after delay, at most
// MaxDelay.
func (p *Partners) Later(ctx context.Context, partner string, e Event, delay time.Duration) error {
	url := strings.ReplaceAll(p.url, "{partner}", partner)
	return p.send(ctx, url, e.Connection, e, delay)
}

// Deliveries sends to the queue of deliveries.
type Deliveries struct {
	*Sender
	url string
}

// Deliveries gives the queue of deliveries at url.
func (s *Sender) Deliveries(url string) *Deliveries { return &Deliveries{Sender: s, url: url} }

// Send puts a delivery into the queue, to be seen after delay, at most MaxDelay.
func (d *Deliveries) Send(ctx context.Context, m Delivery, delay time.Duration) error {
	return d.send(ctx, d.url, m.Connection, m, delay)
}

func (s *Sender) send(ctx context.Context, url, group string, message any, delay time.Duration) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	_, err = s.client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:       aws.String(url),
		MessageBody:    aws.String(string(body)),
		MessageGroupId: aws.String(group),
		DelaySeconds:   int32(min(delay, MaxDelay).Round(time.Second) / time.Second),
	})
	if err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	return nil
}
