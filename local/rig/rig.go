// Package rig is the bundle's surroundings for tests, in this process and
// without sockets, so that everything runs in virtual time: the embedded AWS
// with what template.yaml asks for, and the environment that each function has
// by the template.
package rig

import (
	"maps"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/local/aws"
	"fulcrum/local/iam"
	"fulcrum/local/inproc"
	"fulcrum/local/provision"
	"fulcrum/local/template"
	"fulcrum/shared/boot"
)

// StackName is the name of the stack in tests.
const StackName = "fulcrum"

// Public is the gateway's address in links that people open.
const Public = "https://gateway.test"

// ReturnAddresses is where the partners' customers may go back to after set-up.
const ReturnAddresses = "joinedly=https://joinedly.test/integrations/ justworks=https://justworks.test/lever"

const awsHost = "aws.test"

// Rig is one stack.
type Rig struct {
	AWS *aws.Engine
	// Hosts are the hosts that functions reach. Tests add Lever and partners.
	Hosts inproc.Hosts
	// Wiring is what the template runs, and what calls it.
	Wiring template.Wiring
	// Clients are those of the stack's AWS.
	Clients provision.Clients

	book    iam.Book // what functions have called
	hostile bool
}

// New makes an empty stack. In a synctest bubble it belongs to the bubble.
func New(t testing.TB, o aws.Options) *Rig {
	t.Helper()
	r := &Rig{hostile: o.Mood != nil}
	o.Observe = r.watch(o.Observe)
	engine, err := aws.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	r.AWS, r.Hosts = engine, inproc.Hosts{awsHost: engine}
	env := r.env("test", nil)
	patience := boot.Patience{Attempt: time.Minute, Attempts: 1}
	r.Clients = provision.Clients{
		DynamoDB: dynamodb.NewFromConfig(env.AWS("DYNAMODB", patience)),
		SQS:      sqs.NewFromConfig(env.AWS("SQS", patience)),
		Secrets:  secretsmanager.NewFromConfig(env.AWS("SECRETS_MANAGER", patience)),
		Mail:     sesv2.NewFromConfig(env.AWS("SESV2", patience)),
	}
	r.provision(t)
	return r
}

// written is template.yaml, read once for all stacks of a process: nothing changes it.
var written = sync.OnceValues(func() (*template.Template, error) { return template.Read(Root("template.yaml")) })

func (r *Rig) provision(t testing.TB) {
	t.Helper()
	read, err := written()
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.NewStack(read, template.Settings{
		StackName: StackName, Region: aws.Region, Account: aws.Account,
		Parameters: map[string]string{"LeverUrl": Lever, "MailFrom": provision.MailFrom, "PublicUrl": Public, "ReturnAddresses": ReturnAddresses},
	})
	if err != nil {
		t.Fatal(err)
	}
	values, err := provision.Up(t.Context(), stack, r.Clients)
	if err != nil {
		t.Fatal(err)
	}
	r.holdRoles(t, stack, values)
	if err := r.Clients.Sender(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.Wiring, err = stack.Wiring(values); err != nil {
		t.Fatal(err)
	}
}

// Env is the environment that the template gives a function, by its logical id. What
// is called with it counts as the test's own calls, not as the function's.
func (r *Rig) Env(t testing.TB, function string) *boot.Env {
	t.Helper()
	return r.env("test", r.variables(t, function))
}

func (r *Rig) variables(t testing.TB, function string) map[string]string {
	t.Helper()
	for _, f := range r.Wiring.Functions {
		if f.ID == function {
			return f.Environment
		}
	}
	t.Fatalf("the template has no function %s", function)
	return nil
}

func (r *Rig) env(caller string, variables map[string]string) *boot.Env {
	common := map[string]string{
		"AWS_REGION": aws.Region, "AWS_ENDPOINT_URL": "http://" + awsHost,
		"AWS_ACCESS_KEY_ID": caller, "AWS_SECRET_ACCESS_KEY": "local",
	}
	return boot.NewEnv(func(name string) string {
		if v, ok := variables[name]; ok {
			return v
		}
		return common[name]
	}).Through(r)
}

// Reads are the names that a function reads of its environment when it starts,
// beside those that Lambda sets.
func (r *Rig) Reads(t testing.TB, function string) []string {
	t.Helper()
	wire, ok := wires()[function]
	if !ok {
		t.Fatalf("nothing here wires %s", function)
	}
	names := map[string]bool{}
	variables := r.variables(t, function)
	env := boot.NewEnv(func(name string) string {
		if !strings.HasPrefix(name, "AWS_") {
			names[name] = true
		}
		return variables[name]
	}).Through(r)
	wire(env)
	return slices.Sorted(maps.Keys(names))
}

// RoundTrip reaches Hosts, those added later too.
func (r *Rig) RoundTrip(req *http.Request) (*http.Response, error) { return r.Hosts.RoundTrip(req) }

// Root is a path below the root of the project, wherever a test runs.
func Root(path string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", path)
}
