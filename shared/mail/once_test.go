package mail_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/shared/fault"
	"fulcrum/shared/mail"
)

// ledger is a Ledger in memory, which fails where an error is set.
type ledger struct {
	mu                   sync.Mutex
	ids                  map[string]string // claimed keys with the id of what was sent
	claim, sent, release error
}

func (l *ledger) Claim(_ context.Context, key string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, there := l.ids[key]; there || l.claim != nil {
		return false, l.claim
	}
	l.ids[key] = ""
	return true, nil
}

func (l *ledger) Sent(_ context.Context, key, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[key] = id
	return l.sent
}

func (l *ledger) Release(ctx context.Context, key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ids, key)
	return errors.Join(ctx.Err(), l.release)
}

// Each case tries until the answer is nil, five times at most.
func TestOnce(t *testing.T) {
	away := errors.New("away")
	tests := map[string]struct {
		fault aws.Fault
		claim error
		tries int // until the first nil; 0 is never
		sent  int
		proof bool // the ledger has SES's id
	}{
		"at first":                 {tries: 1, sent: 1, proof: true},
		"SES throttles long":       {fault: aws.Fault{Status: 429, Code: "TooManyRequestsException", Times: 5}, tries: 2, sent: 1, proof: true},
		"SES is overloaded":        {fault: aws.Fault{Status: 503, Times: 2}, tries: 3, sent: 1, proof: true},
		"SES's answer is lost":     {fault: aws.Fault{DropAnswer: true, Times: 1}, tries: 2, sent: 1},
		"SES fails":                {fault: aws.Fault{Status: 500, Times: 1}, tries: 2},
		"SES rejects it":           {fault: aws.Fault{Status: 400, Code: "MessageRejected", Times: -1}},
		"the claim cannot be made": {claim: away},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, l := open(t, nil), &ledger{ids: map[string]string{}, claim: tt.claim}
				o.Inject(tt.fault)
				key, first := mail.Key("hired", "opportunity", to), 0
				for try := 1; try <= 5; try++ {
					if err := o.Once(t.Context(), l, key, to, hello()); err == nil && first == 0 {
						first = try
					}
				}
				if first != tt.tries || len(o.Mails()) != tt.sent {
					t.Errorf("done at try %d with %d mails, want %d with %d", first, len(o.Mails()), tt.tries, tt.sent)
				}
				if proof := l.ids[key] != ""; proof != tt.proof || proof && l.ids[key] != o.Mails()[0].ID {
					t.Errorf("the ledger has %q", l.ids[key])
				}
			})
		})
	}
}

func TestOnceForManyAtOnce(t *testing.T) {
	o, l := open(t, nil), &ledger{ids: map[string]string{}}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := o.Once(t.Context(), l, "key", to, hello()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(o.Mails()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// What cannot be sent leaves no claim: once it is mended, it is sent.
func TestAClaimIsNotMadeInVain(t *testing.T) {
	l := &ledger{ids: map[string]string{}}
	o := open(t, map[string]string{"MAIL_FROM": ""})
	if reason, _ := fault.Parks(o.Once(t.Context(), l, "key", to, hello())); reason != mail.NotSetUp || len(l.ids) != 0 {
		t.Errorf("reason %q, claims %v", reason, l.ids)
	}
}

func TestAClaimIsReleasedWithoutTimeToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, l := open(t, nil), &ledger{ids: map[string]string{}}
		o.Inject(aws.Fault{Status: 429, Code: "TooManyRequestsException", Times: -1})
		ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		if err := o.Once(ctx, l, "key", to, hello()); err == nil || len(l.ids) != 0 {
			t.Errorf("error %v, claims %v", err, l.ids)
		}
	})
}

func TestAFailedReleaseIsTold(t *testing.T) {
	away := errors.New("away")
	o, l := open(t, nil), &ledger{ids: map[string]string{}, release: away}
	o.Inject(aws.Fault{Status: 400, Code: "MessageRejected", Times: 1})
	err := o.Once(t.Context(), l, "key", to, hello())
	if reason, _ := fault.Parks(err); reason != mail.Refused || !errors.Is(err, away) {
		t.Errorf("error %v, reason %q", err, reason)
	}
}

func TestKey(t *testing.T) {
	one := mail.Key("hired", "opp", "ada@example.com")
	if one != mail.Key("hired", "opp", "ada@example.com") || len(one) != 32 || strings.Contains(one, "ada") {
		t.Errorf("key %s", one)
	}
	for _, other := range [][]string{{"hired", "opp"}, {"hired", "oppada@example.com"}, {"hiredopp", "ada@example.com"}, {"hired", "opp", "bob@example.com"}, nil} {
		if mail.Key(other...) == one {
			t.Errorf("%q has the same key", other)
		}
	}
}
