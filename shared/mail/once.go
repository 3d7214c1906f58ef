package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// releaseTime bounds the note that a mail was not sent, which is written even when
// the call that wanted the mail has no time left.
const releaseTime = 3 * time.Second

// Ledger notes which mails were given to SES; see store.Table.Mails.
type Ledger interface {
	// Claim notes that a mail is about to be sent. It is false where it is not to be
	// sent any more.
	Claim(ctx context.Context, key string) (bool, error)
	// Sent adds SES's id, which proves that SES took it.
	Sent(ctx context.Context, key, id string) error
	// Release takes the claim back, of a mail that SES has certainly not taken.
	Release(ctx context.Context, key string) error
}

// Key names a mail by what it is about and who gets it, for a Ledger: the same
// parts have the same key, and nobody reads an address from it.
func Key(parts ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:16])
}

// Once sends the mail of that key where the ledger lets it claim that; call it until
// it gives nil. A function that dies between the claim and SES's answer, or an answer
// that is lost, leaves a claim without an id: the ledger may give such a mail to
// somebody once more, which is the choice between one that is sent twice and one that
// is not sent. Where SES has refused, the claim is taken back, so that another try
// sends.
func (s *Sender) Once(ctx context.Context, l Ledger, key, to string, m Message) error {
	if err := s.check(to, m); err != nil {
		return err
	}
	mine, err := l.Claim(ctx, key)
	if err != nil || !mine {
		return err
	}
	id, err := s.Send(ctx, to, m)
	if err == nil {
		return l.Sent(ctx, key, id)
	}
	if errors.Is(err, ErrUnknown) {
		return err
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer stop()
	if releaseErr := l.Release(ctx, key); releaseErr != nil {
		return errors.Join(err, releaseErr)
	}
	return err
}
