package dynamodb

import (
	"errors"
	"fmt"
	"strings"

	"fulcrum/local/aws/wire"
)

// The limits of a transaction, by "Amazon DynamoDB Transactions: How it works".
const (
	maxActions         = 100
	maxTransaction     = 4 << 20 // bytes
	maxTokenCharacters = 36
)

type transactWriteInput struct {
	ignored
	ClientRequestToken *string
	TransactItems      []transactAction
}

// transactAction is one of its members.
type transactAction struct {
	ConditionCheck *keyedInput
	Delete         *keyedInput
	Put            *putInput
	Update         *updateInput
}

// reason is why an action cancelled its transaction.
type reason struct {
	Code    string
	Message string   `json:",omitempty"`
	Item    document `json:",omitempty"`
}

func (db *DB) transactWriteItems(c *wire.Call, in *transactWriteInput) (any, error) {
	writes, err := in.writes()
	if err != nil {
		return nil, err
	}
	c.Parts = strings.Join(convert(in.TransactItems, transactAction.name), " ")
	db.touchAll(c, convert(writes, func(w *itemWrite) string { return w.table }))
	token, err := newClientToken(in, db.Now())
	if err != nil {
		return nil, err
	}
	if db.Mood.Strikes(wire.Conflict) {
		return nil, conflict(len(writes))
	}
	err = db.write(func(d *draft) error {
		again, err := db.tokens.seen(token)
		if err != nil || again {
			return err
		}
		if err := d.transact(writes); err != nil {
			return err
		}
		return db.tokens.spend(token, d)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{}, nil
}

func (db *DB) touchAll(c *wire.Call, tables []string) {
	var arns []string
	seen := map[string]bool{}
	for _, name := range tables {
		if !seen[name] {
			arns = append(arns, db.arn(name))
		}
		seen[name] = true
	}
	db.touch(c, arns...)
}

func (in *transactWriteInput) writes() ([]*itemWrite, error) {
	if err := checkActions(len(in.TransactItems)); err != nil {
		return nil, err
	}
	var all []*itemWrite
	for i, a := range in.TransactItems {
		w, err := a.write(i)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

func checkActions(n int) error {
	if n < 1 {
		return constraint("[]", "transactItems", "Member must have length greater than or equal to 1")
	}
	if n > maxActions {
		return constraint(fmt.Sprintf("[%d actions]", n), "transactItems", "Member must have length less than or equal to %d", maxActions)
	}
	return nil
}

// name is the action that would do the same alone.
func (a transactAction) name() string {
	switch {
	case a.Put != nil:
		return "PutItem"
	case a.Update != nil:
		return "UpdateItem"
	case a.Delete != nil:
		return "DeleteItem"
	default:
		return "ConditionCheckItem"
	}
}

func (a *transactAction) write(i int) (*itemWrite, error) {
	given := 0
	for _, is := range []bool{a.ConditionCheck != nil, a.Delete != nil, a.Put != nil, a.Update != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return nil, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	switch {
	case a.Put != nil:
		return a.Put.write()
	case a.Update != nil:
		if a.Update.UpdateExpression == nil {
			return nil, missing(fmt.Sprintf("transactItems.%d.member.update.updateExpression", i+1))
		}
		return a.Update.write()
	case a.Delete != nil:
		return a.Delete.removal()
	}
	if a.ConditionCheck.ConditionExpression == nil {
		return nil, missing(fmt.Sprintf("transactItems.%d.member.conditionCheck.conditionExpression", i+1))
	}
	w, refs, err := a.ConditionCheck.begin()
	if err != nil {
		return nil, err
	}
	return a.ConditionCheck.finish(w, refs)
}

// transact makes all writes or none. What is wrong with the request as a whole
// is an error of its own; what is wrong with an action cancels the transaction.
func (d *draft) transact(writes []*itemWrite) error {
	if err := d.checkWhole(writes); err != nil {
		return err
	}
	ids, err := d.keys(writes)
	if err != nil {
		return err
	}
	items, err := d.results(writes, ids)
	if err != nil {
		return err
	}
	for i, w := range writes {
		if w.put || w.remove || w.updates {
			d.set(w.table, ids[i], items[i])
		}
	}
	return nil
}

func (d *draft) checkWhole(writes []*itemWrite) error {
	bytes := 0
	for _, w := range writes {
		t, err := d.table(w.table)
		if err != nil {
			return err
		}
		if err := w.checkEmpty(t); err != nil {
			return err
		}
		bytes += w.size
	}
	if bytes > maxTransaction {
		return invalid("Transaction payload size cannot exceed %d bytes", maxTransaction)
	}
	return nil
}

// keys are the encoded keys of the writes. The first action with a wrong key
// cancels the transaction; after it nothing is looked at.
func (d *draft) keys(writes []*itemWrite) ([]string, error) {
	ids, seen := make([]string, len(writes)), map[string]bool{}
	for i, w := range writes {
		t := d.version[w.table]
		if err := w.check(t); err != nil {
			return nil, cancelled(len(writes), map[int]error{i: err})
		}
		ids[i] = t.key.encode(w.key)
		if seen[w.table+" "+ids[i]] {
			return nil, invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[w.table+" "+ids[i]] = true
	}
	return ids, nil
}

// results are the items after the writes. All conditions are looked at, so that
// all reasons can be told.
func (d *draft) results(writes []*itemWrite, ids []string) ([]document, error) {
	items, failed := make([]document, len(writes)), map[int]error{}
	for i, w := range writes {
		t := d.version[w.table]
		item, err := w.result(t, t.item(ids[i]))
		if err != nil {
			failed[i] = err
		}
		items[i] = item
	}
	if len(failed) > 0 {
		return nil, cancelled(len(writes), failed)
	}
	return items, nil
}

// cancelled is the error of a transaction of n actions, with the reasons by
// position.
func cancelled(n int, failed map[int]error) error {
	reasons, codes := make([]reason, n), make([]string, n)
	for i := range reasons {
		reasons[i] = reasonOf(failed[i])
		codes[i] = reasons[i].Code
	}
	return &wire.Error{
		Code:    "TransactionCanceledException",
		Message: fmt.Sprintf("Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", ")),
		Members: map[string]any{"CancellationReasons": reasons},
	}
}

func reasonOf(err error) reason {
	var e *wire.Error
	if !errors.As(err, &e) {
		return reason{Code: "None"}
	}
	code := strings.TrimSuffix(e.Code, "Exception")
	if code == "Validation" {
		code = "ValidationError"
	}
	item, _ := e.Members["Item"].(document)
	return reason{Code: code, Message: e.Message, Item: item}
}

// conflict is the error of a transaction that met another one.
func conflict(n int) error {
	return cancelled(n, map[int]error{0: wire.Errorf("TransactionConflictException", "Transaction is ongoing for the item")})
}

type transactGetInput struct {
	ignored
	TransactItems []struct{ Get *getInput }
}

func (db *DB) transactGetItems(c *wire.Call, in *transactGetInput) (any, error) {
	reads, err := in.reads()
	if err != nil {
		return nil, err
	}
	db.touchAll(c, convert(reads, func(r *itemRead) string { return r.table }))
	if db.Mood.Strikes(wire.Conflict) {
		return nil, conflict(len(reads))
	}
	v := db.tables()
	if err := v.checkTransaction(reads); err != nil {
		return nil, err
	}
	answers, bytes := []map[string]any{}, 0
	for _, r := range reads {
		item := r.of(v[r.table])
		answers, bytes = append(answers, withItem("Item", item)), bytes+itemSize(item)
	}
	if bytes > maxTransaction {
		return nil, invalid("Transaction payload size cannot exceed %d bytes", maxTransaction)
	}
	return map[string]any{"Responses": answers}, nil
}

func (in *transactGetInput) reads() ([]*itemRead, error) {
	if err := checkActions(len(in.TransactItems)); err != nil {
		return nil, err
	}
	var all []*itemRead
	for i, a := range in.TransactItems {
		if a.Get == nil {
			return nil, missing(fmt.Sprintf("transactItems.%d.member.get", i+1))
		}
		r, err := a.Get.read()
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (v version) checkTransaction(reads []*itemRead) error {
	for _, r := range reads {
		if _, err := v.table(r.table); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for i, r := range reads {
		t := v[r.table]
		if err := r.check(t); err != nil {
			return cancelled(len(reads), map[int]error{i: err})
		}
		id := r.table + " " + t.key.encode(r.key)
		if seen[id] {
			return invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[id] = true
	}
	return nil
}
