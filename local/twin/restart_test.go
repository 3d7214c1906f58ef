package twin_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/keep"
	"fulcrum/local/twin"
	"fulcrum/local/twin/hook"
)

func TestADeliveryThatWaitsGoesOnAfterARestart(t *testing.T) {
	withStore(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, key := r.hook("candidateStageChange")
		r.receiver.answer = func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth < 4 {
				w.WriteHeader(503)
			}
		}
		begin := time.Now()
		r.fire()
		// Attempts are made after 0, 1 and 6 seconds; the next is due after 36.
		time.Sleep(10 * time.Second)
		r.restart()
		time.Sleep(time.Hour)
		r.restart()
		time.Sleep(time.Hour)
		got := r.receiver.all()
		if len(got) != 4 {
			t.Fatalf("%d attempts", len(got))
		}
		for i, at := range []time.Duration{0, 1, 6, 36} {
			if got[i].at.Sub(begin) != at*time.Second || got[i].raw != got[0].raw {
				t.Errorf("attempt %d after %s: %s", i+1, got[i].at.Sub(begin), got[i].raw)
			}
		}
		for i, a := range r.ctl("GET", "/deliveries", nil).must(200).body.([]any) {
			if a := a.(obj); a["attempt"] != float64(i+1) || a["success"] != (i == 3) || a["body"] != got[0].raw {
				t.Errorf("attempt %d is remembered as %v", i+1, a)
			}
		}
		r.fire()
		synctest.Wait()
		checkSignature(t, r.receiver.all()[4], key)
	})
}

func TestADeliveryInFlightIsMadeAgainAfterARestart(t *testing.T) {
	withStore(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.hook("candidateStageChange")
		r.receiver.answer = func(_ http.ResponseWriter, q *http.Request, nth int) {
			if nth == 1 {
				<-q.Context().Done()
			}
		}
		r.fire()
		synctest.Wait()
		r.restart()
		synctest.Wait()
		got := r.receiver.all()
		if len(got) != 2 || got[0].raw != got[1].raw {
			t.Fatalf("deliveries %v", got)
		}
		r.ctl("GET", "/deliveries", nil).want(obj{"#": 1, "0.attempt": 1, "0.success": true})
		r.restart()
		time.Sleep(time.Hour)
		if n := len(r.receiver.all()); n != 2 {
			t.Errorf("%d deliveries of one that arrived", n)
		}
	})
}

func TestDeliveriesThatAreOverDoNotComeBack(t *testing.T) {
	tests := map[string]func(r *rig, hook string){
		"all retries are used up":              func(*rig, string) { time.Sleep(time.Hour) },
		"the webhook goes before the restart":  func(r *rig, hook string) { r.api("DELETE", "/webhooks/"+hook, nil).must(204) },
		"the webhook goes between two retries": func(r *rig, hook string) { r.restart(); r.api("DELETE", "/webhooks/"+hook, nil).must(204) },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			withStore(t, twin.Options{}, func(t *testing.T, r *rig) {
				hook, _ := r.hook("candidateStageChange")
				r.receiver.answer = func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(500) }
				r.fire()
				synctest.Wait()
				end(r, hook)
				synctest.Wait()
				before := len(r.receiver.all())
				r.restart()
				time.Sleep(time.Hour)
				if n := len(r.receiver.all()); n != before {
					t.Errorf("%d attempts more", n-before)
				}
			})
		})
	}
}

func TestCredentialsWorkAfterARestart(t *testing.T) {
	withStore(t, twin.Options{}, func(t *testing.T, r *rig) {
		app := r.partner()
		const scope = "offline_access stages:read:admin"
		tokens, revoked := r.connect(app, scope), r.account("Revoked")
		pending := r.decide(ask(app, scope), r.home.Account, "accept").Get("code")
		bearer := func(token string) int {
			return r.json("GET", "http://lever.test/v1/stages", "Bearer "+token, nil).status
		}
		home := r.home
		r.home = revoked
		lost := r.connect(app, scope)
		r.root("POST", "/"+revoked.Account+"/revoke", nil).must(200)
		r.home = home
		r.ctl("POST", "/settings", obj{"refresh": "grace"}).must(204)
		r.restart()

		r.api("GET", "/stages", nil).must(200)
		if got := bearer(tokens.text("access_token")); got != 200 {
			t.Errorf("an access token: %d", got)
		}
		if got := bearer(lost.text("access_token")); got != 401 {
			t.Errorf("a revoked access token: %d", got)
		}
		r.refresh(app, lost.text("refresh_token")).must(403)
		r.token(url.Values{
			"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
			"code": {pending}, "redirect_uri": {callback},
		}).must(200)
		// Under grace a used token works again, also after another restart.
		for range 2 {
			r.refresh(app, tokens.text("refresh_token")).must(200)
			r.restart()
		}
	})
}

func TestAnIDStaysKnownAfterARestart(t *testing.T) {
	withStore(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.hiree()
		r.ctl("POST", o+"/delete", nil).must(200)
		r.restart()
		r.ctl("POST", "/candidates", obj{"id": c.OpportunityID, "name": "Back"}).must(400)
		other := r.account("Other")
		r.json("GET", "http://lever.test/v1"+o, basic(other.APIKey), nil).must(404)
		if got := r.twin.Violations(); len(got) != 1 || got[0].Owner != r.home.Account {
			t.Errorf("violations %v", got)
		}
	})
}

func TestAStoreThatFailsIsNoSuccess(t *testing.T) {
	store, err := keep.Open(t.TempDir(), "twin.db")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, twin.Options{Store: store})
	defer r.twin.Close()
	_, o := r.hiree()
	hook, _ := r.hook("candidateStageChange")
	app := r.partner()
	tokens := r.connect(app, "offline_access stages:read:admin")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	r.api("GET", o, nil).must(200)
	consent := ask(app, "stages:read:admin")
	consent.Set("account", r.home.Account)
	for name, got := range map[string]reply{
		"a consent":          r.send("GET", "http://lever.test/authorize?"+consent.Encode(), nil, nil),
		"a call of the API":  r.api("POST", o+"/addTags", obj{"tags": []string{"x"}}),
		"an act at the desk": r.ctl("POST", o+"/stage", obj{"stage": "Offer"}),
		"an account":         r.root("POST", "/accounts", obj{"account": "new", "apiKey": "new"}),
		"a key":              r.ctl("POST", "/keys", obj{"name": "New"}),
		"a switch":           r.ctl("POST", "/switches", obj{"contactCreated": true}),
		"a signing key":      r.ctl("POST", "/webhooks/"+hook+"/regenerate", nil),
		"a webhook":          r.api("POST", "/webhooks", obj{"event": "candidateHired", "url": "http://hooks.test/"}),
		"an app":             r.root("POST", "/apps", obj{"callbacks": []string{callback}}),
		"a token":            r.refresh(app, tokens.text("refresh_token")),
		"a revocation":       r.ctl("POST", "/revoke", nil),
	} {
		if got.status != 500 {
			t.Errorf("%s: %d %s", name, got.status, got.raw)
		}
	}
	r.root("GET", "/new", nil).must(404)
	if got := r.json("GET", "http://lever.test/v1/stages", basic("new"), nil); got.status != 401 {
		t.Errorf("the key of an account that was refused: %d", got.status)
	}
	r.twin.Close()
	if got := r.receiver.events(); len(got) != 0 {
		t.Errorf("told %v of what was not saved", got)
	}
}

func TestTwinsThatCannotBeMade(t *testing.T) {
	damaged := openStore(t)
	if err := damaged.Save(keep.Change{Bucket: "twin/accounts", Key: "x", Value: []byte("0 {")}); err != nil {
		t.Fatal(err)
	}
	tokens := openStore(t)
	if err := tokens.Save(keep.Change{Bucket: "twin/oauth/apps", Key: "x", Value: []byte("{")}); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]twin.Options{
		"from accounts that are damaged":    {Store: damaged},
		"from apps that are damaged":        {Store: tokens},
		"from a seed that would come again": {Store: openStore(t), Random: rand.NewChaCha8([32]byte{1})},
	} {
		if x, err := twin.New(o); err == nil {
			x.Close()
			t.Errorf("a twin %s", name)
		}
	}
	for name, o := range map[string]twin.Options{"no store": {}, "an empty one": {Store: &keep.Store{}}} {
		o.Random = rand.NewChaCha8([32]byte{1})
		x, err := twin.New(o)
		if err != nil {
			t.Errorf("%s and a seed: %v", name, err)
			continue
		}
		x.Close()
	}
}

func checkSignature(t *testing.T, d delivered, key string) {
	t.Helper()
	at := int64(d.body["triggeredAt"].(float64))
	if want := hook.Sign(key, d.body["token"].(string), at); d.body["signature"] != want {
		t.Errorf("signature %s, want %s", d.body["signature"], want)
	}
}
