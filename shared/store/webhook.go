package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
	"fulcrum/shared/pause"
	"fulcrum/shared/signing"
)

// Maker is who makes a webhook in Lever.
type Maker string

// The makers of webhooks.
const (
	ByAPI  Maker = "api"  // we, through Lever's API, which gives us the signing token
	ByHand Maker = "hand" // a person on Lever's pages, who types the token in here
)

// Webhook is the webhook of a connection for one event. The item is there before
// the webhook is, because the address is needed to make it.
type Webhook struct {
	Key
	Connection string      `dynamodbav:"connection"`
	Event      lever.Event `dynamodbav:"event"`
	Made       Maker       `dynamodbav:"madeBy"`
	// Revision counts the changes of the addresses; zero is not written yet.
	Revision int64 `dynamodbav:"revision"`
	// Current is where Lever posts. Next is where it is going to, while a webhook
	// is being replaced: Lever posts to both.
	Current Address  `dynamodbav:"currentAddress"`
	Next    *Address `dynamodbav:"nextAddress"`
	// Past are the hooks of addresses before: should Lever still post to one, that
	// webhook is ours to delete.
	Past      []string   `dynamodbav:"past"`
	CreatedAt lever.Time `dynamodbav:"createdAt"`
	// SeenAt is when a signed event last came, VerifiedAt when Lever's test of the
	// connection did; to the minute.
	SeenAt     lever.Time `dynamodbav:"seenAt"`
	VerifiedAt lever.Time `dynamodbav:"verifiedAt"`
}

// Address is an address of ours and the webhook at Lever that posts to it.
type Address struct {
	// Hook is the id in the address, Shard the shard that it names.
	Hook  string `dynamodbav:"hook"`
	Shard int    `dynamodbav:"shard"`
	URL   string `dynamodbav:"url"`
	// LeverID is Lever's id of the webhook, empty while there is none that we made
	// and know the key of.
	LeverID string `dynamodbav:"leverId,omitempty"`
	// SignedAt is since when we have its key, zero while we have none, and Change the
	// number of the change that brought it into its shard. Print tells the key from
	// others: 32 bits of a hash, too few to find or to check one by.
	SignedAt lever.Time `dynamodbav:"signedAt"`
	Change   int64      `dynamodbav:"change"`
	Print    string     `dynamodbav:"keyPrint,omitempty"`
}

// Live reports whether Lever was seen to use the webhook.
func (w Webhook) Live() bool { return w.SeenAt != 0 || w.VerifiedAt != 0 }

// has reports whether an id is in one of the webhook's addresses.
func (w Webhook) has(hookID string) bool {
	return hookID != "" && (w.Current.Hook == hookID || w.Next != nil && w.Next.Hook == hookID)
}

// signedAt is when the key of an address was given to us.
func (w Webhook) signedAt(hookID string) lever.Time {
	if w.Next != nil && w.Next.Hook == hookID {
		return w.Next.SignedAt
	}
	return w.Current.SignedAt
}

const webhookPrefix = "WEBHOOK#"

func webhookKey(connectionID string, event lever.Event) Key {
	return ofConnection(connectionID, webhookPrefix+string(event))
}

// Webhook reads the webhook of a connection for an event. It fails with
// ErrNotFound.
func (t *Table) Webhook(ctx context.Context, connectionID string, event lever.Event) (Webhook, error) {
	w, err := read[Webhook](ctx, t, webhookKey(connectionID, event))
	if err != nil {
		return w, fmt.Errorf("webhook %s: %w", event, err)
	}
	return w, nil
}

// Webhooks are all webhooks of a connection.
func (t *Table) Webhooks(ctx context.Context, connectionID string) ([]Webhook, error) {
	all, err := query[Webhook](ctx, t, dynamodb.QueryInput{KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)")},
		map[string]any{":pk": webhookKey(connectionID, "").PK, ":sk": webhookPrefix})
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	return all, nil
}

// PutWebhook writes the addresses of a webhook in the place of w.Revision, in one
// transaction with changes of their keys, and gives the webhook as it is then. It
// fails with ErrMoved when another revision is there. When the webhook was seen
// is left as it is.
func (t *Table) PutWebhook(ctx context.Context, w Webhook, changes ...signing.Change) (Webhook, error) {
	before := w.Revision
	w.Key, w.Revision = webhookKey(w.Connection, w.Event), before+1
	items, err := t.putChanges(ctx, changes)
	if err != nil {
		return w, err
	}
	if before == 0 {
		w.CreatedAt = t.now()
		put, err := t.first(w)
		if err != nil {
			return w, err
		}
		return w, t.transactAgain(ctx, append(items, types.TransactWriteItem{Put: put}))
	}
	values, err := encode(map[string]any{":before": before, ":revision": w.Revision, ":current": w.Current, ":next": w.Next, ":past": w.Past})
	if err != nil {
		return w, err
	}
	update := &types.Update{
		TableName: &t.name, Key: w.attributes(),
		UpdateExpression:    aws.String("SET revision = :revision, currentAddress = :current, nextAddress = :next, past = :past"),
		ConditionExpression: aws.String("revision = :before"), ExpressionAttributeValues: values,
	}
	return w, t.transactAgain(ctx, append(items, types.TransactWriteItem{Update: update}))
}

// DeleteWebhook forgets a webhook, in one transaction with changes of its keys.
// It fails with ErrMoved when another revision than w.Revision is there.
func (t *Table) DeleteWebhook(ctx context.Context, w Webhook, changes ...signing.Change) error {
	items, err := t.putChanges(ctx, changes)
	if err != nil {
		return err
	}
	values, err := encode(map[string]any{":before": w.Revision})
	if err != nil {
		return err
	}
	return t.transactAgain(ctx, append(items, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &t.name, Key: webhookKey(w.Connection, w.Event).attributes(),
		ConditionExpression: aws.String("revision = :before"), ExpressionAttributeValues: values,
	}}))
}

// putChanges are the writes of numbered changes.
func (t *Table) putChanges(ctx context.Context, changes []signing.Change) ([]types.TransactWriteItem, error) {
	var items []types.TransactWriteItem
	for _, c := range changes {
		sealed, err := t.sealedChange(ctx, c)
		if err != nil {
			return nil, err
		}
		put, err := t.first(sealed)
		if err != nil {
			return nil, err
		}
		items = append(items, types.TransactWriteItem{Put: put})
	}
	return items, nil
}

// transactAgain is transact, again where another write of an item was under way:
// that says nothing of the conditions.
func (t *Table) transactAgain(ctx context.Context, items []types.TransactWriteItem) error {
	for tries := 4; ; tries-- {
		err := t.transact(ctx, items...)
		var cancelled *types.TransactionCanceledException
		if tries == 0 || errors.Is(err, ErrMoved) || !errors.As(err, &cancelled) || !pause.For(ctx, conflictPause) {
			return err
		}
	}
}

const conflictPause = 100 * time.Millisecond

// seenEvery is how exactly it is known when a webhook was last seen.
const seenEvery = time.Minute

// Seen notes that a signed event of a webhook came at a time, or that Lever tested
// the connection, and gives the webhook. It costs one read; it writes at most once
// a minute, and nothing where the hook's id is no longer one of the webhook's. It
// fails with ErrNotFound where the connection has no such webhook.
func (t *Table) Seen(ctx context.Context, connectionID string, event lever.Event, hookID string, at lever.Time, test bool) (Webhook, error) {
	w, err := t.recent(ctx, connectionID, event)
	if err != nil {
		return w, fmt.Errorf("webhook %s: %w", event, err)
	}
	seen, member := &w.SeenAt, "seenAt"
	if test {
		seen, member = &w.VerifiedAt, "verifiedAt"
	}
	// What was seen under the key before says nothing of this one.
	known := *seen >= w.signedAt(hookID)
	if !w.has(hookID) || at <= *seen || known && at < *seen+millis(seenEvery) {
		return w, nil
	}
	values, err := encode(map[string]any{":at": at, ":hook": hookID})
	if err != nil {
		return w, err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: w.attributes(), UpdateExpression: aws.String("SET " + member + " = :at"),
		ConditionExpression:       aws.String(member + " < :at AND (currentAddress.hook = :hook OR nextAddress.hook = :hook)"),
		ExpressionAttributeValues: values,
	})
	var refused *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &refused) {
		return w, fmt.Errorf("webhook %s seen: %w", event, err)
	}
	*seen = at
	return w, nil
}

// recent is a webhook as it was a moment ago, which costs half as much to read.
func (t *Table) recent(ctx context.Context, connectionID string, event lever.Event) (Webhook, error) {
	out, err := t.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: webhookKey(connectionID, event).attributes()})
	switch {
	case err != nil:
		return Webhook{}, err
	case out.Item == nil:
		return Webhook{}, ErrNotFound
	}
	return decode[Webhook](out.Item)
}
