package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fulcrum/shared/lever"
)

// Tally is what a connection's ledger has of a day in UTC.
type Tally struct {
	Events int
	// Took are the times from the receipt of an event to the arrival of the last
	// document that came of it, one for each event that was delivered.
	Took []time.Duration
	// Repaired counts the changes that no webhook had told of.
	Repaired int
}

// Tallies sum up a connection's ledger since a time, by day ("2026-11-21"). It
// reads all events, as the Balance does, and all reports since then.
func (t *Table) Tallies(ctx context.Context, connectionID string, since lever.Time) (map[string]*Tally, error) {
	days := map[string]*Tally{}
	on := func(at lever.Time) *Tally {
		day := at.Time().UTC().Format(time.DateOnly)
		if days[day] == nil {
			days[day] = &Tally{}
		}
		return days[day]
	}
	err := t.eachEvent(ctx, connectionID, since, func(e Event) {
		sum := on(e.ReceivedAt)
		sum.Events++
		if e.State == Delivered {
			sum.Took = append(sum.Took, e.EndedAt.Time().Sub(e.ReceivedAt.Time()))
		}
	})
	if err != nil {
		return nil, err
	}
	err = t.EachReport(ctx, connectionID, func(r Report) bool {
		if r.ComparedAt >= since {
			on(r.ComparedAt).Repaired += len(r.Missed)
		}
		return r.ComparedAt >= since
	})
	return days, err
}

// eachEvent gives the state and times of a connection's events since a time, in no
// order.
func (t *Table) eachEvent(ctx context.Context, connectionID string, since lever.Time, do func(Event)) error {
	values, err := encode(map[string]any{":pk": "C#" + connectionID, ":prefix": "EVENT#", ":since": since})
	if err != nil {
		return err
	}
	pages := dynamodb.NewQueryPaginator(t.db, &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		FilterExpression: aws.String("receivedAt >= :since"), ProjectionExpression: aws.String("#state, receivedAt, endedAt"),
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: values,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("tally: %w", err)
		}
		for _, attributes := range page.Items {
			e, err := decode[Event](attributes)
			if err != nil {
				return err
			}
			do(e)
		}
	}
	return nil
}

// EachReport gives a connection's reports, the newest first, until do reports
// false.
func (t *Table) EachReport(ctx context.Context, connectionID string, do func(Report) bool) error {
	reports := func(p Paging) (Listed[Report], error) { return t.ReportsOf(ctx, connectionID, p) }
	for r, err := range Every(reports) {
		if err != nil || !do(r) {
			return err
		}
	}
	return nil
}
