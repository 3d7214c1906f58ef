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
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	engine "fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/shared/boot"
)

// endpoint is one implementation under test.
type endpoint struct {
	name string
	url  string
	// through is what reaches the embedded engine; nil reaches the others.
	through http.RoundTripper
}

// services says what each foreign implementation is asked for.
var services = map[string]string{"dynamodb-local": "dynamodb", "moto": "sqs secretsmanager sesv2"}

// everywhere runs check against the embedded engine and against each foreign
// endpoint that serves the service. id is the behaviour's name, as D04. The embedded
// engine runs in virtual time, so that a second lasts a second on a machine that has
// much else to do.
func everywhere(t *testing.T, service, id string, check func(t *testing.T, e endpoint)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { check(t, embedded(t)) })
	})
	for _, e := range foreign(service) {
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

// embedded is an engine of its own, in this process.
func embedded(t *testing.T) endpoint {
	t.Helper()
	eng, err := engine.New(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := eng.Close(); err != nil {
			t.Error(err)
		}
	})
	return endpoint{name: "embedded", url: "http://aws.test", through: inproc.Hosts{"aws.test": eng}}
}

// foreign are the endpoints of CONFORMANCE that serve the service.
func foreign(service string) []endpoint {
	var all []endpoint
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
	env := boot.NewEnv(func(name string) string {
		return map[string]string{
			"AWS_REGION": engine.Region, "AWS_ENDPOINT_URL": e.url,
			"AWS_ACCESS_KEY_ID": "conformance", "AWS_SECRET_ACCESS_KEY": "conformance",
		}[name]
	})
	if e.through != nil {
		env = env.Through(e.through)
	}
	return env.AWS("", boot.Patience{Attempt: 30 * time.Second, Attempts: 1})
}

func background(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(stop)
	return ctx
}
