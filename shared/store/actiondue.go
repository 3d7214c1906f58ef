package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// dueActions is the partition of the index due that has the actions by when
// somebody has to look at them.
const dueActions = "DUE#action"

// dueAction is an action's place in the index due, none where nobody has to look.
// The partner is in it, because the index has nothing else of the item.
func dueAction(a Action) (dpk, dsk string) {
	if a.LookAt == 0 {
		return "", ""
	}
	return dueActions, stamp(a.LookAt) + "#" + a.Partner + "#" + a.ID
}

// DueAction is an action at which somebody should have looked.
type DueAction struct{ Connection, Partner, ID string }

type dueItem struct {
	Key
	DPK string `dynamodbav:"dpk"`
	DSK string `dynamodbav:"dsk"`
}

// DueActions gives the actions at which somebody had to look longer than grace
// ago, the longest due first, to take. Where take succeeds, the action is not due
// again before pause: what is overdue because a queue is long is not sent into it
// over and over.
func (t *Table) DueActions(ctx context.Context, grace, pause time.Duration, take func(context.Context, DueAction) error) error {
	before := t.now() - lever.Time(grace.Milliseconds())
	values, err := encode(map[string]any{":due": dueActions, ":before": stamp(before) + "$"})
	if err != nil {
		return err
	}
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String("due"),
		KeyConditionExpression: aws.String("dpk = :due AND dsk < :before"), ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("due actions: %w", err)
		}
		for _, attributes := range page.Items {
			item, err := decode[dueItem](attributes)
			if err != nil {
				return err
			}
			if err := t.takeDue(ctx, item, pause, take); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Table) takeDue(ctx context.Context, item dueItem, pause time.Duration, take func(context.Context, DueAction) error) error {
	parts := strings.SplitN(item.DSK, "#", 3)
	if len(parts) != 3 {
		return fmt.Errorf("due actions: %s of %s has no partner", item.SK, item.PK)
	}
	if err := take(ctx, DueAction{Connection: item.connection(), Partner: parts[1], ID: parts[2]}); err != nil {
		return err
	}
	again := stamp(t.now()+lever.Time(pause.Milliseconds())) + "#" + parts[1] + "#" + parts[2]
	values, err := encode(map[string]any{":was": item.DSK, ":again": again})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: item.attributes(),
		UpdateExpression: aws.String("SET dsk = :again"), ConditionExpression: aws.String("dsk = :was"),
		ExpressionAttributeValues: values,
	})
	var moved *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &moved) {
		return fmt.Errorf("due actions: %w", err)
	}
	return nil
}
