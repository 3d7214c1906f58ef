package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/lever"
)

// Paging says which part of a list is asked for.
type Paging struct {
	// Cursor is where the list goes on, as the part before gave it; empty is the
	// beginning.
	Cursor string
	// Limit is how many items there may be, 1 to MaxPage; 0 is MaxPage.
	Limit int
	// Backward lists what sorts last first.
	Backward bool
}

// MaxPage is the most items of one part of a list.
const MaxPage = 100

// Listed is a part of a list. Next is empty at the end.
type Listed[T any] struct {
	Items []T
	Next  string
}

// ErrCursor says that a cursor is none that was given for this list.
var ErrCursor = errors.New("cursor of no list")

// list reads the items of a partition whose sort keys begin with prefix.
func list[T any](ctx context.Context, t *Table, pk, prefix string, p Paging) (Listed[T], error) {
	out := Listed[T]{}
	values, err := encode(map[string]any{":pk": pk, ":prefix": prefix})
	if err != nil {
		return out, err
	}
	start, err := p.start(pk, prefix)
	if err != nil {
		return out, err
	}
	limit := p.limit()
	answer, err := t.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true), Limit: aws.Int32(int32(limit)),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: values, ExclusiveStartKey: start, ScanIndexForward: aws.Bool(!p.Backward),
	})
	if err != nil {
		return out, fmt.Errorf("list: %w", err)
	}
	for _, attributes := range answer.Items {
		if t.over(attributes) {
			continue
		}
		item, err := decode[T](attributes)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, item)
	}
	out.Next, err = cursor(answer.LastEvaluatedKey)
	return out, err
}

// Every is a list as a whole, read part by part while it is walked through. It ends
// with the first error.
func Every[T any](part func(Paging) (Listed[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for p := (Paging{}); ; {
			all, err := part(p)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range all.Items {
				if !yield(item, nil) {
					return
				}
			}
			if p.Cursor = all.Next; p.Cursor == "" {
				return
			}
		}
	}
}

// index reads the keys in a partition of an index whose sort keys begin with
// prefix. A part's cursor is the last key in the index and in the table.
func (t *Table) index(ctx context.Context, name, partition, prefix string, p Paging) (Listed[Due], error) {
	var out Listed[Due]
	in := name[:1] // the index due has dpk and dsk, timeline has tpk and tsk
	condition, all := in+"pk = :pk", map[string]any{":pk": partition}
	if prefix != "" {
		condition += " AND begins_with(" + in + "sk, :prefix)"
		all[":prefix"] = prefix
	}
	values, err := encode(all)
	if err != nil {
		return out, err
	}
	start, err := p.indexStart(in, partition, prefix)
	if err != nil {
		return out, err
	}
	answer, err := t.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: &name, Limit: aws.Int32(int32(p.limit())), KeyConditionExpression: &condition,
		ExpressionAttributeValues: values, ExclusiveStartKey: start, ScanIndexForward: aws.Bool(!p.Backward),
	})
	if err != nil {
		return out, fmt.Errorf("list: %w", err)
	}
	for _, attributes := range answer.Items {
		d, err := decode[Due](attributes)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, d)
	}
	if last := answer.LastEvaluatedKey; last != nil {
		out.Next, err = indexCursor(in, last)
	}
	return out, err
}

// indexCursor is sort key in the index, partition key and sort key in the table.
func indexCursor(in string, last map[string]types.AttributeValue) (string, error) {
	key, err := decode[map[string]string](last)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal([]string{key[in+"sk"], key["pk"], key["sk"]})
	return base64.RawURLEncoding.EncodeToString(text), err
}

func (p Paging) indexStart(in, partition, prefix string) (map[string]types.AttributeValue, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	var parts []string
	text, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || json.Unmarshal(text, &parts) != nil || len(parts) != 3 || slices.Contains(parts, "") || !strings.HasPrefix(parts[0], prefix) {
		return nil, ErrCursor
	}
	return encode(map[string]string{in + "pk": partition, in + "sk": parts[0], "pk": parts[1], "sk": parts[2]})
}

func (p Paging) limit() int {
	if p.Limit <= 0 {
		return MaxPage
	}
	return min(p.Limit, MaxPage)
}

// start is the key after which a list goes on. A cursor of another list is
// refused, so that none reads beyond its own.
func (p Paging) start(pk, prefix string) (map[string]types.AttributeValue, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	sk, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || !strings.HasPrefix(string(sk), prefix) {
		return nil, ErrCursor
	}
	return Key{PK: pk, SK: string(sk)}.attributes(), nil
}

func cursor(last map[string]types.AttributeValue) (string, error) {
	if last == nil {
		return "", nil
	}
	key, err := decode[Key](last)
	return base64.RawURLEncoding.EncodeToString([]byte(key.SK)), err
}

// unstamp reads a time that stamp wrote.
func unstamp(s string) (lever.Time, error) {
	at, err := time.Parse(stampLayout, s)
	if err != nil {
		return 0, fmt.Errorf("time in a sort key: %w", err)
	}
	return lever.At(at), nil
}
