package dynamodb

import (
	"fulcrum/local/aws/wire"
)

type getItemInput struct {
	getInput
	ignored
	ConsistentRead bool
}

// getInput are the members that GetItem and the Get of a transaction share.
type getInput struct {
	TableName                string
	Key                      map[string]attribute
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
}

// itemRead is a read of one item.
type itemRead struct {
	table      string
	key        document
	projection projection
}

func (in *getInput) read() (*itemRead, error) {
	if in.Key == nil {
		return nil, missing("key")
	}
	key, err := readItem(in.Key)
	if err != nil {
		return nil, err
	}
	wanted := expression{"ProjectionExpression", in.ProjectionExpression}
	refs := newReferences(in.ExpressionAttributeNames, nil, wanted)
	r := &itemRead{table: in.TableName, key: key, projection: refs.projection(wanted)}
	return r, refs.err()
}

// check refuses a key that is not the table's.
func (r *itemRead) check(t *table) error {
	return first(t.key.checkKey(r.key), t.checkScalars(r.projection))
}

// of is what is asked for of the item, or nil if there is none.
func (r *itemRead) of(t *table) document {
	item := t.item(t.key.encode(r.key))
	if item == nil {
		return nil
	}
	return r.projection.of(item)
}

func (db *DB) getItem(c *wire.Call, in *getItemInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	r, err := in.read()
	if err != nil {
		return nil, err
	}
	t, err := db.tables().table(r.table)
	if err != nil {
		return nil, err
	}
	if err := r.check(t); err != nil {
		return nil, err
	}
	return withItem("Item", r.of(db.view(t, in.ConsistentRead))), nil
}

// withItem is an answer of one member, or of none if the item is nil.
func withItem(member string, item document) map[string]any {
	if item == nil {
		return map[string]any{}
	}
	return map[string]any{member: item}
}

type putItemInput struct {
	putInput
	ignored
	ReturnValues string
}

func (db *DB) putItem(c *wire.Call, in *putItemInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	if err := checkReturnValues(in.ReturnValues); err != nil {
		return nil, err
	}
	w, err := in.write()
	if err != nil {
		return nil, err
	}
	return db.applyForOld(w, in.ReturnValues)
}

type deleteItemInput struct {
	keyedInput
	ignored
	ReturnValues string
}

func (db *DB) deleteItem(c *wire.Call, in *deleteItemInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	if err := checkReturnValues(in.ReturnValues); err != nil {
		return nil, err
	}
	w, err := in.removal()
	if err != nil {
		return nil, err
	}
	return db.applyForOld(w, in.ReturnValues)
}

func checkReturnChoice(choice string) error {
	return checkChoice(choice, "returnValues", "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
}

// checkReturnValues refuses what only UpdateItem can return.
func checkReturnValues(choice string) error {
	if err := checkReturnChoice(choice); err != nil {
		return err
	}
	if choice != "" && choice != "NONE" && choice != "ALL_OLD" {
		return invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	return nil
}

func (db *DB) applyForOld(w *itemWrite, returnValues string) (any, error) {
	old, _, err := db.apply(w)
	if err != nil {
		return nil, err
	}
	if returnValues != "ALL_OLD" {
		old = nil
	}
	return withItem("Attributes", old), nil
}

type updateItemInput struct {
	updateInput
	ignored
	ReturnValues string
}

func (db *DB) updateItem(c *wire.Call, in *updateItemInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	if err := checkReturnChoice(in.ReturnValues); err != nil {
		return nil, err
	}
	w, err := in.write()
	if err != nil {
		return nil, err
	}
	old, fresh, err := db.apply(w)
	if err != nil {
		return nil, err
	}
	return withItem("Attributes", w.returned(in.ReturnValues, old, fresh)), nil
}

// returned is what UpdateItem answers with: the whole item, or what it is now
// at the paths of the update. There is no empty answer.
func (w *itemWrite) returned(choice string, old, fresh document) document {
	paths := projection(w.update.paths())
	switch choice {
	case "ALL_OLD":
		return old
	case "ALL_NEW":
		return fresh
	case "UPDATED_OLD":
		return nonEmpty(paths.of(old))
	case "UPDATED_NEW":
		return nonEmpty(paths.of(fresh))
	}
	return nil
}

func nonEmpty(d document) document {
	if len(d) == 0 {
		return nil
	}
	return d
}
