package secretsmanager

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"fulcrum/local/keep"
)

// The buckets. A version's key is the secret's name, a zero byte, and its id.
// Versions are apart from the secret because they never change.
const (
	bucketSecrets  = "secretsmanager/secrets"
	bucketVersions = "secretsmanager/versions"
)

func (t *tx) set(bucket, key string, v any) {
	value, err := json.Marshal(v)
	t.err = errors.Join(t.err, err)
	t.changes = append(t.changes, keep.Change{Bucket: bucket, Key: key, Value: value})
}

func (t *tx) saveSecret(s *secret)              { t.set(bucketSecrets, s.Name, s) }
func (t *tx) saveVersion(s *secret, v *version) { t.set(bucketVersions, s.Name+"\x00"+v.ID, v) }

func (t *tx) forgetVersion(s *secret, id string) {
	t.changes = append(t.changes, keep.Change{Bucket: bucketVersions, Key: s.Name + "\x00" + id})
}

// drop is the end of a secret.
func (t *tx) drop(s *secret) {
	delete(t.secrets, s.Name)
	t.changes = append(t.changes, keep.Change{Bucket: bucketSecrets, Key: s.Name})
	for id := range s.versions {
		t.forgetVersion(s, id)
	}
}

// load reads what an earlier Service has saved.
func (s *Service) load() error {
	err := s.options.Store.Load(bucketSecrets, func(name string, value []byte) error {
		loaded := &secret{versions: map[string]*version{}}
		s.secrets[name] = loaded
		if err := json.Unmarshal(value, loaded); err != nil {
			return fmt.Errorf("secret %s: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.options.Store.Load(bucketVersions, func(key string, value []byte) error {
		name, id, _ := strings.Cut(key, "\x00")
		owner := s.secrets[name]
		if owner == nil {
			return fmt.Errorf("version %s belongs to no secret", id)
		}
		v := new(version)
		if err := json.Unmarshal(value, v); err != nil {
			return fmt.Errorf("version %s of %s: %w", id, name, err)
		}
		owner.versions[id] = v
		return nil
	})
}
