// Package keep holds the state of what runs here over restarts, in a bbolt file,
// or nowhere. What Save has returned from survives kill -9 of the process:
// a write that reached the kernel stays, and bbolt goes back to its last whole
// transaction. It is not made for power loss, so it does not wait for the disk.
package keep

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// Store is a set of buckets of keys and values. The zero Store keeps nothing.
type Store struct {
	db *bbolt.DB
}

// Change is one key to be set, or removed where Value is nil.
type Change struct {
	Bucket, Key string
	Value       []byte
}

// Open opens the file of that name in dir, making both where needed. With an empty
// dir the Store keeps nothing. It fails when another process has the file open.
func Open(dir, name string) (*Store, error) {
	if dir == "" {
		return &Store{}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	path := filepath.Join(dir, name)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoSync: true, NoFreelistSync: true})
	if err != nil {
		return nil, fmt.Errorf("open %s (is another stack running on it?): %w", path, err)
	}
	return &Store{db: db}, nil
}

// Save applies all changes or none.
func (s *Store) Save(changes ...Change) error {
	if s.db == nil || len(changes) == 0 {
		return nil
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, c := range changes {
			b, err := tx.CreateBucketIfNotExists([]byte(c.Bucket))
			if err != nil {
				return err
			}
			if c.Value == nil {
				err = b.Delete([]byte(c.Key))
			} else {
				err = b.Put([]byte(c.Key), c.Value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Load calls each for every key of a bucket, in the order of the keys.
func (s *Store) Load(bucket string, each func(key string, value []byte) error) error {
	if s.db == nil {
		return nil
	}
	return s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error { return each(string(k), append([]byte(nil), v...)) })
	})
}

// Close releases the file.
func (s *Store) Close() error {
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}
