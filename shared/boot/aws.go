package boot

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"fulcrum/shared/trust"
)

// Patience is how long a client of AWS tries. The SDK has no time-out for one
// attempt, so a hung connection would use up the whole event without it.
type Patience struct {
	Attempt  time.Duration // one attempt, answer read
	Attempts int           // all attempts of one call
	Backoff  time.Duration // the longest pause between two attempts
}

var (
	// Working is the patience of a function that works off a queue.
	Working = Patience{Attempt: 5 * time.Second, Attempts: 4, Backoff: 2 * time.Second}
	// Answering is the patience of a function for whose answer somebody waits:
	// two attempts end well within 4 seconds.
	Answering = Patience{Attempt: 1500 * time.Millisecond, Attempts: 2, Backoff: 100 * time.Millisecond}
)

// AWS is the configuration for one service's client; service is the name that
// AWS_ENDPOINT_URL_<service> ends with ("DYNAMODB", "SQS", "SECRETS_MANAGER").
// It is made by hand because the SDK's loader costs a cold start 2 MB of binary
// and a millisecond, for sources of credentials that Lambda does not have.
func (e *Env) AWS(service string, p Patience) aws.Config {
	cfg := aws.Config{
		Region: e.Need("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     e.getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: e.getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken:    e.getenv("AWS_SESSION_TOKEN"),
				Source:          "environment",
			}, nil
		}),
		HTTPClient: newHTTPClient(e.toAWS(), p.Attempt),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = p.Attempts, p.Backoff
			})
		},
	}
	for _, name := range []string{"AWS_ENDPOINT_URL_" + strings.ToUpper(service), "AWS_ENDPOINT_URL"} {
		if url := e.getenv(name); url != "" {
			cfg.BaseEndpoint = aws.String(url)
			break
		}
	}
	return cfg
}

// newHTTPClient is the HTTP client of every AWS client here. attempt bounds one
// exchange.
func newHTTPClient(transport http.RoundTripper, attempt time.Duration) *http.Client {
	return &http.Client{
		Timeout:       attempt,
		Transport:     WholeBody(transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// toAWS is what calls to AWS go through.
func (e *Env) toAWS() http.RoundTripper {
	if e.transport != nil {
		return e.transport
	}
	return trust.Transport(newTransport(), trust.Amazon())
}

// newTransport goes to the network, and through no proxy whatever the environment
// says.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
	}
}

// WholeBody hands next the request's body as one piece of memory. The SDK wraps
// bodies in a type that it closes as soon as an answer arrives; net/http then
// takes its own last read for a failed write and cuts the connection under the
// answer, and the SDK repeats a call that was applied. It shows on loopback,
// where an answer can overtake that read.
func WholeBody(next http.RoundTripper) http.RoundTripper { return wholeBody{next} }

type wholeBody struct{ next http.RoundTripper }

func (w wholeBody) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return w.next.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if closeErr := req.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	out := req.WithContext(req.Context()) // a copy of its own, headers shared
	out.ContentLength = int64(len(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	if out.Body, err = out.GetBody(); err != nil {
		return nil, err
	}
	return w.next.RoundTrip(out)
}
