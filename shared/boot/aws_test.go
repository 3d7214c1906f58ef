package boot_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/shared/boot"
)

// service is an AWS endpoint that counts what is asked of it.
func service(t *testing.T, answer http.HandlerFunc) (*boot.Env, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	return environment(map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": srv.URL, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
	}), &calls
}

// The SDK's own client makes about one in a hundred of such calls twice: see
// WholeBody. It shows where there are more threads than processors.
func TestACallOnLoopbackIsMadeOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2 * runtime.NumCPU()))
	page := `{"QueueUrls":["http://q/` + strings.Repeat("x", 20_000) + `"]}`
	env, calls := service(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		io.WriteString(w, page)
	})
	client := sqs.NewFromConfig(env.AWS("SQS", boot.Working))
	const n = 1500
	for range n {
		if _, err := client.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("q")}); err != nil {
			t.Fatal(err)
		}
	}
	if got := calls.Load(); got != n {
		t.Errorf("%d calls reached the service, %d were made", got, n)
	}
}

func TestAHungServiceIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	env, calls := service(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	patience := boot.Patience{Attempt: 50 * time.Millisecond, Attempts: 2, Backoff: 10 * time.Millisecond}
	start := time.Now()
	_, err := sqs.NewFromConfig(env.AWS("SQS", patience)).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if err == nil {
		t.Fatal("a service that hangs gave an answer")
	}
	if got := calls.Load(); got != 2 {
		t.Errorf("%d attempts, want 2", got)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("given up after %v", took)
	}
}

// AWS is verified by Amazon's roots, and by the system's only where those do not
// know the certificate; here nobody does.
func TestAWSIsVerifiedByAmazonsRootsFirst(t *testing.T) {
	var lines bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
	defer slog.SetDefault(before)
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	srv.StartTLS()
	defer srv.Close()
	env := environment(map[string]string{"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": srv.URL, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
	// Reading the system's roots takes a moment where much else runs.
	patience := boot.Patience{Attempt: time.Minute, Attempts: 1}
	_, err := sqs.NewFromConfig(env.AWS("SQS", patience)).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(lines.String(), "a root that is not Amazon's") {
		t.Errorf("the system's roots came first: %s", lines.String())
	}
}

func TestSomebodyWhoWaitsIsAnsweredWithinFourSeconds(t *testing.T) {
	p := boot.Answering
	if longest := time.Duration(p.Attempts)*p.Attempt + time.Duration(p.Attempts-1)*p.Backoff; longest >= 4*time.Second {
		t.Errorf("two attempts may take %v", longest)
	}
}

type record struct {
	req *http.Request
	err error
}

func (r *record) RoundTrip(req *http.Request) (*http.Response, error) {
	r.req = req
	return nil, r.err
}

func TestWholeBodyHandsOnWhatItRead(t *testing.T) {
	errSent := errors.New("sent")
	next := &record{err: errSent}
	req, err := http.NewRequest(http.MethodPost, "http://a/", struct{ io.Reader }{strings.NewReader("body")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := boot.WholeBody(next).RoundTrip(req); !errors.Is(err, errSent) {
		t.Errorf("error %v", err)
	}
	if next.req.ContentLength != 4 {
		t.Errorf("length %d, want 4", next.req.ContentLength)
	}
	for range 2 {
		again, err := next.req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(again); err != nil || !bytes.Equal(text, []byte("body")) {
			t.Errorf("body %q, %v", text, err)
		}
	}
}
