package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/hook"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/signing"
	"fulcrum/shared/webhook"
)

const (
	hookID = "hook-of-joinedly"
	key    = "0123456789abcdef0123456789abcdef0123456789abcdef"
	newKey = "fedcba9876543210fedcba9876543210fedcba9876543210"
	nonce  = "be58f711f349c7780e4579cd7c63341ac6f881e4dccc3154"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// today brings a bubble, which begins in the year 2000, to a time whose Unix
// milliseconds have 13 digits.
func today() { time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))) }

// keys is a Keys with one hook; again is what a further read of it gives.
type keys struct {
	hook      signing.Hook
	again     *signing.Hook
	err       error
	stale     bool
	rereads   int
	refreshes chan struct{}
}

func newKeys() *keys {
	return &keys{
		hook:      signing.Hook{Partner: "joinedly", Connection: "con_1", Event: lever.CandidateHired, Keys: []signing.Key{{Token: key}}},
		refreshes: make(chan struct{}, 1),
	}
}

func (k *keys) Hook(_ context.Context, id string) (signing.Hook, error) {
	if id != hookID {
		return signing.Hook{}, hook.ErrUnknown
	}
	return k.hook, k.err
}

func (k *keys) Again(context.Context, string) (signing.Hook, error) {
	k.rereads++
	if k.again != nil {
		return *k.again, nil
	}
	return k.hook, nil
}

func (k *keys) Stale(context.Context, string) bool { return k.stale }

func (k *keys) Refresh(context.Context, string) error {
	k.refreshes <- struct{}{}
	return errors.New("away")
}

// line is a Queue that keeps what it is sent.
type line struct {
	mu   sync.Mutex
	sent []queue.Event
	to   string
	err  error
	hang bool
}

func (l *line) Send(ctx context.Context, partner string, e queue.Event) error {
	if l.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to, l.sent = partner, append(l.sent, e)
	return l.err
}

// delivery is a body as Lever posts it, signed with a key.
func delivery(key string, at time.Time, data string) string {
	ms := fmt.Sprint(at.UnixMilli())
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(nonce + ms))
	return fmt.Sprintf(`{"triggeredAt":%s,"event":"candidateHired","data":%s,"signature":%q,"token":%q}`, ms, data, hex.EncodeToString(mac.Sum(nil)), nonce)
}

const hired = `{"opportunityId":"o-1","contactId":"c-1"}`

func post(t *testing.T, k *keys, l *line, id, body string) webhook.Response {
	t.Helper()
	req := webhook.Request{Body: body}
	req.PathParameters.Hook = id
	res, err := webhook.New(lever.CandidateHired, k, l, time.Now).Handle(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestAnswers(t *testing.T) {
	now := time.Now()
	unsigned := strings.Replace(delivery(key, now, hired), `"signature"`, `"unsigned"`, 1)
	tests := map[string]struct {
		hook, body string
		status     int
		queued     bool
	}{
		"a signed delivery is accepted":                {hookID, delivery(key, now, hired), 200, true},
		"a connection test is accepted and passed on":  {hookID, delivery(key, now, `{}`), 200, true},
		"data without an id is still an event":         {hookID, delivery(key, now, `{"x":1}`), 200, true},
		"an event that nobody knows is accepted":       {hookID, strings.Replace(delivery(key, now, hired), "candidateHired", "offerSigned", 1), 200, true},
		"a rerun of two weeks ago is accepted":         {hookID, delivery(key, now.Add(-14*24*time.Hour), hired), 200, true},
		"an unknown hook is refused":                   {"made-up", delivery(key, now, hired), 401, false},
		"an unknown hook is refused before its body":   {"made-up", "not JSON", 401, false},
		"a missing signature is refused":               {hookID, unsigned, 401, false},
		"the signature of another key is refused":      {hookID, delivery(newKey, now, hired), 401, false},
		"a delivery of 16 days ago is refused":         {hookID, delivery(key, now.Add(-16*24*time.Hour), hired), 401, false},
		"a delivery of the future is refused":          {hookID, delivery(key, now.Add(time.Hour), hired), 401, false},
		"what is not JSON is no delivery":              {hookID, "not JSON", 400, false},
		"a delivery without a member is none":          {hookID, `{"event":"candidateHired"}`, 400, false},
		"a body over 256 KiB is too large":             {hookID, strings.Repeat(" ", 256<<10+1), 413, false},
		"a body of 256 KiB is not":                     {hookID, delivery(key, now, hired) + strings.Repeat(" ", 256<<10-len(delivery(key, now, hired))), 200, true},
		"too large is too large for an unknown hook":   {"made-up", strings.Repeat(" ", 256<<10+1), 413, false},
		"a signature moved to another time is refused": {hookID, strings.Replace(delivery(key, now, hired), fmt.Sprint(now.UnixMilli()), fmt.Sprint(now.UnixMilli()+1), 1), 401, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := &line{}
			res := post(t, newKeys(), l, tt.hook, tt.body)
			if res.StatusCode != tt.status || (len(l.sent) == 1) != tt.queued {
				t.Errorf("status %d, %d queued; want %d, queued %v", res.StatusCode, len(l.sent), tt.status, tt.queued)
			}
			if test := strings.Contains(tt.body, `"data":{},`); tt.queued && (l.sent[0].Test != test || l.sent[0].Hook != tt.hook) {
				t.Errorf("passed on as %+v", l.sent[0])
			}
		})
	}
}

func TestRefusalsAreAllTheSame(t *testing.T) {
	now := time.Now()
	another := newKeys()
	another.hook.Event = lever.CandidateDeleted
	answers := map[string]webhook.Response{
		"unknown hook":          post(t, newKeys(), &line{}, "made-up", delivery(key, now, hired)),
		"wrong key":             post(t, newKeys(), &line{}, hookID, delivery(newKey, now, hired)),
		"missing signature":     post(t, newKeys(), &line{}, hookID, strings.Replace(delivery(key, now, hired), `"signature"`, `"x"`, 1)),
		"hook of another event": post(t, another, &line{}, hookID, delivery(key, now, hired)),
		"out of the window":     post(t, newKeys(), &line{}, hookID, delivery(key, now.Add(-16*24*time.Hour), hired)),
	}
	want := fmt.Sprintf("%+v", answers["unknown hook"])
	for name, res := range answers {
		if got := fmt.Sprintf("%+v", res); got != want {
			t.Errorf("%s answers %s, unknown hook %s", name, got, want)
		}
	}
}

func TestTheMessageHoldsIDsAndNothingElse(t *testing.T) {
	l, now := &line{}, time.Now()
	data := `{"opportunityId":"o-1","candidateId":"o-1","contactId":"c-1","name":"Ada Lovelace","email":"ada@example.com"}`
	post(t, newKeys(), l, hookID, delivery(key, now, data))
	e := l.sent[0]
	if l.to != "joinedly" || e.Connection != "con_1" || e.Event != lever.CandidateHired || e.IDs != (lever.IDs{Opportunity: "o-1", Contact: "c-1"}) {
		t.Errorf("sent to %s: %+v", l.to, e)
	}
	if e.TriggeredAt != lever.At(now) || e.ReceivedAt < lever.At(now) {
		t.Errorf("times %d, %d; now is %d", e.TriggeredAt, e.ReceivedAt, now.UnixMilli())
	}
	if text := fmt.Sprintf("%+v", e); strings.Contains(text, "Ada") || strings.Contains(text, "example.com") || strings.Contains(text, nonce) {
		t.Errorf("the message holds more than ids: %s", text)
	}
}

func TestARepeatedDeliveryHasTheSameID(t *testing.T) {
	l, now := &line{}, time.Now()
	k := newKeys()
	post(t, k, l, hookID, delivery(key, now, hired))
	post(t, k, l, hookID, delivery(key, now, hired))
	post(t, k, l, hookID, delivery(key, now, `{"opportunityId":"o-2"}`))
	post(t, k, l, hookID, delivery(key, now.Add(-time.Second), hired))
	first, same, forged, other := l.sent[0], l.sent[1], l.sent[2], l.sent[3]
	if first.ID != same.ID || first.BodyHash != same.BodyHash {
		t.Errorf("the same delivery became %+v and %+v", first, same)
	}
	if forged.ID != first.ID || forged.BodyHash == first.BodyHash {
		t.Errorf("another body under the same signature became %+v beside %+v", forged, first)
	}
	if other.ID == first.ID {
		t.Error("two deliveries have one id")
	}
}

func TestAFailureBeforeTheQueueHasItAsksForMore(t *testing.T) {
	k := newKeys()
	if res := post(t, k, &line{err: errors.New("away")}, hookID, delivery(key, time.Now(), hired)); res.StatusCode != 503 {
		t.Errorf("status %d without the queue", res.StatusCode)
	}
	k.err = errors.New("away")
	if res := post(t, k, &line{}, hookID, delivery(key, time.Now(), hired)); res.StatusCode != 503 {
		t.Errorf("status %d without the keys", res.StatusCode)
	}
}

func TestAQueueThatHangsIsAnsweredWithinFourSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		today()
		start := time.Now()
		res := post(t, newKeys(), &line{hang: true}, hookID, delivery(key, time.Now(), hired))
		if took := time.Since(start); res.StatusCode != 503 || took > 4*time.Second {
			t.Errorf("status %d after %v", res.StatusCode, took)
		}
	})
}

func TestAKeyThatWasChangedJustNowIsTaken(t *testing.T) {
	k, l := newKeys(), &line{}
	rotated := k.hook
	rotated.Keys = []signing.Key{{Token: newKey}}
	k.again = &rotated
	if res := post(t, k, l, hookID, delivery(newKey, time.Now(), hired)); res.StatusCode != 200 || k.rereads != 1 {
		t.Errorf("status %d after %d reads", res.StatusCode, k.rereads)
	}
	if res := post(t, newKeys(), l, hookID, delivery(key, time.Now(), hired)); res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestAnOldKeyCountsUntilItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		today()
		k := newKeys()
		k.hook.Keys = []signing.Key{{Token: newKey}, {Token: key, Until: time.Now().Add(time.Hour).UnixMilli()}}
		for _, token := range []string{key, newKey} {
			if res := post(t, k, &line{}, hookID, delivery(token, time.Now(), hired)); res.StatusCode != 200 {
				t.Errorf("status %d within the hour", res.StatusCode)
			}
		}
		time.Sleep(time.Hour)
		if res := post(t, k, &line{}, hookID, delivery(key, time.Now(), hired)); res.StatusCode != 401 {
			t.Errorf("status %d after the hour", res.StatusCode)
		}
	})
}

func TestAStaleShardIsReadBesideTheSend(t *testing.T) {
	k, l := newKeys(), &line{}
	k.stale = true
	if res := post(t, k, l, hookID, delivery(key, time.Now(), hired)); res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
	select {
	case <-k.refreshes:
	default:
		t.Error("the shard was not read again")
	}
}

func TestABodyInBase64(t *testing.T) {
	now := time.Now()
	tests := map[string]struct {
		body   string
		status int
	}{
		"is decoded":                       {base64.StdEncoding.EncodeToString([]byte(delivery(key, now, hired))), 200},
		"that is none is no delivery":      {"%%%", 400},
		"counts by what it decodes to":     {base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", 256<<10))), 400},
		"over 256 KiB decoded is too long": {base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", 256<<10+1))), 413},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			req := webhook.Request{Body: tt.body, IsBase64Encoded: true}
			req.PathParameters.Hook = hookID
			res, err := webhook.New(lever.CandidateHired, newKeys(), &line{}, time.Now).Handle(t.Context(), req)
			if err != nil || res.StatusCode != tt.status {
				t.Errorf("status %d, %v; want %d", res.StatusCode, err, tt.status)
			}
		})
	}
}

func TestNoIDIsSharedBetweenHooks(t *testing.T) {
	mac := []byte(strings.Repeat("m", 32))
	if webhook.EventID("a", mac) == webhook.EventID("b", mac) {
		t.Error("one signature has one id at two hooks")
	}
}
