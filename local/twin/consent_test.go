package twin_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/oauth"
)

const callback = "https://partner.example/callback"

// partner registers an app with the scopes.
func (r *rig) partner(scopes ...string) oauth.App {
	r.t.Helper()
	app, err := r.twin.RegisterApp(oauth.App{Name: "Partner", Callbacks: []string{callback}, Scopes: scopes})
	if err != nil {
		r.t.Fatal(err)
	}
	return app
}

// ask is the authorization request of the app.
func ask(app oauth.App, scope string) url.Values {
	return url.Values{
		"client_id": {app.ClientID}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"s t"},
		"audience": {"http://lever.test/v1/"}, "scope": {scope},
	}
}

// decide drives the consent page and answers where it redirects to.
func (r *rig) decide(q url.Values, account, decision string) url.Values {
	r.t.Helper()
	q.Set("account", account)
	q.Set("decision", decision)
	got := r.send("GET", "http://lever.test/authorize?"+q.Encode(), nil, nil).must(http.StatusFound)
	to, err := url.Parse(got.header.Get("Location"))
	if err != nil {
		r.t.Fatal(err)
	}
	if !strings.HasPrefix(to.String(), callback+"?") {
		r.t.Fatalf("redirected to %s", to)
	}
	return to.Query()
}

func (r *rig) token(form url.Values) reply {
	r.t.Helper()
	return r.send(
		"POST", "http://lever.test/oauth/token", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		strings.NewReader(form.Encode()),
	)
}

// connect goes all the way and answers the tokens.
func (r *rig) connect(app oauth.App, scope string) reply {
	r.t.Helper()
	code := r.decide(ask(app, scope), r.home.Account, "accept").Get("code")
	return r.token(
		url.Values{
			"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
			"code": {code}, "redirect_uri": {callback},
		},
	).must(200)
}

func (r *rig) refresh(app oauth.App, token string) reply {
	r.t.Helper()
	return r.token(
		url.Values{
			"grant_type": {"refresh_token"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
			"refresh_token": {token},
		},
	)
}

func TestAnAppConnectsAndReadsWhatItsScopesAllow(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		app := r.partner()
		tokens := r.connect(app, "offline_access opportunities:write:admin stages:read:admin")
		tokens.want(
			obj{"token_type": "Bearer", "expires_in": 3600, "scope": "offline_access opportunities:write:admin stages:read:admin"},
		)
		part := strings.Split(tokens.text("access_token"), ".")
		payload, err := base64.RawURLEncoding.DecodeString(part[1])
		if err != nil {
			t.Fatal(err)
		}
		var claims obj
		if err := json.Unmarshal(payload, &claims); err != nil {
			t.Fatal(err)
		}
		wanted := obj{
			"https://oauth.lever.co/accountId": r.home.Account, "https://oauth.lever.co/userId": r.boss(),
			"https://oauth.lever.co/clientId": app.ClientID,
			"iss":                             "https://auth.lever.co/", "aud": "http://lever.test/v1/",
			"iat": float64(time.Now().Unix()),
			"exp": float64(time.Now().Unix() + 3600),
		}
		for claim, want := range wanted {
			if claims[claim] != want {
				t.Errorf("claim %s = %v, want %v", claim, claims[claim], want)
			}
		}
		r.auth = "Bearer " + tokens.text("access_token")
		c := r.candidate(desk.Candidate{Name: "x"})
		for path, status := range map[string]int{
			"/opportunities": 200, "/opportunities/" + c.OpportunityID: 200, "/stages": 200, "/users": 403,
			"/opportunities/" + c.OpportunityID + "/notes": 403,
		} {
			if got := r.api("GET", path, nil); got.status != status {
				t.Errorf("%s: %d, want %d", path, got.status, status)
			}
		}
		r.api("POST", "/opportunities/"+c.OpportunityID+"/addTags", obj{"tags": []string{"x"}}).must(200)
		time.Sleep(time.Hour)
		r.api("GET", "/stages", nil).must(401)
		r.auth = "Bearer " + r.refresh(app, tokens.text("refresh_token")).must(200).text("access_token")
		r.api("GET", "/stages", nil).must(200)
		r.ctl("POST", "/expire-tokens", nil).must(204)
		r.api("GET", "/stages", nil).must(401)
		r.ctl("GET", "", nil).want(
			obj{"authorizedApps.0.app": "Partner", "authorizedApps.0.clientId": app.ClientID, "authorizedApps.0.scopes.#": 3},
		)
		if got := r.ctl("GET", "/requests", nil); got.text("0.credential") != app.ClientID {
			t.Errorf("recorded as %s", got.text("0.credential"))
		}
	})
}

func TestConfidentialObjectsNeedTheirScope(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		app := r.partner()
		c := r.candidate(desk.Candidate{Name: "x"})
		r.ctl("PUT", "/opportunities/"+c.OpportunityID, obj{"confidential": true}).must(200)
		for scope, status := range map[string]int{
			"opportunities:read:admin": 403, "opportunities:read:admin confidential:access:admin": 200,
		} {
			r.auth = "Bearer " + r.connect(app, scope).text("access_token")
			r.api("GET", "/opportunities/"+c.OpportunityID, nil).must(status)
		}
	})
}

func TestTheBucketOfAnAppIsItsAccounts(t *testing.T) {
	inBubble(t, twin.Options{Rate: 10, Burst: 20}, func(t *testing.T, r *rig) {
		app := r.partner()
		first, second := r.connect(app, "stages:read:admin"), r.connect(app, "stages:read:admin")
		ok := 0
		for i := range 40 {
			r.auth = "Bearer " + []reply{first, second}[i%2].text("access_token")
			if r.api("GET", "/stages", nil).status == 200 {
				ok++
			}
		}
		if ok != 20 {
			t.Errorf("%d calls with two tokens of one account, want 20", ok)
		}
	})
}

func TestRevokingEndsEverything(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		app := r.partner()
		tokens := r.connect(app, "offline_access stages:read:admin")
		r.auth = "Bearer " + tokens.text("access_token")
		r.api("GET", "/stages", nil).must(200)
		r.ctl("POST", "/revoke", obj{"clientId": "another"}).must(200).want(obj{"revoked": 0})
		r.ctl("POST", "/revoke", nil).must(200).want(obj{"revoked": 1})
		r.api("GET", "/stages", nil).must(401)
		r.refresh(app, tokens.text("refresh_token")).must(403).want(obj{"error": "invalid_grant"})
		r.ctl("GET", "", nil).want(obj{"authorizedApps": []any{}})
		r.auth = "Bearer " + r.connect(app, "stages:read:admin").text("access_token")
		r.api("GET", "/stages", nil).must(200)
	})
}

func TestTheConsentPageCanBeClicked(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		app := r.partner()
		q := ask(app, "offline_access stages:read:admin")
		page := r.send("GET", "http://lever.test/authorize?"+q.Encode(), nil, nil).must(200)
		for _, want := range []string{
			"Partner wants access", "<code>stages:read:admin</code>", `name="state" value="s t"`, ">Acme</option>",
			`value="accept"`, `value="deny"`,
		} {
			if !strings.Contains(string(page.raw), want) {
				t.Errorf("no %s in %s", want, page.raw)
			}
		}
		form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		q.Set("account", r.home.Account)
		q.Set("decision", "accept")
		got := r.send("POST", "http://lever.test/authorize", form, io.Reader(strings.NewReader(q.Encode()))).must(302)
		to, err := url.Parse(got.header.Get("Location"))
		if err != nil || to.Query().Get("state") != "s t" || to.Query().Get("code") == "" {
			t.Errorf("to %v (%v)", to, err)
		}
		q.Del("decision")
		r.send("GET", "http://lever.test/authorize?"+q.Encode(), nil, nil).must(302)
		q.Set("scope", "offline_access stages:read:admin users:read:admin")
		r.send("GET", "http://lever.test/authorize?"+q.Encode(), nil, nil).must(200)
		r.ctl("POST", "/revoke", nil).must(200)
		q.Set("scope", "stages:read:admin")
		r.send("GET", "http://lever.test/authorize?"+q.Encode(), nil, nil).must(200)
	})
}
