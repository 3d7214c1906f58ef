package apikey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"fulcrum/shared/boot"
	"fulcrum/shared/document"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// Table has the keys' hashes; see store.Table.
type Table interface {
	APIKeys(ctx context.Context, partner string) ([]store.APIKey, error)
	AddAPIKey(ctx context.Context, partner string, k store.APIKey) error
	RevokeAPIKey(ctx context.Context, partner, id string) error
}

// Order is what an operator asks of functions/hub/api-keys:
//
//	{"task": "make", "partner": "joinedly"}                     answers the new key, once
//	{"task": "list", "partner": "joinedly"}                     answers the keys' ids
//	{"task": "revoke", "partner": "joinedly", "id": "key_…"}    answers the keys' ids
type Order struct {
	Task    string `json:"task"`
	Partner string `json:"partner"`
	ID      string `json:"id"`
}

// Result is what an operator is answered.
type Result struct {
	// Key is a new key. It is in no log and cannot be shown again.
	Key  string  `json:"key,omitempty"`
	Keys []Shown `json:"keys"`
}

// Shown is a key as an operator sees it. RevokedAt is empty while it is valid.
type Shown struct {
	ID        string `json:"id"`
	CreatedAt string `json:"createdAt"`
	RevokedAt string `json:"revokedAt,omitempty"`
}

// Operator makes and revokes keys. Whoever may invoke its function is an operator.
type Operator struct {
	table  Table
	random io.Reader
}

// New makes an Operator.
func New(table Table, random io.Reader) *Operator { return &Operator{table: table, random: random} }

// FromEnv makes an Operator from TABLE.
func FromEnv(env *boot.Env) *Operator {
	return New(store.New(env.AWS("DYNAMODB", boot.Working), env.Need("TABLE"), nil, time.Now), rand.Reader)
}

// Handle does what the operator asks for. A third valid key of a partner is
// refused: a rotation is make, hand over, revoke the old one.
func (o *Operator) Handle(ctx context.Context, order Order) (Result, error) {
	if !validName(order.Partner) {
		return Result{}, fmt.Errorf("%.40q cannot be a partner's name", order.Partner)
	}
	var made string
	var err error
	switch order.Task {
	case "list":
	case "make":
		made, err = o.make(ctx, order.Partner)
	case "revoke":
		err = o.revoke(ctx, order)
	default:
		err = fmt.Errorf("there is no task %.40q; there are make, list and revoke", order.Task)
	}
	if err != nil {
		return Result{}, err
	}
	keys, err := o.table.APIKeys(ctx, order.Partner)
	return Result{Key: made, Keys: shown(keys)}, err
}

func (o *Operator) make(ctx context.Context, partner string) (string, error) {
	text, err := Mint(partner, o.random)
	if err != nil {
		return "", err
	}
	k, err := Parse(text)
	if err != nil {
		return "", err
	}
	if err := o.table.AddAPIKey(ctx, partner, store.APIKey{ID: k.ID, Hash: k.Hash}); err != nil {
		return "", err
	}
	slog.InfoContext(ctx, "API key made", "partner", partner, "key", k.ID)
	return text, nil
}

func (o *Operator) revoke(ctx context.Context, order Order) error {
	err := o.table.RevokeAPIKey(ctx, order.Partner, order.ID)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s has no key %.40q", order.Partner, order.ID)
	}
	if err == nil {
		slog.InfoContext(ctx, "API key revoked", "partner", order.Partner, "key", order.ID)
	}
	return err
}

func shown(keys []store.APIKey) []Shown {
	all := []Shown{}
	for _, k := range keys {
		all = append(all, Shown{ID: k.ID, CreatedAt: at(k.CreatedAt), RevokedAt: at(k.RevokedAt)})
	}
	return all
}

func at(t lever.Time) string { return document.Time(t.Time()) }
