package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"fulcrum/local/template"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queue makes a queue, or has the one that is there follow the template.
func (c Clients) queue(ctx context.Context, q template.Queue) (map[string]string, error) {
	url, err := c.queueURL(ctx, q)
	if err != nil {
		return nil, err
	}
	now, err := c.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil {
		return nil, fmt.Errorf("read the queue %s: %w", q.Name, err)
	}
	if change := changes(now.Attributes, q.Attributes); len(change) > 0 {
		if _, err := c.SQS.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: change}); err != nil {
			return nil, fmt.Errorf("change the queue %s: %w", q.Name, err)
		}
	}
	return map[string]string{"": url, "QueueUrl": url, "QueueName": q.Name, "Arn": now.Attributes["QueueArn"]}, nil
}

// queueURL finds the queue or makes it.
func (c Clients) queueURL(ctx context.Context, q template.Queue) (string, error) {
	found, err := c.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.Name})
	if err == nil {
		return *found.QueueUrl, nil
	}
	var missing *types.QueueDoesNotExist
	if !errors.As(err, &missing) {
		return "", fmt.Errorf("look for the queue %s: %w", q.Name, err)
	}
	made, err := c.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &q.Name, Attributes: q.Attributes})
	if err != nil {
		return "", fmt.Errorf("make the queue %s: %w", q.Name, err)
	}
	return *made.QueueUrl, nil
}

// changes are the attributes that a queue has to be given. Policies that the
// template does not have go; other attributes that it does not name stay.
func changes(now, want map[string]string) map[string]string {
	out := maps.Clone(want)
	for _, policy := range []string{"RedrivePolicy", "RedriveAllowPolicy"} {
		if now[policy] != "" && want[policy] == "" {
			out[policy] = ""
		}
	}
	maps.DeleteFunc(out, func(name, value string) bool {
		return value != "" && now[name] == value || name == "FifoQueue"
	})
	return out
}
