// Package authorize is the room behind functions/hub/authorize: it tells the
// gateway whose API key a request has. It answers yes with the partner and the
// key's id, or no; why not is for the log, not for the caller.
//
// The gateway asks once and uses the answer for as long as the authorizer Partner
// in template.yaml says (ReauthorizeEvery, 60 seconds): so long may a revoked key
// still work. A table that cannot be read is an error, which the gateway answers
// with 500 and does not remember.
package authorize

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/apikey"
	"fulcrum/shared/boot"
	"fulcrum/shared/store"
)

// Answer is what the gateway is told: payload format 2.0, simple response. With
// yes, the context has "partner" and "key".
type Answer = events.APIGatewayV2CustomAuthorizerSimpleResponse

// Keys has the keys' hashes; see store.Table.
type Keys interface {
	APIKeys(ctx context.Context, partner string) ([]store.APIKey, error)
}

// Authorizer knows keys. It is safe for concurrent use.
type Authorizer struct {
	keys Keys
}

// New makes an Authorizer.
func New(keys Keys) *Authorizer { return &Authorizer{keys: keys} }

// FromEnv makes an Authorizer from TABLE.
func FromEnv(env *boot.Env) *Authorizer {
	return New(store.New(env.AWS("DYNAMODB", boot.Answering), env.Need("TABLE"), nil, time.Now))
}

// Handle says whether a request may pass. The key is the identity source, the
// header Authorization.
func (a *Authorizer) Handle(ctx context.Context, e events.APIGatewayV2CustomAuthorizerV2Request) (Answer, error) {
	k, ok := key(e.IdentitySource)
	if !ok {
		return Answer{}, nil
	}
	keys, err := a.keys.APIKeys(ctx, k.Partner)
	if err != nil {
		slog.ErrorContext(ctx, "keys cannot be read", "partner", k.Partner, "error", err.Error())
		return Answer{}, err
	}
	for _, known := range keys {
		if subtle.ConstantTimeCompare([]byte(known.Hash), []byte(k.Hash)) == 1 {
			return a.known(ctx, k, known), nil
		}
	}
	slog.WarnContext(ctx, "unknown API key", "partner", k.Partner, "key", k.ID)
	return Answer{}, nil
}

func (a *Authorizer) known(ctx context.Context, k apikey.Key, known store.APIKey) Answer {
	if known.RevokedAt != 0 {
		slog.WarnContext(ctx, "revoked API key", "partner", k.Partner, "key", k.ID)
		return Answer{}
	}
	return Answer{IsAuthorized: true, Context: map[string]any{"partner": k.Partner, "key": k.ID}}
}

// key reads "Bearer ful_…". The scheme's case does not matter (RFC 9110, section
// 11.1).
func key(identity []string) (apikey.Key, bool) {
	if len(identity) != 1 {
		return apikey.Key{}, false
	}
	scheme, text, _ := strings.Cut(identity[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return apikey.Key{}, false
	}
	k, err := apikey.Parse(strings.TrimSpace(text))
	return k, err == nil
}
