// Package dynamodb is DynamoDB on one machine: tables with global secondary
// indexes, items, expressions, queries, scans, batches, transactions and time
// to live, by AWS's rules and with its messages. What it does not have answers
// NotSupportedHere; nothing is passed over in silence but wishes that change no
// answer's meaning (ReturnConsumedCapacity, ReturnItemCollectionMetrics).
//
// Where AWS is eventually consistent, this is consistent, unless the Mood
// strikes: then an eventually consistent read, as every read of an index is,
// answers from a few writes ago, and transactions conflict.
package dynamodb

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// Options are what a DB needs to know. All are required.
type Options struct {
	Region, Account string
	// Now is the clock.
	Now  func() time.Time
	Mood wire.Mood
	// Store keeps the tables over restarts, in buckets that begin with
	// "dynamodb/".
	Store *keep.Store
}

// DB holds the tables and answers calls. Readers take the version of the tables
// that is current when they begin and which never changes; writers make the
// next version one after another and publish it once it is saved. So nobody
// sees a part of a transaction, or what a crash could take back.
type DB struct {
	Options
	actions map[string]action
	// remembers is whether old versions are kept to answer from.
	remembers bool
	current   atomic.Pointer[version]
	swept     atomic.Pointer[time.Time]

	writing sync.Mutex
	tokens  clientTokens // guarded by writing
}

// action answers one call.
type action func(*wire.Call) (any, error)

// New opens the tables that are in the Store. It fails when they cannot be
// read.
func New(o Options) (*DB, error) {
	_, calm := o.Mood.(wire.Calm)
	db := &DB{Options: o, remembers: !calm}
	db.actions = map[string]action{
		"CreateTable":        read(db.createTable),
		"DescribeTable":      read(db.describeTable),
		"DeleteTable":        read(db.deleteTable),
		"ListTables":         read(db.listTables),
		"UpdateTimeToLive":   read(db.updateTimeToLive),
		"DescribeTimeToLive": read(db.describeTimeToLive),
		"GetItem":            read(db.getItem),
		"PutItem":            read(db.putItem),
		"UpdateItem":         read(db.updateItem),
		"DeleteItem":         read(db.deleteItem),
		"Query":              read(db.query),
		"Scan":               read(db.scan),
		"BatchGetItem":       read(db.batchGetItem),
		"BatchWriteItem":     read(db.batchWriteItem),
		"TransactGetItems":   read(db.transactGetItems),
		"TransactWriteItems": read(db.transactWriteItems),
	}
	if err := db.load(); err != nil {
		return nil, err
	}
	return db, nil
}

// read has do called with the call's input.
func read[In any](do func(*wire.Call, *In) (any, error)) action {
	return func(c *wire.Call) (any, error) {
		in := new(In)
		if err := c.Input(in); err != nil {
			return nil, err
		}
		return do(c, in)
	}
}

// Do answers one call. A failure that is no *wire.Error is one of the Store.
func (db *DB) Do(_ context.Context, c *wire.Call) (any, error) {
	do, ok := db.actions[c.Action]
	if !ok {
		return nil, wire.NotSupported(c.Action + " of DynamoDB")
	}
	if err := db.sweep(); err != nil {
		return nil, fmt.Errorf("remove expired items: %w", err)
	}
	return do(c)
}

// arn is a table's name in the world.
func (db *DB) arn(table string) string {
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", db.Region, db.Account, table)
}
