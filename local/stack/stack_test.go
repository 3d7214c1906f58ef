package stack_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/stack"
	"fulcrum/local/twin/desk"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// bundle is a running stack and its Joinedly customer.
type bundle struct {
	*stack.Stack
	*testing.T
	c   seed.Connection
	log *rig.Lines
}

// up runs the bundle with its real binaries.
func up(t *testing.T) bundle {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs every function")
	}
	log := &rig.Lines{}
	s, err := stack.Up(t.Context(), stack.Options{Root: rig.Root(""), Getenv: func(string) string { return "" }, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return bundle{s, t, s.Connections[0], log}
}

func (b bundle) hire() (opportunity string) {
	b.Helper()
	added, err := b.Twin.AddCandidate(b.c.Account, desk.Candidate{Name: "Ada Lovelace", Email: "ada@example.com"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := b.Twin.Hire(b.c.Account, added.OpportunityID, ""); err != nil {
		b.Fatal(err)
	}
	return added.OpportunityID
}

// arrives waits for the joiner of an opportunity, and a little longer for one too
// many.
func (b bundle) arrives(opportunity string) {
	b.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if n := b.count(opportunity); n > 0 {
			time.Sleep(50 * time.Millisecond)
			if n = b.count(opportunity); n != 1 {
				b.Errorf("%d joiners of one hire", n)
			}
			return
		}
	}
	b.Fatalf("no joiner arrived; the functions said:\n%s", b.log)
}

func (b bundle) count(opportunity string) (n int) {
	for _, d := range b.Sandbox.Deliveries(b.c.Partner, b.c.ID) {
		if strings.Contains(string(d.Body), opportunity) {
			n++
		}
	}
	return n
}

// kill ends the processes of a function with SIGKILL, and reports how many. When
// it returns they have been missed: an event given to a process that is about to
// end comes back only after the visibility timeout, minutes later.
func (b bundle) kill(function string) int {
	b.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(os.Getpid()), "-f", filepath.Join(".local", "build", function, "bootstrap")).Output()
	if err != nil {
		return 0
	}
	pids := strings.Fields(string(out))
	missed := func() int { return strings.Count(b.log.String(), "signal: killed") }
	want := missed() + len(pids)
	for _, pid := range pids {
		if err := exec.Command("kill", "-9", pid).Run(); err != nil {
			b.Error(err)
		}
	}
	for until := time.Now().Add(20 * time.Second); missed() < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			b.Fatalf("nobody missed the processes of %s; the functions said:\n%s", function, b.log)
		}
	}
	return len(pids)
}

func TestTheBundleRuns(t *testing.T) {
	b := up(t)
	b.arrives(b.hire())
	for _, want := range []string{"[WebhookCandidateHired] START RequestId: ", "[PartnerJoinedlySync] REPORT RequestId: ", `"message":"delivered"`} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("the functions' lines lack %q:\n%s", want, b.log)
		}
	}
	for _, personal := range []string{"Ada", "Lovelace", "ada@example.com", b.c.LeverAPIKey, b.c.Webhooks[0].SigningToken} {
		if strings.Contains(b.log.String(), personal) {
			t.Errorf("the functions' lines hold %q", personal)
		}
	}
}

func TestOnlyTheChosenPartnersRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs functions")
	}
	s, err := stack.Up(t.Context(), stack.Options{Root: rig.Root(""), Partners: "justworks", Getenv: func(string) string { return "" }, Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(s.Connections) != 1 || s.Connections[0].Partner != "justworks" {
		t.Errorf("connections %v", s.Connections)
	}
	for _, f := range s.Wiring.Functions {
		if strings.HasPrefix(f.ID, "Partner") && !strings.HasPrefix(f.ID, "PartnerJustworks") || strings.HasPrefix(f.ID, "WebhookInterview") {
			t.Errorf("%s runs", f.ID)
		}
	}
	for path, want := range map[string]int{"/webhooks/candidate-hired/x": http.StatusUnauthorized, "/webhooks/interview-created/x": http.StatusNotFound} {
		res, err := http.Post(s.Gateway+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s answers %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestTwoStacksRunSideBySide(t *testing.T) {
	one, other := up(t), up(t)
	first, second := one.hire(), other.hire()
	one.arrives(first)
	other.arrives(second)
	if one.count(second)+other.count(first) > 0 {
		t.Error("a joiner arrived in the other stack")
	}
}

func TestAKilledProcessLosesNothing(t *testing.T) {
	b := up(t)
	b.arrives(b.hire()) // all functions run now
	for _, function := range []string{"WebhookCandidateHired", "PartnerJoinedlySync", "HubDeliver"} {
		if b.kill(function) == 0 {
			t.Errorf("no process of %s was running", function)
		}
		b.arrives(b.hire())
	}
}

func TestAPartnerThatIsAwayIsTriedAgain(t *testing.T) {
	b := up(t)
	b.Sandbox.Inject(sandbox.Fault{Status: http.StatusServiceUnavailable, Times: 1})
	b.arrives(b.hire())
}

func TestInvokeNeedsNothingElse(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a function")
	}
	s, err := stack.Up(t.Context(), stack.Options{
		Root: rig.Root(""), Getenv: func(string) string { return "" }, Only: "WebhookCandidateHired", Log: io.Discard,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, want := range map[string]string{
		"hired": `"statusCode":200`, "connection-test": `"statusCode":200`,
		"forged": `"statusCode":401`, "unknown-hook": `"statusCode":401`, "not-json": `"statusCode":400`,
	} {
		event, err := os.ReadFile(rig.Root("events/webhooks/candidate-hired/" + name + ".json"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := s.Invoke(t.Context(), "WebhookCandidateHired", seed.Present(event, time.Now()))
		if err != nil || !strings.Contains(string(answer.Payload), want) {
			t.Errorf("%s answers %s, %v; want %s", name, answer.Payload, err, want)
		}
	}
}

// Every function answers each of its samples from its own binary. What it answers is
// the sample's business; here nothing may fail that should not.
func TestEverySampleRunsThroughItsBinary(t *testing.T) {
	b := up(t)
	for _, f := range b.Wiring.Functions {
		samples, err := filepath.Glob(rig.Root(filepath.Join("events", strings.TrimPrefix(f.Folder, "functions/"), "*.json")))
		if err != nil || len(samples) == 0 {
			t.Errorf("%s has no sample (%v)", f.ID, err)
		}
		for _, sample := range samples {
			event, err := os.ReadFile(sample)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := b.Invoke(t.Context(), f.ID, seed.Present(event, time.Now()))
			if err != nil || answer.Failed {
				t.Errorf("%s answers %s, %v", sample, answer.Payload, err)
			}
		}
	}
}

// What cannot start says why in one line and leaves nothing running.
func TestWhatCannotStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	tests := map[string]struct {
		options stack.Options
		says    string
		lines   int
	}{
		"a taken port":                      {stack.Options{Root: rig.Root(""), Port: port}, fmt.Sprintf("port %d is taken", port), 1},
		"no template":                       {stack.Options{Root: t.TempDir()}, "template.yaml", 1},
		"a template that cannot be read":    {stack.Options{Root: project(t, "Resources: [", "package main\nfunc main() {}\n")}, "template.yaml:1", 1},
		"a function that does not build":    {stack.Options{Root: project(t, small, "package main\nfunc main() { nonsense() }\n")}, "undefined: nonsense", 3},
		"a data folder that is a file":      {stack.Options{Root: rig.Root(""), DataDir: rig.Root("go.mod")}, "go.mod", 1},
		"an AWS endpoint that is not there": {stack.Options{Root: rig.Root(""), Getenv: endpoint("http://127.0.0.1:1")}, "127.0.0.1:1", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.options.Getenv == nil {
				tt.options.Getenv = func(string) string { return "" }
			}
			tt.options.Log = io.Discard
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			s, err := stack.Up(ctx, tt.options)
			if err == nil {
				t.Fatal(s.Close(), "it started")
			}
			if !strings.Contains(err.Error(), tt.says) || strings.Count(err.Error(), "\n") >= tt.lines {
				t.Errorf("it says:\n%v\nwant %q in at most %d lines", err, tt.says, tt.lines)
			}
		})
	}
}

func endpoint(url string) func(string) string {
	return func(name string) string {
		if name == "AWS_ENDPOINT_URL" {
			return url
		}
		return ""
	}
}

const small = `
Parameters:
  LeverUrl: { Type: String, Default: "" }
  LoopbackEndpoints: { Type: String, Default: refused }
  MailFrom: { Type: String, Default: "" }
  PublicUrl: { Type: String, Default: "" }
Resources:
  Broken:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: makefile, Folder: functions/broken }
    Properties: { Runtime: provided.al2023, Handler: bootstrap, CodeUri: . }
`

// project is a folder with a template and one function.
func project(t *testing.T, template, source string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module broken\n\ngo 1.26\n", "template.yaml": template, "functions/broken/main.go": source,
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
