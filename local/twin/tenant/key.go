package tenant

import (
	"slices"
	"strings"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/shelf"
)

// Key is an API key. Its permissions are ticked one by one when it is made, as
// on Lever's page.
type Key struct {
	// ID names the key where its secret must not stand.
	ID string `json:"id"`
	// Secret is the key itself, the user name of Basic authentication.
	Secret  string `json:"apiKey"`
	Account string `json:"account"`
	Name    string `json:"name"`
	// Rights are endpoints such as "GET /opportunities/:opportunity". A * at the
	// end stands for every endpoint that begins so; "*" is all.
	Rights []string `json:"rights"`
	// Confidential gives access to confidential objects.
	Confidential bool `json:"confidential"`
	// User is who made the key.
	User string `json:"user"`
}

// May reports whether the key has the right.
func (k Key) May(right string) bool {
	return slices.ContainsFunc(k.Rights, func(r string) bool {
		prefix, all := strings.CutSuffix(r, "*")
		return r == right || all && strings.HasPrefix(right, prefix)
	})
}

// AddKey makes a key for the account. Without rights it may call everything; a
// secret is made up unless there is one, which no other key may have.
func (r *Registry) AddKey(k Key) (Key, error) {
	if _, err := r.Find(k.Account); err != nil {
		return Key{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k, err := r.newKey(k)
	if err != nil {
		return Key{}, err
	}
	r.keys.Put(&k)
	return k, shelf.Save(r.rack)
}

// newKey completes a key that is to be added. The lock is held.
func (r *Registry) newKey(k Key) (Key, error) {
	if len(k.Rights) == 0 {
		k.Rights = []string{"*"}
	}
	k.ID = r.cfg.Random.UUID()
	if k.Secret == "" {
		k.Secret = r.cfg.Random.Text(40)
	}
	if r.keys.See(k.Secret) != nil {
		return Key{}, account.Invalid("there is a key with this secret")
	}
	return k, nil
}

// Key is the key with the secret.
func (r *Registry) Key(secret string) (Key, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k := r.keys.See(secret)
	if k == nil {
		return Key{}, false
	}
	return *k, true
}

// Keys are the keys of an account, by name and id.
func (r *Registry) Keys(accountID string) []Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var keys []Key
	for k := range r.keys.All() {
		if k.Account == accountID {
			keys = append(keys, *k)
		}
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return keys
}

// RemoveKey ends a key of an account.
func (r *Registry) RemoveKey(accountID, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.keys.All() {
		if k.Account == accountID && k.ID == id {
			r.keys.Drop(k.Secret)
			return shelf.Save(r.rack)
		}
	}
	return account.NotFound("keys", id)
}
