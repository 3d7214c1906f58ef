package store

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// Endpoint is where a partner's deliveries go, and how it does.
type Endpoint struct {
	Key
	Partner string `dynamodbav:"partner"`
	URL     string `dynamodbav:"url"`
	// Failures counts attempts in a row that did not arrive.
	Failures int `dynamodbav:"failures"`
	// RestsSince is since when only one attempt at a time is made, to see whether
	// the endpoint is back; zero is never. ProbeAt is when the next one may be.
	RestsSince lever.Time `dynamodbav:"restsSince"`
	ProbeAt    lever.Time `dynamodbav:"probeAt"`
	// BackSince is since when it is back, until what waited was sent on its way.
	BackSince lever.Time `dynamodbav:"backSince"`
	// DisabledAt is when the endpoint said that it is gone (410), zero while it is
	// not; then nothing is sent until somebody sets it anew.
	DisabledAt lever.Time `dynamodbav:"disabledAt"`
	Sealed     []byte     `dynamodbav:"sealed"`

	// Secrets sign the deliveries, newest first, each in the form whsec_…. They
	// are sealed.
	Secrets []string `dynamodbav:"-"`
}

func endpointKey(partner string) Key { return Key{PK: "ENDPOINTS", SK: partner} }

// Endpoint reads a partner's endpoint. It fails with ErrNotFound.
func (t *Table) Endpoint(ctx context.Context, partner string) (Endpoint, error) {
	e, err := read[Endpoint](ctx, t, endpointKey(partner))
	if err != nil {
		return e, fmt.Errorf("endpoint: %w", err)
	}
	return e, t.open(ctx, e.Sealed, e.about(0), &e.Secrets)
}

// Endpoints are all partners' endpoints, without their secrets.
func (t *Table) Endpoints(ctx context.Context) ([]Endpoint, error) {
	values, err := encode(map[string]any{":all": "ENDPOINTS"})
	if err != nil {
		return nil, err
	}
	out, err := t.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: aws.String("pk = :all"), ExpressionAttributeValues: values,
	})
	if err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	var all []Endpoint
	for _, item := range out.Items {
		e, err := decode[Endpoint](item)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// PutEndpoint sets a partner's endpoint anew: what was known of its health is
// forgotten.
func (t *Table) PutEndpoint(ctx context.Context, e Endpoint) error {
	e = Endpoint{Key: endpointKey(e.Partner), Partner: e.Partner, URL: e.URL, Secrets: e.Secrets}
	var err error
	if e.Sealed, err = t.seal(ctx, e.Secrets, e.about(0)); err != nil {
		return err
	}
	return t.put(ctx, e)
}

// Failed counts an attempt that did not arrive, and gives the endpoint as it is
// then.
func (t *Table) Failed(ctx context.Context, e Endpoint) (Endpoint, error) {
	values, err := encode(map[string]any{":one": 1})
	if err != nil {
		return e, err
	}
	out, err := t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: e.attributes(), UpdateExpression: aws.String("ADD failures :one"),
		ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return e, fmt.Errorf("count failure: %w", err)
	}
	now, err := decode[Endpoint](out.Attributes)
	now.Secrets = e.Secrets
	return now, err
}

// Probe rests the endpoint until a time, when one attempt may be made. It reports
// whether the caller may make that attempt: of several who try, one may.
func (t *Table) Probe(ctx context.Context, e Endpoint, next lever.Time) (bool, error) {
	since := e.RestsSince
	if since == 0 {
		since = t.now()
	}
	return t.health(ctx, e, "SET restsSince = :since, probeAt = :next", "probeAt = :probe", map[string]any{":since": since, ":next": next, ":probe": e.ProbeAt})
}

// Back notes that the endpoint takes deliveries again.
func (t *Table) Back(ctx context.Context, e Endpoint) error {
	since := e.BackSince
	if e.RestsSince != 0 {
		since = t.now()
	}
	_, err := t.health(ctx, e, "SET failures = :none, restsSince = :none, probeAt = :none, backSince = :since", "failures > :none",
		map[string]any{":none": 0, ":since": since})
	return err
}

// Released notes that what waited for the endpoint was sent on its way.
func (t *Table) Released(ctx context.Context, e Endpoint) error {
	_, err := t.health(ctx, e, "SET backSince = :none", "backSince = :since", map[string]any{":none": 0, ":since": e.BackSince})
	return err
}

// Disable notes that the endpoint said that it is gone.
func (t *Table) Disable(ctx context.Context, e Endpoint) error {
	_, err := t.health(ctx, e, "SET disabledAt = :now", "disabledAt = :none", map[string]any{":none": 0, ":now": t.now()})
	return err
}

// health updates what is known of an endpoint's health, and reports whether the
// condition held.
func (t *Table) health(ctx context.Context, e Endpoint, update, condition string, values map[string]any) (bool, error) {
	attributes, err := encode(values)
	if err != nil {
		return false, err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: e.attributes(), UpdateExpression: aws.String(update),
		ConditionExpression: aws.String(condition), ExpressionAttributeValues: attributes,
	})
	if err == nil {
		return true, nil
	}
	return false, unless[*types.ConditionalCheckFailedException](err, "note the endpoint's health")
}
