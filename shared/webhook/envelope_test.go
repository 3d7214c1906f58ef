package webhook

import (
	"strings"
	"testing"
	"time"

	"fulcrum/shared/lever"
)

// Lever publishes no key with its samples, so these vectors were computed from
// its description, by hand and by two other programs.
func TestSignatureVectors(t *testing.T) {
	tests := map[string]struct{ key, token, triggeredAt, signature string }{
		"the sample of a stage change": {
			key: "0123456789abcdef0123456789abcdef0123456789abcdef", token: "be58f711f349c7780e4579cd7c63341ac6f881e4dccc3154",
			triggeredAt: "1431454330072", signature: "65f4216d1725a5c4cadf3eb52db61cf370ffc1fd2e1b4ee6e2dc40d32ffb1d7d",
		},
		"the sample of a connection test": {
			key: "73311aed32110cc40e00c672c2e03e1a42fa28a4fabde089", token: "657fd5a0759c87d35660b096dbc388d1d31058869f08ce3f",
			triggeredAt: "1431458021951", signature: "53306e23facaf38b77aa567d71c3e0e5975f230b434b3c04053744235882836e",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := envelope{token: tt.token, triggeredAt: tt.triggeredAt, signature: tt.signature}
			if _, ok := e.signed([]string{"another key", tt.key}); !ok {
				t.Error("the signature is refused")
			}
			if _, ok := e.signed([]string{"another key"}); ok {
				t.Error("the signature of another key is taken")
			}
			e.signature = strings.ToUpper(tt.signature)
			if _, ok := e.signed([]string{tt.key}); ok {
				t.Error("a signature in upper case is taken")
			}
			e.signature = tt.signature[:62]
			if _, ok := e.signed([]string{tt.key}); ok {
				t.Error("a part of the signature is taken")
			}
		})
	}
}

const (
	goodToken = `"token":"be58f711f349c7780e4579cd7c63341ac6f881e4dccc3154"`
	goodTime  = `"triggeredAt":1431454330072`
	goodEvent = `"event":"candidateHired"`
	goodData  = `"data":{"opportunityId":"o-1"}`
)

func body(members ...string) string { return "{" + strings.Join(members, ",") + "}" }

func nested(levels int) string {
	return body(goodToken, goodTime, goodEvent, goodData, `"x":`+strings.Repeat("[", levels)+strings.Repeat("]", levels))
}

func TestWhatIsADelivery(t *testing.T) {
	tests := map[string]struct {
		body string
		ok   bool
	}{
		"what Lever documents":                     {body(goodToken, goodTime, goodEvent, goodData), true},
		"members that nobody knows yet":            {body(goodToken, goodTime, goodEvent, goodData, `"more":[{"a":null}]`), true},
		"white space":                              {" \n" + body(goodToken, goodTime, goodEvent, goodData) + "\n", true},
		"empty data":                               {body(goodToken, goodTime, goodEvent, `"data":{}`), true},
		"an event that nobody knows":               {body(goodToken, goodTime, `"event":"offerSigned"`, goodData), true},
		"nothing":                                  {"", false},
		"null":                                     {"null", false},
		"a list":                                   {"[" + body(goodToken, goodTime, goodEvent, goodData) + "]", false},
		"a text":                                   {`"delivery"`, false},
		"an empty object":                          {"{}", false},
		"two objects":                              {body(goodToken, goodTime, goodEvent, goodData) + "{}", false},
		"an object that does not end":              {"{" + goodToken, false},
		"a form instead of JSON":                   {"token=a&triggeredAt=1", false},
		"no token":                                 {body(goodTime, goodEvent, goodData), false},
		"no time":                                  {body(goodToken, goodEvent, goodData), false},
		"no event":                                 {body(goodToken, goodTime, goodData), false},
		"no data":                                  {body(goodToken, goodTime, goodEvent), false},
		"data that is null":                        {body(goodToken, goodTime, goodEvent, `"data":null`), false},
		"data that is a list":                      {body(goodToken, goodTime, goodEvent, `"data":[]`), false},
		"data that is a text":                      {body(goodToken, goodTime, goodEvent, `"data":"x"`), false},
		"an event that is a number":                {body(goodToken, goodTime, `"event":1`, goodData), false},
		"a token that is a number":                 {body(`"token":1234567890123456`, goodTime, goodEvent, goodData), false},
		"a token that is short":                    {body(`"token":"abcdef012345678"`, goodTime, goodEvent, goodData), false},
		"a token that is long":                     {body(`"token":"`+strings.Repeat("a", 129)+`"`, goodTime, goodEvent, goodData), false},
		"a token with a hyphen":                    {body(`"token":"be58f711-f349c7780e4579cd"`, goodTime, goodEvent, goodData), false},
		"a time of 12 digits":                      {body(goodToken, `"triggeredAt":143145433007`, goodEvent, goodData), false},
		"a time of 14 digits":                      {body(goodToken, `"triggeredAt":14314543300721`, goodEvent, goodData), false},
		"a time in text":                           {body(goodToken, `"triggeredAt":"1431454330072"`, goodEvent, goodData), false},
		"a time with an exponent":                  {body(goodToken, `"triggeredAt":1.431454330e12`, goodEvent, goodData), false},
		"a time with a fraction":                   {body(goodToken, `"triggeredAt":14314543300.7`, goodEvent, goodData), false},
		"a negative time":                          {body(goodToken, `"triggeredAt":-143145433007`, goodEvent, goodData), false},
		"a name twice":                             {body(goodToken, goodToken, goodTime, goodEvent, goodData), false},
		"a name twice in another case":             {body(goodToken, `"TOKEN":"x"`, goodTime, goodEvent, goodData), false},
		"a name twice with a Kelvin sign":          {body(goodToken, "\"to\u212aen\":\"x\"", goodTime, goodEvent, goodData), false},
		"a name twice with a long s":               {body(goodToken, goodTime, goodEvent, goodData, `"signature":"x"`, "\"\u017fignature\":\"x\""), false},
		"a name twice behind an escape":            {body(goodToken, `"\u0074oken":"x"`, goodTime, goodEvent, goodData), false},
		"a name twice within data":                 {body(goodToken, goodTime, goodEvent, `"data":{"opportunityId":"a","OpportunityId":"b"}`), false},
		"a name twice within a list":               {body(goodToken, goodTime, goodEvent, goodData, `"x":[{"a":1,"a":2}]`), false},
		"a name in another case":                   {body(strings.Replace(goodToken, "token", "Token", 1), goodTime, goodEvent, goodData), false},
		"as deep as is allowed":                    {nested(maxDepth - 1), true},
		"one level deeper":                         {nested(maxDepth), false},
		"a comma too many":                         {"{" + goodToken + ",}", false},
		"a byte order mark":                        {"\ufeff" + body(goodToken, goodTime, goodEvent, goodData), false},
		"a text with a byte that is no UTF-8":      {body(goodToken, goodTime, goodEvent, goodData, "\"x\":\"\xff\""), true},
		"a NUL between members":                    {"{" + goodToken + "\x00}", false},
		"a comment":                                {"{/**/" + goodToken + "}", false},
		"a number that JSON does not have":         {body(goodToken, goodTime, goodEvent, goodData, `"x":NaN`), false},
		"a time with a plus":                       {body(goodToken, `"triggeredAt":+143145433007`, goodEvent, goodData), false},
		"a time with a leading zero":               {body(goodToken, `"triggeredAt":0143145433007`, goodEvent, goodData), false},
		"data with a name that repeats another's":  {body(goodToken, goodTime, goodEvent, `"data":{"token":"x"}`), true},
		"a name that only differs by white space":  {body(goodToken, `"token ":"x"`, goodTime, goodEvent, goodData), true},
		"an event name as long as the body allows": {body(goodToken, goodTime, `"event":"`+strings.Repeat("e", 100_000)+`"`, goodData), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := parse([]byte(tt.body)); (err == nil) != tt.ok {
				t.Errorf("parse: %v", err)
			}
		})
	}
}

func TestHintsAreIDsOrNothing(t *testing.T) {
	tests := map[string]struct {
		data string
		want lever.IDs
	}{
		"all that Lever names":           {`{"opportunityId":"o","contactId":"c","applicationId":"a","interviewId":"i","panelId":"p"}`, lever.IDs{Opportunity: "o", Contact: "c", Application: "a", Interview: "i", Panel: "p"}},
		"the older name alone":           {`{"candidateId":"o"}`, lever.IDs{Opportunity: "o"}},
		"the older name beside":          {`{"candidateId":"x","opportunityId":"o"}`, lever.IDs{Opportunity: "o"}},
		"an id that climbs":              {`{"opportunityId":"../users"}`, lever.IDs{}},
		"an id with a query":             {`{"opportunityId":"o?expand=contact"}`, lever.IDs{}},
		"an id that is escaped":          {`{"opportunityId":"o%2f"}`, lever.IDs{}},
		"an id that is empty":            {`{"opportunityId":""}`, lever.IDs{}},
		"an id that is too long":         {`{"opportunityId":"` + strings.Repeat("o", 65) + `"}`, lever.IDs{}},
		"an id that is an object":        {`{"opportunityId":{"$ne":null}}`, lever.IDs{}},
		"a bad id beside its older name": {`{"opportunityId":"..","candidateId":"o"}`, lever.IDs{Opportunity: "o"}},
		"names of people are not taken":  {`{"name":"Ada","email":"ada@example.com"}`, lever.IDs{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e, err := parse([]byte(body(goodToken, goodTime, goodEvent, `"data":`+tt.data)))
			if err != nil {
				t.Fatal(err)
			}
			if e.ids != tt.want {
				t.Errorf("ids %+v, want %+v", e.ids, tt.want)
			}
		})
	}
}

func TestTheWindow(t *testing.T) {
	e := envelope{triggeredAt: "1431454330072"}
	at := time.UnixMilli(1431454330072)
	tests := map[string]struct {
		now  time.Time
		want bool
	}{
		"at once":                          {at, true},
		"a rerun two weeks later":          {at.Add(14 * 24 * time.Hour), true},
		"at the end of the window":         {at.Add(windowBehind), true},
		"a second after its end":           {at.Add(windowBehind + time.Second), false},
		"Lever's clock five minutes ahead": {at.Add(-windowAhead), true},
		"Lever's clock further ahead":      {at.Add(-windowAhead - time.Second), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := e.timely(tt.now); got != tt.want {
				t.Errorf("timely = %v", got)
			}
		})
	}
}
