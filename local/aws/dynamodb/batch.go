package dynamodb

import (
	"fmt"
	"maps"
	"slices"

	"fulcrum/local/aws/wire"
)

// The limits of batches, by the API reference of both operations.
const (
	maxBatchGet    = 100
	maxBatchWrite  = 25
	maxBatchAnswer = 16 << 20 // bytes of items in one answer
)

type batchGetInput struct {
	ignored
	RequestItems map[string]keysInput
}

// keysInput is what BatchGetItem asks of one table.
type keysInput struct {
	Keys                     []map[string]attribute
	ConsistentRead           bool
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
}

func (db *DB) batchGetItem(c *wire.Call, in *batchGetInput) (any, error) {
	names := slices.Sorted(maps.Keys(in.RequestItems))
	db.touch(c, convert(names, db.arn)...)
	reads := map[string][]*itemRead{}
	for _, name := range names {
		ask := in.RequestItems[name]
		each, err := ask.reads(name)
		if err != nil {
			return nil, err
		}
		reads[name] = each
	}
	if err := in.check(names); err != nil {
		return nil, err
	}
	v := db.tables()
	for _, name := range names {
		if err := v.checkReads(name, reads[name]); err != nil {
			return nil, err
		}
	}
	return db.batchAnswer(v, in, reads), nil
}

func (in *batchGetInput) check(names []string) error {
	if len(names) == 0 {
		return invalid("The requestItems parameter is required for BatchGetItem")
	}
	total := 0
	for _, name := range names {
		n := len(in.RequestItems[name].Keys)
		if n > maxBatchGet {
			return invalid("1 validation error detected: Value at 'RequestItems.%s.member.Keys' failed to satisfy constraint: Member must have length less than or equal to %d", name, maxBatchGet)
		}
		if n == 0 {
			return invalid("1 validation error detected: Value at 'RequestItems.%s.member.Keys' failed to satisfy constraint: Member must have length greater than or equal to 1", name)
		}
		total += n
	}
	if total > maxBatchGet {
		return invalid("Too many items requested for the BatchGetItem call")
	}
	return nil
}

func (in *keysInput) reads(table string) ([]*itemRead, error) {
	var all []*itemRead
	for _, key := range in.Keys {
		get := getInput{TableName: table, Key: key, ProjectionExpression: in.ProjectionExpression, ExpressionAttributeNames: in.ExpressionAttributeNames}
		r, err := get.read()
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// checkReads refuses keys that are not the table's, and a key that is there
// twice.
func (v version) checkReads(name string, reads []*itemRead) error {
	t, err := v.table(name)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, r := range reads {
		if err := r.check(t); err != nil {
			return err
		}
		id := t.key.encode(r.key)
		if seen[id] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[id] = true
	}
	return nil
}

// batchAnswer reads until the answer is full; the keys that are left are told.
func (db *DB) batchAnswer(v version, in *batchGetInput, reads map[string][]*itemRead) any {
	found, left, bytes := map[string][]document{}, map[string]any{}, 0
	for _, name := range slices.Sorted(maps.Keys(reads)) {
		t := db.view(v[name], in.RequestItems[name].ConsistentRead)
		found[name] = []document{}
		for i, r := range reads[name] {
			item := r.of(t)
			if bytes += itemSize(item); bytes > maxBatchAnswer {
				left[name] = in.RequestItems[name].from(reads[name][i:])
				break
			}
			if item != nil {
				found[name] = append(found[name], item)
			}
		}
	}
	return map[string]any{"Responses": found, "UnprocessedKeys": left}
}

// from is the request for the reads that are left.
func (in keysInput) from(reads []*itemRead) map[string]any {
	again := map[string]any{
		"Keys":           convert(reads, func(r *itemRead) document { return r.key }),
		"ConsistentRead": in.ConsistentRead,
	}
	if in.ProjectionExpression != nil {
		again["ProjectionExpression"] = *in.ProjectionExpression
	}
	if in.ExpressionAttributeNames != nil {
		again["ExpressionAttributeNames"] = in.ExpressionAttributeNames
	}
	return again
}

type batchWriteInput struct {
	ignored
	RequestItems map[string][]struct {
		PutRequest    *struct{ Item map[string]attribute }
		DeleteRequest *struct{ Key map[string]attribute }
	}
}

// batchWriteItem makes all writes together. AWS may make some before others,
// and leave some; a caller that is ready for that is ready for this.
func (db *DB) batchWriteItem(c *wire.Call, in *batchWriteInput) (any, error) {
	names := slices.Sorted(maps.Keys(in.RequestItems))
	db.touch(c, convert(names, db.arn)...)
	if err := in.check(names); err != nil {
		return nil, err
	}
	writes, err := in.writes(names)
	if err != nil {
		return nil, err
	}
	err = db.write(func(d *draft) error {
		ids, err := d.targets(writes)
		if err != nil {
			return err
		}
		for i, w := range writes {
			item := w.key
			if w.remove {
				item = nil
			}
			d.set(w.table, ids[i], item)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"UnprocessedItems": map[string]any{}}, nil
}

func (in *batchWriteInput) check(names []string) error {
	if len(names) == 0 {
		return invalid("The requestItems parameter is required for BatchWriteItem")
	}
	total := 0
	for _, name := range names {
		n := len(in.RequestItems[name])
		if n < 1 || n > maxBatchWrite {
			return constraint(fmt.Sprintf("{%s=[%d requests]}", name, n), "requestItems",
				"Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 1]", maxBatchWrite)
		}
		total += n
	}
	if total > maxBatchWrite {
		return invalid("Too many items requested for the BatchWriteItem call")
	}
	return nil
}

func (in *batchWriteInput) writes(names []string) ([]*itemWrite, error) {
	var all []*itemWrite
	for _, name := range names {
		for _, request := range in.RequestItems[name] {
			w, err := &itemWrite{}, error(nil)
			switch put, remove := request.PutRequest, request.DeleteRequest; {
			case put != nil && remove == nil:
				w, err = (&putInput{TableName: name, Item: put.Item}).write()
			case remove != nil && put == nil:
				w, err = (&keyedInput{TableName: name, Key: remove.Key}).removal()
			default:
				err = invalid("Supplied WriteRequest is not valid, must contain exactly one of PutRequest or DeleteRequest")
			}
			if err != nil {
				return nil, err
			}
			all = append(all, w)
		}
	}
	return all, nil
}

// targets are the encoded keys of the writes. None may be there twice.
func (d *draft) targets(writes []*itemWrite) ([]string, error) {
	ids, seen := make([]string, len(writes)), map[string]bool{}
	for i, w := range writes {
		t, err := d.table(w.table)
		if err != nil {
			return nil, err
		}
		if err := w.checkInBatch(t); err != nil {
			return nil, err
		}
		ids[i] = t.key.encode(w.key)
		if seen[w.table+" "+ids[i]] {
			return nil, invalid("Provided list of item keys contains duplicates")
		}
		seen[w.table+" "+ids[i]] = true
	}
	return ids, nil
}

// checkInBatch is check, but that a put with a wrong key has another message.
func (w *itemWrite) checkInBatch(t *table) error {
	return first(w.checkEmpty(t), t.key.checkLookup(w.key), w.check(t))
}
