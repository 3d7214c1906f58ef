package connect

import (
	"context"
	"fmt"
	"time"

	"fulcrum/shared/definition"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// webhookTime is how long a call waits for webhooks to be made or rotated. What is
// missing then is made at the next one.
const webhookTime = 18 * time.Second

// ensure makes the webhooks that are missing, or gives those that the customer
// makes their addresses, and begins the partner's imports. What is as it should be
// costs one call.
//
// From now on what Lever says has changed is compared with what its webhooks tell.
func (s *Setup) ensure(ctx context.Context, c store.Connection, base string) error {
	if err := s.Table.StartWindows(ctx, c.ID); err != nil {
		return err
	}
	d, err := s.Definitions(c.Partner)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, webhookTime)
	defer stop()
	if d.Webhooks.MadeBy == definition.Customer {
		if _, err = s.Webhooks.Of(c, nil, base).Reserve(ctx, eventsOf(d)...); err != nil {
			return err
		}
		return s.imports(ctx, c, d)
	}
	client, err := s.client(ctx, c)
	if err != nil {
		return err
	}
	if _, err = s.Webhooks.Of(c, client, base).Ensure(ctx, eventsOf(d)...); err != nil {
		return err
	}
	return s.imports(ctx, c, d)
}

// place is where in Lever webhooks are.
const place = "Settings › Integrations and API › Webhooks"

// toDo says in a sentence for each what is still missing of the required events,
// and where to click in Lever.
func toDo(d definition.Definition, missing []status.Event) []string {
	var all []string
	for _, e := range missing {
		all = append(all, sentenceOf(d, e))
	}
	return all
}

func sentenceOf(d definition.Definition, e status.Event) string {
	byHand := d.Webhooks.MadeBy == definition.Customer
	switch {
	case !e.Created:
		return fmt.Sprintf("%s: the webhook is not made yet. Come back to this page, or finish set-up again.", e.Title)
	case byHand && !e.Signed:
		return fmt.Sprintf("%s: copy the signature token from Lever, %s, and add it to %s as the Webhook Signing Token.", e.Title, place, d.Title)
	case !e.Signed:
		return fmt.Sprintf("%s: the signing token is not ours yet. Come back to this page, or finish set-up again.", e.Title)
	case byHand:
		return fmt.Sprintf("%s: in Lever, go to %s, turn “%s” on, click + Add Webhook, paste the Webhook URL and click Verify Connection.", e.Title, place, e.Title)
	}
	return fmt.Sprintf("%s: in Lever, go to %s, turn “%s” on, open it with ^ and click Verify Connection. The text changes to Verified.", e.Title, place, e.Title)
}
