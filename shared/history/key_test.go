package history_test

import (
	"strings"
	"testing"
	"time"

	"fulcrum/local/aws"
	"fulcrum/shared/apikey"
)

func TestARequestNeedsAKey(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		good := p.c.PartnerAPIKey
		other := strings.Map(func(r rune) rune { return r }, good[:len(good)-1]) + flip(good[len(good)-1])
		tests := map[string]struct {
			authorization string
			status        int
			body          string
		}{
			"no key":                        {"", 401, `{"message":"Unauthorized"}`},
			"a key that is valid":           {"Bearer " + good, 200, ""},
			"the scheme in small letters":   {"bearer " + good, 200, ""},
			"a key without its scheme":      {good, 403, `{"message":"Forbidden"}`},
			"another scheme":                {"Basic " + good, 403, `{"message":"Forbidden"}`},
			"a scheme without a key":        {"Bearer", 403, `{"message":"Forbidden"}`},
			"a mistyped key":                {"Bearer " + other, 403, `{"message":"Forbidden"}`},
			"two keys":                      {"Bearer " + good + " " + good, 403, `{"message":"Forbidden"}`},
			"a key in capitals":             {"Bearer " + strings.ToUpper(good), 403, `{"message":"Forbidden"}`},
			"a key with another's name":     {"Bearer " + strings.Replace(good, "joinedly", "justworks", 1), 403, `{"message":"Forbidden"}`},
			"something that is no key":      {"Bearer " + strings.Repeat("x", 8000), 403, `{"message":"Forbidden"}`},
			"a key that was made elsewhere": {"Bearer " + elsewhere(t), 403, `{"message":"Forbidden"}`},
		}
		for name, tt := range tests {
			got := p.with(tt.authorization, nil, "GET", "/v1/connections/"+p.c.ID+"/events", "")
			if got.status != tt.status || tt.body != "" && got.body != tt.body {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
	})
}

// elsewhere is a key with a right checksum that is not in the table.
func elsewhere(t *testing.T) string {
	t.Helper()
	key, err := apikey.Mint("joinedly", strings.NewReader(strings.Repeat("e", 20)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func flip(b byte) string {
	if b == '0' {
		return "1"
	}
	return "0"
}

// The table is away: what the checksum refuses is refused all the same, because
// nobody asks the table.
func TestAMadeUpKeyCostsNoRead(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.AWS.Inject(aws.Fault{Service: "dynamodb", Caller: "HubAuthorize", Status: 500, Times: 100})
		path := "/v1/connections/" + p.c.ID + "/events"
		if got := p.with("Bearer ful_joinedly_"+strings.Repeat("a", 40), nil, "GET", path, ""); got.status != 403 {
			t.Errorf("a made-up key: %d %s", got.status, got.body)
		}
		if got := p.with("Bearer "+elsewhere(t), nil, "GET", path, ""); got.status != 500 {
			t.Errorf("a key of the right form: %d %s", got.status, got.body)
		}
	})
}

func TestARevokedKeyWorksForAMinuteAtMost(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		old := p.c
		p.c.PartnerAPIKey = p.newKey("joinedly")
		for _, key := range []string{old.PartnerAPIKey, p.c.PartnerAPIKey} {
			p.with("Bearer "+key, nil, "GET", "/v1/connections/"+p.c.ID+"/events", "").into(200, nil)
		}
		known, err := apikey.Parse(old.PartnerAPIKey)
		if err != nil {
			t.Fatal(err)
		}
		var left struct{ Keys []apikey.Shown }
		if !p.operate(`{"task":"revoke","partner":"joinedly","id":"`+known.ID+`"}`, &left) || len(left.Keys) != 2 || left.Keys[0].RevokedAt == "" || left.Keys[1].RevokedAt != "" {
			t.Errorf("keys %+v", left.Keys)
		}
		time.Sleep(time.Minute)
		p.call("GET", "/events", "").into(200, nil)
		p.c = old
		p.call("GET", "/events", "").into(403, nil)
	})
}

func TestAnOperatorIsToldWhatDoesNotGo(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		p.newKey("joinedly")
		for order, want := range map[string]string{
			`{"task":"make","partner":"joinedly"}`:                 "the partner has two valid keys; revoke one first",
			`{"task":"make","partner":"../x"}`:                     `"../x" cannot be a partner's name`,
			`{"task":"make"}`:                                      `"" cannot be a partner's name`,
			`{"task":"revoke","partner":"joinedly","id":"key_no"}`: `joinedly has no key "key_no"`,
			`{"task":"burn","partner":"joinedly"}`:                 `there is no task "burn"; there are make, list and revoke`,
		} {
			var said struct{ ErrorMessage string }
			if p.operate(order, &said) || said.ErrorMessage != want {
				t.Errorf("%s: %q", order, said.ErrorMessage)
			}
		}
		var all struct{ Keys []apikey.Shown }
		if !p.operate(`{"task":"list","partner":"joinedly"}`, &all) || len(all.Keys) != 2 {
			t.Errorf("keys %+v", all.Keys)
		}
	})
}
