// Package trust verifies AWS by Amazon's five roots of trust instead of the
// system's hundred and fifty. Reading those is the dearest part of a cold start of a
// function that talks to nobody but AWS, as those that take webhooks do; they are
// read only if AWS shows a certificate of another root.
//
// The roots are those of Amazon Trust Services (https://www.amazontrust.com/repository/),
// as Debian's ca-certificates has them.
package trust

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
)

//go:embed amazon.pem
var amazon []byte

// Amazon are Amazon's roots.
func Amazon() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(amazon)
	return pool
}

// Transport verifies by roots, and by those of base once a server shows a
// certificate that none of them has signed. Whatever else is wrong with a
// certificate stays an error.
func Transport(base *http.Transport, roots *x509.CertPool) http.RoundTripper {
	few := base.Clone()
	if few.TLSClientConfig == nil {
		few.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	few.TLSClientConfig.RootCAs = roots
	return &transport{few: few, full: base}
}

type transport struct {
	few, full *http.Transport
	fell      atomic.Bool
}

// RoundTrip makes one exchange. A connection that was not verified has carried
// nothing, so that the request can be sent again.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.fell.Load() {
		return t.full.RoundTrip(req)
	}
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return nil, errors.New("a body that cannot be read twice")
	}
	res, err := t.few.RoundTrip(req)
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		return res, err
	}
	t.fall(req.Context(), req.URL.Hostname())
	again, err := copyOf(req)
	if err != nil {
		return nil, err
	}
	return t.full.RoundTrip(again)
}

func (t *transport) fall(ctx context.Context, host string) {
	if !t.fell.Swap(true) {
		slog.WarnContext(ctx, "a root that is not Amazon's; the system's are used from now on", "host", host)
	}
}

// copyOf is the request once more, with a body of its own: a transport closes the
// body that it was given, also if it sent none of it.
func copyOf(req *http.Request) (*http.Request, error) {
	again := req.Clone(req.Context())
	if req.GetBody == nil {
		return again, nil
	}
	var err error
	again.Body, err = req.GetBody()
	return again, err
}
