package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// queueHolds is the longest that a queue holds a message back.
const queueHolds = 15 * time.Minute

// eventShards is in how many partitions of the index the open events are, and the
// windows.
const eventShards = 4

func dueEvents(connectionID string) string { return fmt.Sprintf("DUE#event#%d", shardOf(connectionID)) }

func shardOf(connectionID string) int {
	h := fnv.New32a()
	h.Write([]byte(connectionID))
	return int(h.Sum32() % eventShards)
}

func dueDeliveries(partner string) string { return "DUE#delivery#" + partner }

func parked(connectionID string) string { return "PARKED#" + connectionID }

// parkedAs is the place of an item among those that are parked: by reason, then by
// time.
func parkedAs(reason fault.Reason, at lever.Time, sk string) string {
	return string(reason) + "#" + stamp(at) + "#" + sk
}

// Due is an item that somebody has to look at.
type Due struct {
	Key
	DPK string `dynamodbav:"dpk"`
	DSK string `dynamodbav:"dsk"`
}

// Connection and ID name the event or delivery.
func (d Due) Connection() string { return d.connection() }

// ID is the id of the event or delivery.
func (d Due) ID() string {
	_, id, _ := strings.Cut(d.SK, "#")
	return id
}

// By reports whether it is to be looked at by a time.
func (d Due) By(at lever.Time) bool { return d.DSK < stamp(at)+"$" }

// OpenEvents are events that have not ended and are to be looked at by a time, at
// most limit of each shard, the longest due first.
func (t *Table) OpenEvents(ctx context.Context, by lever.Time, limit int) ([]Due, error) {
	var all []Due
	for shard := range eventShards {
		due, err := t.due(ctx, fmt.Sprintf("DUE#event#%d", shard), by, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, due...)
	}
	return all, nil
}

// DueDeliveries are a partner's deliveries that are due by a time, at most limit.
func (t *Table) DueDeliveries(ctx context.Context, partner string, by lever.Time, limit int) ([]Due, error) {
	return t.due(ctx, dueDeliveries(partner), by, limit)
}

func (t *Table) due(ctx context.Context, partition string, by lever.Time, limit int) ([]Due, error) {
	values, err := encode(map[string]any{":due": partition, ":by": stamp(by) + "$"})
	if err != nil {
		return nil, err
	}
	var all []Due
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String("due"), Limit: aws.Int32(int32(limit)),
		KeyConditionExpression: aws.String("dpk = :due AND dsk < :by"), ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() && len(all) < limit {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("what is due: %w", err)
		}
		for _, item := range page.Items {
			d, err := decode[Due](item)
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
	}
	return all[:min(len(all), limit)], nil
}

// Look takes an item that is due for whoever looks after it now: it is due again
// only after Grace. It reports false where another took it or it has ended.
func (t *Table) Look(ctx context.Context, d Due) (bool, error) {
	return t.look(ctx, d, Grace)
}

// LookAfter takes the items that are due, one after the other, and has do look after
// each that nobody else has taken. It ends with the first error.
func LookAfter[T interface{ place() Due }](ctx context.Context, t *Table, due []T, do func(T) error) error {
	for _, d := range due {
		mine, err := t.Look(ctx, d.place())
		if err == nil && mine {
			err = do(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// place is the item itself, also where more is known of it.
func (d Due) place() Due { return d }

func (t *Table) look(ctx context.Context, d Due, after time.Duration) (bool, error) {
	_, rest, _ := strings.Cut(d.DSK, "#")
	values, err := encode(map[string]any{":old": d.DSK, ":new": stamp(t.now()+millis(after)) + "#" + rest})
	if err != nil {
		return false, err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: d.attributes(), UpdateExpression: aws.String("SET dsk = :new"),
		ConditionExpression: aws.String("dsk = :old"), ExpressionAttributeValues: values,
	})
	var other *types.ConditionalCheckFailedException
	if errors.As(err, &other) {
		return false, nil
	}
	return err == nil, err
}
