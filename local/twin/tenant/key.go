package tenant

import (
	"slices"
	"strings"

	"fulcrum/local/twin/account"
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
	if len(k.Rights) == 0 {
		k.Rights = []string{"*"}
	}
	k.ID = r.cfg.Random.UUID()
	if k.Secret == "" {
		k.Secret = r.cfg.Random.Text(40)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys[k.Secret] != nil {
		return Key{}, account.Invalid("there is a key with this secret")
	}
	r.keys[k.Secret] = &k
	return k, nil
}

// Key is the key with the secret.
func (r *Registry) Key(secret string) (Key, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.keys[secret]
	if !ok {
		return Key{}, false
	}
	return *k, true
}

// Keys are the keys of an account, by name and id.
func (r *Registry) Keys(accountID string) []Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var keys []Key
	for _, k := range r.keys {
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
	for secret, k := range r.keys {
		if k.Account == accountID && k.ID == id {
			delete(r.keys, secret)
			return nil
		}
	}
	return account.NotFound("keys", id)
}
