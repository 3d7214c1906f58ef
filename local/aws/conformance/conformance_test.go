// Package conformance holds the embedded AWS against other implementations: the
// same checks run against it, and against every endpoint named in
//
//	CONFORMANCE=dynamodb-local=http://127.0.0.1:8000,moto=http://127.0.0.1:5000
//
// (make conformance starts what is installed and sets it). A check that a
// foreign endpoint is known to fail is listed in expectedFailures with what it
// does instead, and is run all the same: a change either way fails the run.
package conformance

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	engine "fulcrum/local/aws"
	"fulcrum/shared/boot"
)

// endpoint is one implementation under test.
type endpoint struct {
	name string
	url  string
}

// services says what each foreign implementation is asked for.
var services = map[string]string{"dynamodb-local": "dynamodb", "moto": "sqs secretsmanager sesv2"}

// everywhere runs check against the embedded engine and against each foreign
// endpoint that serves the service. id is the behaviour's name, as D04.
func everywhere(t *testing.T, service, id string, check func(t *testing.T, e endpoint)) {
	t.Helper()
	for _, e := range endpoints(t, service) {
		t.Run(e.name, func(t *testing.T) {
			if slices.Contains(notAsked[e.name], id) {
				t.Skip("not asked: its answer differs from run to run")
			}
			instead, fails := expectedFailures[e.name][id]
			if !fails || os.Getenv("CONFORMANCE_CHILD") != "" {
				check(t, e)
				return
			}
			expectFailure(t, instead)
		})
	}
}

// expectFailure runs this check once more in a process of its own, where it may
// fail without failing here, and fails when it passes.
func expectFailure(t *testing.T, instead string) {
	t.Helper()
	name := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+name, "-test.timeout=2m")
	child.Env = append(os.Environ(), "CONFORMANCE_CHILD=1")
	if out, err := child.CombinedOutput(); err == nil {
		t.Errorf("it passes now; expectedFailures says: %s\n%s", instead, out)
		return
	}
	t.Skipf("fails as expected: %s", instead)
}

func endpoints(t *testing.T, service string) []endpoint {
	t.Helper()
	eng, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(eng)
	t.Cleanup(func() { srv.Close(); eng.Close() })
	all := []endpoint{{name: "embedded", url: srv.URL}}
	for _, pair := range strings.Split(os.Getenv("CONFORMANCE"), ",") {
		name, url, ok := strings.Cut(pair, "=")
		if ok && strings.Contains(services[name], service) {
			all = append(all, endpoint{name: name, url: url})
		}
	}
	return all
}

// config is an SDK configuration for the endpoint, of the kind that every
// function has.
func (e endpoint) config() aws.Config {
	return boot.NewEnv(func(name string) string {
		return map[string]string{
			"AWS_REGION": engine.Region, "AWS_ENDPOINT_URL": e.url,
			"AWS_ACCESS_KEY_ID": "conformance", "AWS_SECRET_ACCESS_KEY": "conformance",
		}[name]
	}).AWS("", boot.Patience{Attempt: 30 * time.Second, Attempts: 1})
}

func background(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(stop)
	return ctx
}
