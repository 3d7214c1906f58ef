package dynamodb

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// version are all tables at one moment, by name.
type version map[string]*table

// table finds a table for an item's sake.
func (v version) table(name string) (*table, error) {
	if err := checkTableName(name); err != nil {
		return nil, err
	}
	if t, ok := v[name]; ok {
		return t, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Requested resource not found")
}

// named finds a table for its own sake.
func (v version) named(name string) (*table, error) {
	t, err := v.table(name)
	if err != nil && checkTableName(name) == nil {
		err = wire.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", name)
	}
	return t, err
}

// draft is the next version while a writer makes it, with what is to be saved.
type draft struct {
	version
	saves []keep.Change
	// saved is called once the draft is saved; it may be nil.
	saved func()
}

// The buckets of the Store. Items are in a bucket per table.
const (
	tableBucket = "dynamodb/tables"
	tokenBucket = "dynamodb/tokens"
	itemBucket  = "dynamodb/items/"
)

// set puts an item in its place, or takes it out if it is nil.
func (d *draft) set(table, id string, item document) {
	t := d.version[table]
	change := keep.Change{Bucket: itemBucket + table, Key: id}
	if item != nil {
		change.Value = item.append(nil)
	} else if t.item(id) == nil {
		return
	}
	d.version[table] = t.with(id, item)
	d.saves = append(d.saves, change)
}

// define puts a table in its place.
func (d *draft) define(t *table) error {
	kept, err := json.Marshal(t.definition)
	if err != nil {
		return fmt.Errorf("encode table: %w", err)
	}
	d.version[t.TableName] = t
	d.saves = append(d.saves, keep.Change{Bucket: tableBucket, Key: t.TableName, Value: kept})
	return nil
}

// drop takes a table away with its items.
func (d *draft) drop(t *table) {
	for id := range t.items.records(span{}, false) {
		d.saves = append(d.saves, keep.Change{Bucket: itemBucket + t.TableName, Key: id})
	}
	delete(d.version, t.TableName)
	d.saves = append(d.saves, keep.Change{Bucket: tableBucket, Key: t.TableName})
}

// tables is the current version.
func (db *DB) tables() version { return *db.current.Load() }

// write has make change a draft, saves it and publishes it. If either fails,
// nothing has happened.
func (db *DB) write(change func(*draft) error) error {
	db.writing.Lock()
	defer db.writing.Unlock()
	before := db.tables()
	d := &draft{version: maps.Clone(before)}
	if err := change(d); err != nil {
		return err
	}
	if err := db.Store.Save(d.saves...); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if d.saved != nil {
		d.saved()
	}
	if db.remembers {
		d.remember(before, db.Now())
	}
	db.current.Store(&d.version)
	return nil
}

// remember keeps the states that the draft replaces.
func (d *draft) remember(before version, now time.Time) {
	for name, t := range d.version {
		if old := before[name]; old != nil && old != t {
			d.version[name] = t.after(old, now)
		}
	}
}

// view is the table that a read is answered from, which may be behind if the
// read allows that.
func (db *DB) view(t *table, consistent bool) *table {
	if !consistent && db.remembers && db.Mood.Strikes(wire.StaleIndex) {
		return t.earlier(db.Now())
	}
	return t
}

// load reads what the Store has.
func (db *DB) load() error {
	v := version{}
	err := db.Store.Load(tableBucket, func(name string, kept []byte) error {
		d := &definition{}
		if err := json.Unmarshal(kept, d); err != nil {
			return fmt.Errorf("decode table %s: %w", name, err)
		}
		v[name] = newTable(d)
		return nil
	})
	for _, t := range v {
		if err == nil {
			err = db.loadItems(t)
		}
	}
	if err == nil {
		err = db.tokens.load(db.Store)
	}
	db.current.Store(&v)
	return err
}

func (db *DB) loadItems(t *table) error {
	return db.Store.Load(itemBucket+t.TableName, func(id string, kept []byte) error {
		var in map[string]attribute
		if err := json.Unmarshal(kept, &in); err != nil {
			return fmt.Errorf("decode item of %s: %w", t.TableName, err)
		}
		item, err := readItem(in)
		if err != nil {
			return fmt.Errorf("read item of %s: %w", t.TableName, err)
		}
		t.hold(id, newRecord(item))
		return nil
	})
}

// touch notes what a call works on: the ARN of its table or index; of several,
// all with spaces between them.
func (db *DB) touch(c *wire.Call, arns ...string) { c.Resource = strings.Join(arns, " ") }
