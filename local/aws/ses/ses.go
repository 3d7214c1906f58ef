// Package ses is the Simple Email Service of the embedded AWS, version 2: the
// identities that may send, and mails of a subject, a text and an HTML part. A
// mail goes nowhere; it is kept to be looked at. An identity counts as verified as
// soon as it is made, because nobody is here to click the link that AWS sends.
// The account is out of AWS's sandbox: recipients need not be verified. There are
// no configuration sets, so naming one is answered as AWS answers a missing one.
package ses

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// Options are what a Service needs; all must be set.
type Options struct {
	Region, Account string
	Now             func() time.Time
	Store           *keep.Store
}

// Service answers the calls to SES. It is safe for concurrent use.
type Service struct {
	options Options

	mu         sync.Mutex
	identities map[string]bool // addresses and domains, folded
	mails      []Mail
}

// The buckets. A mail's key is its place in the list.
const (
	bucketIdentities = "ses/identities"
	bucketMails      = "ses/mails"
)

// New loads the identities and mails that the store has.
func New(o Options) (*Service, error) {
	s := &Service{options: o, identities: map[string]bool{}}
	err := o.Store.Load(bucketIdentities, func(name string, _ []byte) error {
		s.identities[name] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, o.Store.Load(bucketMails, func(key string, value []byte) error {
		var m Mail
		if err := json.Unmarshal(value, &m); err != nil {
			return fmt.Errorf("mail %s: %w", key, err)
		}
		s.mails = append(s.mails, m)
		return nil
	})
}

// Action is the name of the action that a request asks for. Of a request that is
// not known here it is method and path.
func Action(method, path string) string {
	request := method + " " + strings.TrimSuffix(path, "/")
	switch request {
	case "POST /v2/email/outbound-emails":
		return "SendEmail"
	case "POST /v2/email/identities":
		return "CreateEmailIdentity"
	}
	return request
}

// Do applies one call.
func (s *Service) Do(_ context.Context, c *wire.Call) (any, error) {
	switch c.Action {
	case "SendEmail":
		return s.send(c)
	case "CreateEmailIdentity":
		return s.createIdentity(c)
	}
	return nil, wire.NotSupported("SES " + c.Action)
}

// Mails are the mails that were sent, oldest first.
func (s *Service) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *Service) createIdentity(c *wire.Call) (any, error) {
	var in struct{ EmailIdentity string }
	if err := c.Input(&in); err != nil {
		return nil, err
	}
	kind := "DOMAIN"
	if strings.Contains(in.EmailIdentity, "@") {
		kind = "EMAIL_ADDRESS"
		if _, err := parse(in.EmailIdentity); err != nil {
			return nil, err
		}
	}
	if in.EmailIdentity == "" {
		return nil, badRequest("EmailIdentity is required.")
	}
	c.Resource = s.arn(in.EmailIdentity)
	s.mu.Lock()
	defer s.mu.Unlock()
	name := fold(in.EmailIdentity)
	if s.identities[name] {
		return nil, wire.Errorf("AlreadyExistsException", "Email identity %s already exist.", in.EmailIdentity)
	}
	if err := s.save(keep.Change{Bucket: bucketIdentities, Key: name, Value: []byte(kind)}); err != nil {
		return nil, err
	}
	s.identities[name] = true
	return map[string]any{"IdentityType": kind, "VerifiedForSendingStatus": true}, nil
}

// mayBeSender tells whether an address, or its domain or one above that, is an
// identity. Source: SES developer guide, "Verified identities".
func (s *Service) mayBeSender(address string) bool {
	name := fold(address)
	if s.identities[name] {
		return true
	}
	_, domain, _ := strings.Cut(name, "@")
	for ; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if s.identities[domain] {
			return true
		}
	}
	return false
}

// fold is an identity as it is compared: the case of a domain does not count, that
// of what is before it does.
func fold(identity string) string {
	at := strings.LastIndex(identity, "@") + 1
	return identity[:at] + strings.ToLower(identity[at:])
}

func (s *Service) arn(identity string) string {
	return fmt.Sprintf("arn:aws:ses:%s:%s:identity/%s", s.options.Region, s.options.Account, identity)
}

func (s *Service) save(change keep.Change) error {
	if err := s.options.Store.Save(change); err != nil {
		return &wire.Error{Code: "InternalServiceErrorException", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	return nil
}

func badRequest(format string, args ...any) error {
	return wire.Errorf("BadRequestException", format, args...)
}
