package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/vault"
)

// sealedItem is what all items with a sealed attribute have in common. An item
// has a version or a revision, or neither; it is part of what the attribute is
// bound to.
type sealedItem struct {
	Key
	Version  int64  `dynamodbav:"version"`
	Revision int64  `dynamodbav:"revision"`
	Sealed   []byte `dynamodbav:"sealed"`
}

// Reseal seals anew, under the keyset's primary version, whatever is sealed under
// an older one. It reads the whole table. Items that change meanwhile are sealed
// anew by who changes them; repeating it is safe.
func (t *Table) Reseal(ctx context.Context) error {
	primary, err := t.vault.Primary(ctx)
	if err != nil {
		return err
	}
	pages := dynamodb.NewScanPaginator(t.db, &dynamodb.ScanInput{
		TableName: &t.name, FilterExpression: aws.String("attribute_exists(sealed)"),
		ProjectionExpression: aws.String("pk, sk, version, revision, sealed"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("reseal: %w", err)
		}
		for _, attributes := range page.Items {
			item, err := decode[sealedItem](attributes)
			if err != nil {
				return err
			}
			if vault.Version(item.Sealed) == primary {
				continue
			}
			if err := t.resealOne(ctx, item); err != nil {
				return fmt.Errorf("reseal %s of %s: %w", item.SK, item.PK, err)
			}
		}
	}
	return nil
}

func (t *Table) resealOne(ctx context.Context, item sealedItem) error {
	about := item.about(item.Version + item.Revision)
	plain, err := t.vault.Open(ctx, item.Sealed, about)
	if err != nil {
		return err
	}
	again, err := t.vault.Seal(ctx, plain, about)
	if err != nil {
		return err
	}
	values, err := encode(map[string]any{":old": item.Sealed, ":new": again})
	if err != nil {
		return err
	}
	_, err = t.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: item.attributes(),
		UpdateExpression: aws.String("SET sealed = :new"), ConditionExpression: aws.String("sealed = :old"),
		ExpressionAttributeValues: values,
	})
	var changed *types.ConditionalCheckFailedException
	if errors.As(err, &changed) {
		return nil
	}
	return err
}
