package frame_test

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/frame"
)

func TestABrowserIsKnownByItsCookie(t *testing.T) {
	b := frame.Browser{Name: "connect", Secret: "s3cret", TLS: true}
	cookie := b.Cookie(time.Hour)
	for _, part := range []string{"__Host-fulcrum-connect=s3cret", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie has no %s: %s", part, cookie)
		}
	}
	if strings.Contains(cookie, "Domain") || strings.Contains(frame.Browser{Name: "connect", Secret: "x"}.Cookie(time.Hour), "__Host-") {
		t.Errorf("cookie %s", cookie)
	}
	if got := frame.BrowserOf("connect", []string{"other=1", "__Host-fulcrum-connect=s3cret"}, true); got != b {
		t.Errorf("read %+v", got)
	}
	// Without TLS another page could have set the cookie of the other name.
	if got := frame.BrowserOf("connect", []string{"fulcrum-connect=s3cret"}, true); got.Secret != "" {
		t.Errorf("read %+v", got)
	}
	if b.CSRF() == (frame.Browser{Secret: "other"}).CSRF() || strings.Contains(b.CSRF(), "s3cret") {
		t.Errorf("token %s", b.CSRF())
	}
}

func TestAFormCountsOnlyFromAPageOfOurs(t *testing.T) {
	const base = "https://gateway.test"
	b := frame.Browser{Name: "console", Secret: "s3cret", TLS: true}
	good := url.Values{"csrf": {b.CSRF()}, "name": {"Ada & Bob"}}.Encode()
	tests := map[string]struct {
		browser frame.Browser
		body    string
		headers map[string]string
		forged  bool
	}{
		"from its own page":                  {browser: b, body: good, headers: map[string]string{"origin": base, "sec-fetch-site": "same-origin"}},
		"from a browser that says nothing":   {browser: b, body: good},
		"from another site":                  {browser: b, body: good, headers: map[string]string{"origin": "https://evil.test"}, forged: true},
		"from another host of the same site": {browser: b, body: good, headers: map[string]string{"sec-fetch-site": "same-site"}, forged: true},
		"from a page whose origin is hidden": {browser: b, body: good, headers: map[string]string{"origin": "null"}, forged: true},
		"without a token":                    {browser: b, body: "name=x", forged: true},
		"with another browser's token":       {browser: frame.Browser{Secret: "other"}, body: good, forged: true},
		"of a browser that has no cookie":    {body: url.Values{"csrf": {frame.Browser{}.CSRF()}}.Encode(), forged: true},
		"that is no form":                    {browser: b, body: "%zz", forged: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, encoded := range []bool{false, true} {
				e := events.APIGatewayV2HTTPRequest{Body: tt.body, Headers: tt.headers, IsBase64Encoded: encoded}
				if encoded {
					e.Body = base64.StdEncoding.EncodeToString([]byte(tt.body))
				}
				form, err := tt.browser.Form(e, base)
				if errors.Is(err, frame.ErrForged) != tt.forged || !tt.forged && form.Get("name") != "Ada & Bob" {
					t.Errorf("%v, %v", form, err)
				}
			}
		})
	}
	if _, err := b.Form(events.APIGatewayV2HTTPRequest{Body: "%", IsBase64Encoded: true}, base); !errors.Is(err, frame.ErrForged) {
		t.Error(err)
	}
}

func TestTheBaseIsWhatWasCalledUnlessItIsGiven(t *testing.T) {
	e := events.APIGatewayV2HTTPRequest{Headers: map[string]string{"x-forwarded-proto": "http"}}
	e.RequestContext.DomainName = "127.0.0.1:3000"
	if got := frame.Base(e, ""); got != "http://127.0.0.1:3000" {
		t.Error(got)
	}
	e.Headers = nil
	if got := frame.Base(e, ""); got != "https://127.0.0.1:3000" {
		t.Error(got)
	}
	if got := frame.Base(e, "https://bundle.example"); got != "https://bundle.example" {
		t.Error(got)
	}
}
