package dynamodb

import (
	"slices"

	"fulcrum/local/aws/wire"
)

type queryInput struct {
	readInput
	KeyConditionExpression *string
	ScanIndexForward       *bool
}

// readInput are the members that Query and Scan have in common.
type readInput struct {
	ignored
	TableName                 string
	IndexName                 string
	ConsistentRead            bool
	ExclusiveStartKey         map[string]attribute
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues map[string]attribute
	FilterExpression          *string
	ProjectionExpression      *string
	Limit                     *int
	Select                    string
}

func (db *DB) query(c *wire.Call, in *queryInput) (any, error) {
	db.touchSource(c, &in.readInput)
	if in.KeyConditionExpression == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	keyed := expression{"KeyConditionExpression", in.KeyConditionExpression}
	r, refs, err := in.read(keyed)
	if err != nil {
		return nil, err
	}
	conditions := refs.keyConditions(keyed)
	if err := r.finish(&in.readInput, refs); err != nil {
		return nil, err
	}
	s, err := db.source(&in.readInput)
	if err != nil {
		return nil, err
	}
	if r.span, err = conditions.span(s.key); err != nil {
		return nil, err
	}
	if err := first(r.check(s), r.checkFilter(s)); err != nil {
		return nil, err
	}
	r.reverse = in.ScanIndexForward != nil && !*in.ScanIndexForward
	if err := r.startQuery(s); err != nil {
		return nil, err
	}
	return r.page(s), nil
}

// checkFilter refuses a filter on the key: that is what key conditions are for.
func (r *itemsRead) checkFilter(s *source) error {
	for _, p := range s.key {
		if slices.ContainsFunc(r.filtered, func(x path) bool { return x[0].name == p.name }) {
			return invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", p.name)
		}
	}
	return nil
}

// startQuery moves the span behind the key that the last page ended with, which
// must lie in it.
func (r *itemsRead) startQuery(s *source) error {
	if r.start == nil {
		return nil
	}
	key, err := s.startKey(r.start)
	if err != nil {
		return err
	}
	if !r.span.begins(key) || !r.span.ends(key) {
		return invalid("The provided starting key is outside query boundaries based on provided conditions")
	}
	r.resume(key)
	return nil
}

// source is what a Query or Scan reads: a table or an index.
type source struct {
	*table
	key     schema
	entries tree
	index   *index // nil for the table
}

func (db *DB) touchSource(c *wire.Call, in *readInput) {
	arn := db.arn(in.TableName)
	if in.IndexName != "" {
		arn += "/index/" + in.IndexName
	}
	db.touch(c, arn)
}

func (db *DB) source(in *readInput) (*source, error) {
	t, err := db.tables().table(in.TableName)
	if err != nil {
		return nil, err
	}
	if in.IndexName == "" {
		t = db.view(t, in.ConsistentRead)
		return &source{table: t, key: t.key, entries: t.items}, nil
	}
	at := slices.IndexFunc(t.indexes, func(x index) bool { return x.name == in.IndexName })
	if at < 0 {
		return nil, invalid("The table does not have the specified index: %s", in.IndexName)
	}
	if in.ConsistentRead {
		return nil, invalid("Consistent reads are not supported on global secondary indexes")
	}
	t = db.view(t, false)
	return &source{table: t, key: t.indexes[at].key, entries: t.entries[at], index: &t.indexes[at]}, nil
}

// encode is the key of an item in the source, from an item or a start key.
func (s *source) encode(item document) string {
	id := s.table.key.encode(item)
	if s.index == nil {
		return id
	}
	return s.key.encode(item) + id
}

// keyOf are the attributes that a page can be resumed with: the index's key and
// the table's, for many items may have the same key in an index.
func (s *source) keyOf(item document) document {
	out := document{}
	for _, p := range slices.Concat(s.key, s.table.key) {
		out[p.name] = item[p.name]
	}
	return out
}

// startKey checks a key to start from, and encodes it.
func (s *source) startKey(start document) (string, error) {
	if len(start) != len(s.keyOf(start)) {
		return "", invalid("The provided starting key is invalid")
	}
	for _, k := range []schema{s.table.key, s.key} {
		if err := k.checkLookup(start); err != nil {
			return "", invalid("The provided starting key is invalid: %s", message(err))
		}
	}
	return s.encode(start), nil
}
