package webhook_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fulcrum/local/tried"
	"fulcrum/shared/hook"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/signing"
	"fulcrum/shared/webhook"
)

const hookKey = "0123456789abcdef0123456789abcdef"

// vaulted is a Source that counts what is read.
type vaulted struct {
	values map[string]string
	reads  atomic.Int64
}

func (v *vaulted) Value(_ context.Context, id string) (string, error) {
	v.reads.Add(1)
	return v.values[id], nil
}

// counted is a Queue that counts.
type counted struct{ sent atomic.Int64 }

func (c *counted) Send(context.Context, string, queue.Event) error { c.sent.Add(1); return nil }

// intake is a handler over real keys: one hook of each event in shard 0.
type intake struct {
	source  *vaulted
	queue   *counted
	handler *webhook.Handler
	hook    string
}

func newIntake(t testing.TB, event lever.Event) *intake {
	t.Helper()
	id, err := hook.Mint([]byte(hookKey), 0, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shard := signing.Shard{Shards: 1, Hooks: map[string]signing.Hook{
		id: {Partner: "joinedly", Connection: "con_1", Event: event, Keys: []signing.Key{{Token: key}}},
	}}
	text, err := shard.Encode()
	if err != nil {
		t.Fatal(err)
	}
	in := &intake{source: &vaulted{values: map[string]string{"key": hookKey, "shard/0": text}}, queue: &counted{}, hook: id}
	keys := signing.NewKeys(in.source, "key", "shard/", time.Now)
	if err := keys.Warm(context.Background()); err != nil {
		t.Fatal(err)
	}
	in.source.reads.Store(0)
	in.handler = webhook.New(event, keys, in.queue, time.Now)
	return in
}

func (in *intake) post(t testing.TB, id, body string, base64 bool) int {
	t.Helper()
	req := webhook.Request{Body: body, IsBase64Encoded: base64}
	req.PathParameters.Hook = id
	res, err := in.handler.Handle(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

// hostileHooks are ids that were not minted here, for an id that was.
func hostileHooks(id string) []string {
	all := []string{
		"", " ", "/", "..", "../..", "%", "%00", "\x00", "null", "undefined", "0", "-1", "{hook}", "$default", "*", "?", "#",
		"'", `"`, "<script>", "' OR 1=1 --", "${jndi:ldap://x}", "{{7*7}}", "con_1", "joinedly", "candidate-hired",
		strings.Repeat("A", hook.Length), strings.Repeat("-", hook.Length), strings.Repeat("_", hook.Length), strings.Repeat("=", hook.Length),
		strings.Repeat("A", hook.Length-1), strings.Repeat("A", hook.Length+1), strings.Repeat("A", 10_000), strings.Repeat("é", hook.Length),
		id[:hook.Length-1], id[1:], id + "A", id + "=", id + "\n", "\n" + id, " " + id, id + " ", id + "/", "/" + id, id + "?x=y", id + "#x", id + "%20",
		url.QueryEscape(id + "/"), strings.ToLower(id) + "x", base64.StdEncoding.EncodeToString([]byte(id)), id + id,
		strings.ReplaceAll(id, id[:1], "é"), id[:10] + "\x00" + id[11:], id[:10] + "." + id[11:], id[:10] + "+" + id[11:], id[:10] + "/" + id[11:],
	}
	for i := 0; i < hook.Length; i += 5 { // a neighbour in each part of the id
		c := byte('A')
		if id[i] == c {
			c = 'B'
		}
		all = append(all, id[:i]+string(c)+id[i+1:])
	}
	return all
}

func TestHostileHooksAreRefusedWithoutACall(t *testing.T) {
	in := newIntake(t, lever.CandidateHired)
	body := delivery(key, time.Now(), hired)
	hooks := hostileHooks(in.hook)
	for _, id := range hooks {
		if status := in.post(t, id, body, false); status != 401 {
			t.Errorf("hook %.60q: status %d", id, status)
		}
	}
	if reads, sent := in.source.reads.Load(), in.queue.sent.Load(); reads+sent != 0 {
		t.Errorf("%d reads and %d sends for hooks that are none", reads, sent)
	}
	tried.Note(t, "hooks that are none", len(hooks))
}

// hostileBodies are bodies by the status that they deserve. None of those for
// which it is not 200 may reach the queue.
func hostileBodies() map[int][]string {
	// A last digit that no change below puts there.
	now := time.Now().Truncate(10 * time.Millisecond).Add(5 * time.Millisecond)
	good := delivery(key, now, hired)
	at := fmt.Sprint(now.UnixMilli())
	sign := strings.Split(strings.Split(good, `"signature":"`)[1], `"`)[0]
	swap := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	member := func(m string) string { return swap("{", "{"+m+",") }

	refused := []string{ // signed by nobody, or no longer
		swap(sign, ""), swap(sign, "0"), swap(sign, sign[:63]), swap(sign, sign+"0"), swap(sign, strings.ToUpper(sign)), swap(sign, " "+sign), swap(sign, sign+" "),
		swap(sign, strings.Repeat("0", 64)), swap(sign, strings.Repeat("f", 64)), swap(sign, strings.Repeat("g", 64)), swap(sign, sign[32:]+sign[:32]),
		swap(`"`+sign+`"`, "null"), swap(`"`+sign+`"`, "1"), swap(`"`+sign+`"`, "true"), swap(`"`+sign+`"`, "[]"), swap(`"`+sign+`"`, "{}"), swap(`"`+sign+`"`, `["`+sign+`"]`),
		swap(`"signature"`, `"Signature"`), swap(`"signature"`, `"signature "`), swap(`"signature"`, `"sig"`), swap(`"signature"`, `"X-Lever-Signature"`),
		swap(nonce, strings.Repeat("a", 48)), swap(nonce, nonce[:47]+"0"), swap(nonce, nonce+"0"), swap(nonce, nonce[1:]), swap(nonce, strings.ToUpper(nonce)),
		swap(at, at[:12]+"0"), swap(at, "1"+at[1:12]+"9"), delivery(newKey, now, hired), delivery("", now, hired), delivery(key+" ", now, hired), delivery(strings.ToUpper(key), now, hired),
		delivery(key, now.Add(-15*24*time.Hour-time.Minute), hired), delivery(key, now.Add(-400*24*time.Hour), hired), delivery(key, now.Add(6*time.Minute), hired), delivery(key, now.Add(24*time.Hour), hired),
		// A digit moved from the time to the token, or back, is the same signed text.
		swap(`"triggeredAt":`+at, `"triggeredAt":`+at[1:]+"0"),
		strings.Replace(swap(at, at[1:]+"1"), nonce, nonce+at[:1], 1),
	}
	for i := range 64 { // each digit of the signature
		c := byte('0')
		if sign[i] == c {
			c = '1'
		}
		refused = append(refused, swap(sign, sign[:i]+string(c)+sign[i+1:]))
	}

	for i := range nonce { // each character of the token
		c := byte('0')
		if nonce[i] == c {
			c = '1'
		}
		refused = append(refused, swap(nonce, nonce[:i]+string(c)+nonce[i+1:]))
	}

	none := []string{ // no delivery at all
		"", " ", "\n", "\x00", "null", "true", "0", `""`, "[]", "{}", "[{}]", "{", "}", "{]", `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{'a':1}`,
		"token=a&triggeredAt=1", "<xml/>", "<!doctype html>", "%7B%7D", "e30=", good + good, good + ",", good + "x", good + "\x00", "\ufeff" + good, "[" + good + "]", `"` + good + `"`, good[:len(good)-1], good[1:],
		"/**/" + good, "//\n" + good, good + "//", ")]}'\n" + good, strings.ReplaceAll(good, `"`, "'"), strings.ReplaceAll(good, ":", "="),
		swap(`"token"`, `"tokens"`), swap(`"token"`, `"TOKEN"`), swap(`"token"`, `"Token"`), swap(`"token"`, "\"to\u212aen\""), swap(`"event"`, `"events"`), swap(`"event"`, `"EVENT"`), swap(`"data"`, `"Data"`), swap(`"data"`, `"payload"`),
		swap(`"triggeredAt"`, `"triggeredat"`), swap(`"triggeredAt"`, `"triggered_at"`), swap(`"triggeredAt"`, `"timestamp"`),
		swap(at, `"`+at+`"`), swap(at, "-"+at[1:]), swap(at, "+"+at[1:]), swap(at, at+".0"), swap(at, at[:1]+"."+at[1:]+"e12"), swap(at, "1.7e12"), swap(at, "1e99"), swap(at, at[:12]), swap(at, at+"0"), swap(at, "0"+at[1:]),
		swap(at, "null"), swap(at, "true"), swap(at, "{}"), swap(at, "[]"), swap(at, "0x"+at[2:]), swap(at, at[:6]+"_"+at[7:]), swap(at, "NaN"), swap(at, "Infinity"), swap(at, strings.Repeat("9", 400)),
		swap(`"`+nonce+`"`, "null"), swap(`"`+nonce+`"`, "1"), swap(`"`+nonce+`"`, "{}"), swap(`"`+nonce+`"`, `[]`), swap(nonce, ""), swap(nonce, nonce[:15]), swap(nonce, strings.Repeat("a", 129)), swap(nonce, nonce[:47]+"-"), swap(nonce, nonce[:47]+"é"), swap(nonce, nonce[:47]+`\u0000`), swap(nonce, nonce[:47]+" "),
		swap(`"candidateHired"`, "null"), swap(`"candidateHired"`, "1"), swap(`"candidateHired"`, "[]"), swap(`"candidateHired"`, "{}"), swap("candidateHired", ""),
		swap(hired, "null"), swap(hired, "1"), swap(hired, `"x"`), swap(hired, "[]"), swap(hired, "true"), swap(hired, `[`+hired+`]`), swap(hired, `"`+strings.ReplaceAll(hired, `"`, `\"`)+`"`),
		member(`"token":"x"`), member(`"TOKEN":"x"`), member(`"Token":null`), member("\"to\u212aen\":1"), member(`"\u0074oken":"x"`), member(`"signature":"x"`), member("\"\u017fignature\":\"x\""), member(`"triggeredAt":1`), member(`"TRIGGEREDAT":1`), member(`"event":1`), member(`"data":{}`), member(`"DATA":[]`), member(`"x":1,"X":2`), member(`"x":{"a":1,"A":2}`), member(`"x":[{"a":1,"a":2}]`),
		member(`"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40)), member(`"x":` + strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)), member(`"x":` + strings.Repeat("[", 50_000)), member(`"x":01`), member(`"x":.5`), member(`"x":5.`), member(`"x":+1`), member(`"x":tru`), member(`"x":"` + "\n" + `"`), member(`"x":"` + "\t" + `"`), member(`"x":"\q"`), member(`"x":"\u12"`), member(`"x":undefined`),
		swap(hired, `{"opportunityId":"a","opportunityid":"b"}`), swap(hired, `{"opportunityId":"a","opportunityId":"b"}`), swap(hired, `{"a":{"b":1,"B":2}}`),
	}

	accepted := []string{ // signed: whatever the content, it is only a hint
		good, good + " \r\n\t", " " + good, member(`"id":"x"`), member(`"id":null`), member(`"more":[1,{"a":[]}]`), member(`"x":"\ud800"`), member(`"x":"` + strings.Repeat("x", 200_000) + `"`), member(`"__proto__":{}`), member(`"":1`),
		swap("candidateHired", "candidateDeleted"), swap("candidateHired", "offerSigned"), swap("candidateHired", "<script>"), swap("candidateHired", strings.Repeat("e", 10_000)), swap("candidateHired", `\u0000`),
	}
	for _, data := range []string{
		`{"opportunityId":null}`, `{"opportunityId":1}`, `{"opportunityId":""}`, `{"opportunityId":"../../users"}`, `{"opportunityId":"a/b"}`, `{"opportunityId":"a%2fb"}`, `{"opportunityId":"a?b=c"}`, `{"opportunityId":"a#b"}`, `{"opportunityId":"` + strings.Repeat("a", 65) + `"}`,
		`{"opportunityId":"http://169.254.169.254/"}`, `{"opportunityId":"' OR 1=1"}`, `{"opportunityId":"\u0000"}`, `{"opportunityId":"é"}`, `{"opportunityId":{"$gt":""}}`, `{"opportunityId":["a"]}`, `{"OpportunityId":"a"}`, `{"opportunity_id":"a"}`,
		`{"candidateId":"a"}`, `{"contactId":"a"}`, `{"interviewId":"a","panelId":"b"}`, `{"applicationId":"a"}`, `{"url":"http://127.0.0.1/"}`, `{"name":"Ada","email":"a@b"}`, `{"toArchived":null,"fromArchived":{"reason":"x"}}`, `{"a":{"b":{"c":{}}}}`, `{"constructor":1}`,
	} {
		accepted = append(accepted, swap(hired, data))
	}
	return map[int][]string{200: accepted, 400: none, 401: refused}
}

func TestHostileBodies(t *testing.T) {
	in := newIntake(t, lever.CandidateHired)
	n := 0
	for status, bodies := range hostileBodies() {
		for _, body := range bodies {
			n++
			before := in.queue.sent.Load()
			if got := in.post(t, in.hook, body, false); got != status {
				t.Errorf("status %d, want %d: %.200q", got, status, body)
			}
			if queued := in.queue.sent.Load() > before; queued != (status == 200) {
				t.Errorf("queued %v: %.200q", queued, body)
			}
			if got := in.post(t, in.hook, base64.StdEncoding.EncodeToString([]byte(body)), true); got != status {
				t.Errorf("status %d in base64, want %d: %.200q", got, status, body)
			}
		}
	}
	if n < 300 {
		t.Errorf("%d bodies, want at least 300", n)
	}
	tried.Note(t, "forged bodies, plain and in base64", 2*n)
}

// Who floods one hook with signatures that do not verify causes no more reads of
// its shard than one a minute.
func TestAFloodOfForgedSignaturesCostsNothing(t *testing.T) {
	in := newIntake(t, lever.CandidateHired)
	forged := delivery(newKey, time.Now(), hired)
	for range 10_000 {
		if status := in.post(t, in.hook, forged, false); status != 401 {
			t.Fatalf("status %d", status)
		}
	}
	if reads, sent := in.source.reads.Load(), in.queue.sent.Load(); reads > 2 || sent != 0 {
		t.Errorf("%d reads of the shard and %d sends for 10,000 forged requests", reads, sent)
	}
}

// Each of five customers has a webhook for each event, with a key of its own. A
// delivery is accepted at its own hook and nowhere else, whosever key signed it.
func TestOnlyTheDiagonalIsAccepted(t *testing.T) {
	const customers = 5
	events := []lever.Event{
		lever.ApplicationCreated, lever.CandidateStageChange, lever.CandidateArchiveChange, lever.CandidateHired,
		lever.CandidateDeleted, lever.InterviewCreated, lever.InterviewUpdated, lever.InterviewDeleted,
	}
	type one struct {
		hook, key string
		event     lever.Event
	}
	var all []one
	shard := signing.Shard{Shards: 1, Hooks: map[string]signing.Hook{}}
	for c := range customers {
		for e, event := range events {
			id, err := hook.Mint([]byte(hookKey), 0, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			token := fmt.Sprintf("%046d%d%d", 0, c, e)
			all = append(all, one{id, token, event})
			shard.Hooks[id] = signing.Hook{Partner: "joinedly", Connection: fmt.Sprint(c), Event: event, Keys: []signing.Key{{Token: token}}}
		}
	}
	text, err := shard.Encode()
	if err != nil {
		t.Fatal(err)
	}
	source := &vaulted{values: map[string]string{"key": hookKey, "shard/0": text}}
	keys, sent := signing.NewKeys(source, "key", "shard/", time.Now), &counted{}
	handlers := map[lever.Event]*webhook.Handler{}
	for _, event := range events {
		handlers[event] = webhook.New(event, keys, sent, time.Now)
	}
	n, accepted := 0, 0
	for _, at := range all {
		for _, by := range all {
			for _, event := range events {
				req := webhook.Request{Body: delivery(by.key, time.Now(), hired)}
				req.PathParameters.Hook = at.hook
				res, err := handlers[event].Handle(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				n++
				if res.StatusCode == 200 {
					accepted++
				}
				if diagonal := at == by && event == at.event; diagonal != (res.StatusCode == 200) {
					t.Fatalf("hook of %s, key of %s, at %s: status %d", at.event, by.event, event, res.StatusCode)
				}
			}
		}
	}
	if accepted != len(all) || int(sent.sent.Load()) != len(all) {
		t.Errorf("%d accepted and %d queued of %d", accepted, sent.sent.Load(), len(all))
	}
	t.Logf("%d combinations tried, %d accepted", n, accepted)
	tried.Note(t, "combinations of a tenant's hook, another's key and an event", n)
}

// Whatever is accepted is signed: the text that was signed is in the body.
func FuzzIntake(f *testing.F) {
	for _, bodies := range hostileBodies() {
		for i, body := range bodies {
			if i%7 == 0 && len(body) < 2000 {
				f.Add(body)
			}
		}
	}
	in := newIntake(f, lever.CandidateHired)
	f.Fuzz(func(t *testing.T, body string) {
		status := in.post(t, in.hook, body, false)
		if status >= 500 {
			t.Errorf("status %d", status)
		}
		var said struct{ Token string }
		if status == 200 && (json.Unmarshal([]byte(body), &said) != nil || said.Token != nonce) {
			t.Error("what nobody signed is accepted")
		}
	})
}

func FuzzHook(f *testing.F) {
	in := newIntake(f, lever.CandidateHired)
	for _, id := range hostileHooks(in.hook) {
		if len(id) < 200 {
			f.Add(id)
		}
	}
	f.Fuzz(func(t *testing.T, id string) {
		if _, err := hook.Shard([]byte(hookKey), id); err == nil {
			t.Skip("minted here")
		}
		before := in.source.reads.Load()
		if status := in.post(t, id, "{}", false); status != 401 || in.source.reads.Load() != before {
			t.Errorf("status %d, %d reads", status, in.source.reads.Load()-before)
		}
	})
}
