package frame

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Browser is the cookie by which a browser is known again.
type Browser struct {
	// Name tells the pages apart that have cookies.
	Name string
	// Secret is the cookie's value, empty where there is none.
	Secret string
	// TLS says whether the gateway is reached by https, which it is wherever it is
	// deployed.
	TLS bool
}

// cookie is the cookie's name. The prefix keeps other hosts of our domain from
// setting it.
func (b Browser) cookie() string {
	if b.TLS {
		return "__Host-fulcrum-" + b.Name
	}
	return "fulcrum-" + b.Name
}

// BrowserOf reads the cookie of that name.
func BrowserOf(name string, cookies []string, tls bool) Browser {
	b := Browser{Name: name, TLS: tls}
	for _, c := range cookies {
		if secret, ok := strings.CutPrefix(c, b.cookie()+"="); ok {
			b.Secret = secret
		}
	}
	return b
}

// Cookie is what sets the cookie for a while, or takes it away where the secret is
// empty. Lax lets it come along when a link, or Lever, leads the browser here.
func (b Browser) Cookie(life time.Duration) string {
	cookie := http.Cookie{
		Name: b.cookie(), Value: b.Secret, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: b.TLS,
	}
	if b.Secret == "" {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

// CSRF is the token of the browser's forms: who cannot read the cookie cannot make
// it, and who cannot set the cookie cannot choose it.
func (b Browser) CSRF() string {
	sum := sha256.Sum256([]byte("fulcrum form\x00" + b.Secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ErrForged says that a form was not sent from a page of ours.
var ErrForged = errors.New("the form was not sent from this page")

// Form reads a form that one of our pages sent, base being the address under which
// they are reached. It fails with ErrForged for one that another site had the
// browser send.
func (b Browser) Form(e events.APIGatewayV2HTTPRequest, base string) (url.Values, error) {
	form, err := FormOf(e, base)
	if err != nil || b.Secret == "" {
		return nil, ErrForged
	}
	if subtle.ConstantTimeCompare([]byte(form.Get("csrf")), []byte(b.CSRF())) != 1 {
		return nil, ErrForged
	}
	return form, nil
}

// FormOf reads a form of a browser that has no cookie yet. Where it comes from is
// what the browser says.
func FormOf(e events.APIGatewayV2HTTPRequest, base string) (url.Values, error) {
	body := e.Body
	if e.IsBase64Encoded {
		text, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, ErrForged
		}
		body = string(text)
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, ErrForged
	}
	if origin := e.Headers["origin"]; origin != "" && origin != base {
		return nil, ErrForged
	}
	if site := e.Headers["sec-fetch-site"]; site != "" && site != "same-origin" && site != "none" {
		return nil, ErrForged
	}
	return form, nil
}

// Base is the address under which the gateway was reached, with no slash at its
// end: public, or where that is empty the one that was called. API Gateway takes
// requests only for its own names, so that one is one of them.
func Base(e events.APIGatewayV2HTTPRequest, public string) string {
	if public != "" {
		return public
	}
	if e.Headers["x-forwarded-proto"] == "http" {
		return "http://" + e.RequestContext.DomainName
	}
	return "https://" + e.RequestContext.DomainName
}
