// Package provision makes the queues, tables and secrets of a template at an AWS
// endpoint, and says what Ref and GetAtt of them give. What is there already
// stays: messages, items and the values of secrets are kept, the attributes of
// queues follow the template, and a table with other keys is an error.
package provision

import (
	"context"
	"fmt"
	"maps"

	"fulcrum/local/template"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Clients are those of the services in which things are made.
type Clients struct {
	DynamoDB *dynamodb.Client
	SQS      *sqs.Client
	Secrets  *secretsmanager.Client
	Mail     *sesv2.Client
}

// MailFrom is the sender of the mail of a stack on this machine.
const MailFrom = "fulcrum@example.com"

// Up makes what is missing, each thing behind those that it refers to, and gives
// the values of all resources of the stack: the real ones of what was made, and
// those of (*template.Stack).Values for everything else. It may be called again
// at any time. An error names the resource; what was made before it stays.
func Up(ctx context.Context, stack *template.Stack, c Clients) (template.Values, error) {
	stores, err := stack.Stores()
	if err != nil {
		return nil, err
	}
	values := stack.Values()
	for _, store := range stores {
		made, err := c.make(ctx, stack, store, values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", store.ID, err)
		}
		maps.Copy(values[store.ID], made)
	}
	return values, nil
}

func (c Clients) make(ctx context.Context, stack *template.Stack, store template.Store, values template.Values) (map[string]string, error) {
	switch store.Type {
	case template.QueueType:
		queue, err := stack.Queue(store.ID, values)
		if err != nil {
			return nil, err
		}
		return c.queue(ctx, queue)
	case template.TableType:
		table, err := stack.Table(store.ID, values)
		if err != nil {
			return nil, err
		}
		return c.table(ctx, table)
	default:
		secret, err := stack.Secret(store.ID, values)
		if err != nil {
			return nil, err
		}
		return c.secret(ctx, secret)
	}
}
