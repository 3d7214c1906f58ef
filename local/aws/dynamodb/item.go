package dynamodb

import (
	"maps"

	"fulcrum/local/aws/wire"
)

// maxItemSize is the size of the largest item, in bytes.
const maxItemSize = 400 << 10

// itemWrite is a write of one item, or a check of one, as it stands alone, in a
// batch or in a transaction.
type itemWrite struct {
	table     string
	key       document // what finds the item; in a put the item itself
	put       bool     // key takes the item's place
	remove    bool
	updates   bool
	update    update
	condition condition
	// returnOld has the item told to whoever's condition fails.
	returnOld bool
	// size is what it counts for in a transaction: what the request says, not
	// what it finds.
	size int
}

// checkEmpty refuses empty texts and binaries in keys. In a transaction these
// are the request's error, others are the action's.
func (w *itemWrite) checkEmpty(t *table) error {
	if w.put {
		return first(t.key.checkEmpty(w.key), t.checkEmptyIndexKeys(w.key))
	}
	return first(t.key.checkEmpty(w.key), w.update.checkEmptyIndexKeys(t))
}

// check refuses keys that are not the table's.
func (w *itemWrite) check(t *table) error {
	if w.put {
		return first(t.key.checkItem(w.key), t.checkIndexKinds(w.key))
	}
	return first(t.key.checkKey(w.key), w.update.checkKeys(t), t.checkIndexKinds(w.update.literals()))
}

// result is the item after the write, nil if there is none, or the error of the
// condition or the update. old is the item before it.
func (w *itemWrite) result(t *table, old document) (document, error) {
	if w.condition != nil && !w.condition.holds(old) {
		return nil, w.conditionFailed(old)
	}
	switch {
	case w.put:
		return w.key, nil
	case w.remove:
		return nil, nil
	case w.updates:
		return w.updated(t, old)
	}
	return old, nil
}

func (w *itemWrite) conditionFailed(old document) error {
	err := &wire.Error{Code: "ConditionalCheckFailedException", Message: "The conditional request failed"}
	if w.returnOld && old != nil {
		err.Members = map[string]any{"Item": old}
	}
	return err
}

func (w *itemWrite) updated(t *table, old document) (document, error) {
	if old == nil {
		if !w.update.creates() {
			return nil, nil
		}
		old = maps.Clone(w.key)
	}
	fresh, err := w.update.apply(old)
	if err != nil {
		return nil, err
	}
	if itemSize(fresh) > maxItemSize {
		return nil, invalid("Item size to update has exceeded the maximum allowed size")
	}
	return fresh, first(t.checkIndexKinds(fresh), t.checkEmptyIndexKeys(fresh))
}

// checkPutSize refuses an item that is too large to be put.
func checkPutSize(item document) error {
	if itemSize(item) > maxItemSize {
		return invalid("Item size has exceeded the maximum allowed size")
	}
	return nil
}

// apply makes one write on its own. It tells the item before and after it.
func (db *DB) apply(w *itemWrite) (old, fresh document, err error) {
	err = db.write(func(d *draft) error {
		t, err := d.table(w.table)
		if err != nil {
			return err
		}
		if err := first(w.checkEmpty(t), w.check(t)); err != nil {
			return err
		}
		id := t.key.encode(w.key)
		old = t.item(id)
		if fresh, err = w.result(t, old); err != nil {
			return err
		}
		d.set(w.table, id, fresh)
		return nil
	})
	return old, fresh, err
}

// These are the members that PutItem, UpdateItem and DeleteItem have in common
// with the actions of a transaction.
type (
	putInput struct {
		TableName                           string
		Item                                map[string]attribute
		ConditionExpression                 *string
		ExpressionAttributeNames            map[string]string
		ExpressionAttributeValues           map[string]attribute
		ReturnValuesOnConditionCheckFailure string
	}
	updateInput struct {
		keyedInput
		UpdateExpression *string
	}
	keyedInput struct {
		TableName                           string
		Key                                 map[string]attribute
		ConditionExpression                 *string
		ExpressionAttributeNames            map[string]string
		ExpressionAttributeValues           map[string]attribute
		ReturnValuesOnConditionCheckFailure string
	}
	// ignored are wishes that need not be met.
	ignored struct {
		ReturnConsumedCapacity      string
		ReturnItemCollectionMetrics string
	}
)

func (in *putInput) write() (*itemWrite, error) {
	if in.Item == nil {
		return nil, missing("item")
	}
	item, err := readItem(in.Item)
	if err != nil {
		return nil, err
	}
	condition := expression{"ConditionExpression", in.ConditionExpression}
	refs := newReferences(in.ExpressionAttributeNames, in.ExpressionAttributeValues, condition)
	w := &itemWrite{table: in.TableName, key: item, put: true, condition: refs.condition(condition), size: itemSize(item) + refs.size()}
	err = first(refs.err(), checkPutSize(item))
	return w.returning(in.ReturnValuesOnConditionCheckFailure, err)
}

func (in *updateInput) write() (*itemWrite, error) {
	update := expression{"UpdateExpression", in.UpdateExpression}
	w, refs, err := in.begin(update)
	if err != nil {
		return nil, err
	}
	w.updates, w.update = true, refs.update(update)
	return in.finish(w, refs)
}

func (in *keyedInput) removal() (*itemWrite, error) {
	w, refs, err := in.begin()
	if err != nil {
		return nil, err
	}
	w.remove = true
	return in.finish(w, refs)
}

// begin is a write that has no effect yet. Its expressions are the condition
// and what the caller has besides.
func (in *keyedInput) begin(besides ...expression) (*itemWrite, *references, error) {
	if in.Key == nil {
		return nil, nil, missing("key")
	}
	key, err := readItem(in.Key)
	if err != nil {
		return nil, nil, err
	}
	all := append(besides, expression{"ConditionExpression", in.ConditionExpression})
	refs := newReferences(in.ExpressionAttributeNames, in.ExpressionAttributeValues, all...)
	return &itemWrite{table: in.TableName, key: key, size: itemSize(key) + refs.size()}, refs, nil
}

func (in *keyedInput) finish(w *itemWrite, refs *references) (*itemWrite, error) {
	w.condition = refs.condition(expression{"ConditionExpression", in.ConditionExpression})
	return w.returning(in.ReturnValuesOnConditionCheckFailure, refs.err())
}

// returning settles what a failed condition tells.
func (w *itemWrite) returning(choice string, err error) (*itemWrite, error) {
	if err == nil {
		err = checkChoice(choice, "returnValuesOnConditionCheckFailure", "ALL_OLD", "NONE")
	}
	if err != nil {
		return nil, err
	}
	w.returnOld = choice == "ALL_OLD"
	return w, nil
}
