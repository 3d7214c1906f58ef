package lambda_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fulcrum/local/lambda"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(echoFolder()); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}))
}

func echoFolder() string { return filepath.Join(os.TempDir(), fmt.Sprintf("echo-%d", os.Getpid())) }

// echo is the path of the built testdata/echo.
var echo = sync.OnceValues(func() (string, error) {
	path := filepath.Join(echoFolder(), "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", path, "./testdata/echo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build echo: %w\n%s", err, out)
	}
	return path, nil
})

// log is a writer that can be read meanwhile.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// pool is a pool of one function Echo; change may change its options.
func pool(t *testing.T, change func(o *lambda.Options, f *lambda.Function)) (*lambda.Pool, *log) {
	t.Helper()
	binary, err := echo()
	if err != nil {
		t.Fatal(err)
	}
	l := &log{}
	f := lambda.Function{Name: "Echo", Bootstrap: binary, Timeout: 20 * time.Second, Memory: 128,
		LogFormat: "JSON", Variables: map[string]string{}}
	o := lambda.Options{Region: "eu-west-1", Account: "123456789012", Log: l}
	if change != nil {
		change(&o, &f)
	}
	o.Functions = []lambda.Function{f}
	p, err := lambda.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, l
}

func invoke(t *testing.T, p *lambda.Pool, event string) lambda.Answer {
	t.Helper()
	a, err := p.Invoke(t.Context(), "Echo", []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// pid runs the function and gives the process that answered.
func pid(t *testing.T, p *lambda.Pool, event string) int {
	t.Helper()
	a := invoke(t, p, event)
	n, err := strconv.Atoi(string(a.Payload))
	if err != nil || a.Failed {
		t.Fatalf("no process id: %s", a.Payload)
	}
	return n
}

// eventually waits for something that another process brings about.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); !is(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

// alive reports whether a process runs. One that has ended and that nobody has
// asked about does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil && bytes.Contains(stat, []byte(") Z ")) {
		return false
	}
	return syscall.Kill(pid, 0) == nil
}

func TestOneProcessWorksOnOneEventAfterTheOther(t *testing.T) {
	p, _ := pool(t, nil)
	first := pid(t, p, `{}`)
	for range 20 {
		if next := pid(t, p, `{}`); next != first {
			t.Fatalf("process %d answered after %d", next, first)
		}
	}
}

func TestTheFunctionIsToldWhatLambdaTells(t *testing.T) {
	p, _ := pool(t, func(o *lambda.Options, f *lambda.Function) {
		o.Variables = map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "OWN": "of all"}
		f.Variables = map[string]string{"OWN": "of this one", "EMPTY": ""}
		f.LogLevel = "DEBUG"
	})
	a := invoke(t, p, `{"Do":"context"}`)
	var got map[string]string
	if err := json.Unmarshal(a.Payload, &got); err != nil {
		t.Fatalf("%s: %v", a.Payload, err)
	}
	binary, err := echo()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"remaining": "20s", "request": a.RequestID, "arn": "arn:aws:lambda:eu-west-1:123456789012:function:Echo",
		"folder": filepath.Dir(binary), "LAMBDA_TASK_ROOT": filepath.Dir(binary), "_HANDLER": "bootstrap",
		"AWS_LAMBDA_FUNCTION_NAME": "Echo", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG", "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "Echo", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "OWN": "of this one", "TZ": ":UTC", "HOME": "",
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	if !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`).MatchString(got["_X_AMZN_TRACE_ID"]) {
		t.Errorf("trace %q", got["_X_AMZN_TRACE_ID"])
	}
	if _, ok := got["EMPTY"]; !ok {
		t.Error("an empty variable is missing")
	}
}

func TestFailuresAreAnsweredAsLambdaDoesAndTheNextEventWorks(t *testing.T) {
	tests := map[string]struct {
		event, kind, text string
		sameProcess       bool
	}{
		"an error of the function":      {`{"Do":"error","Text":"sad"}`, "errorString", "^sad$", true},
		"a panic":                       {`{"Do":"panic","Text":"help"}`, "string", "^help$", false},
		"an exit":                       {`{"Do":"exit"}`, "Runtime.ExitError", "^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$", false},
		"an exit without a reason":      {`{"Do":"leave"}`, "Runtime.ExitError", "^RequestId: [0-9a-f-]{36} Error: Runtime exited without providing a reason$", false},
		"an event that takes too long":  {`{"MS":60000}`, "Sandbox.Timedout", `^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$`, false},
		"an answer over Lambda's limit": {`{"Do":"large"}`, "Function.ResponseSizeTooLarge", `maximum allowed payload size \(6291556 bytes\)`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, _ := pool(t, func(_ *lambda.Options, f *lambda.Function) {
				if tt.kind == "Sandbox.Timedout" {
					f.Timeout = time.Second
				}
			})
			before := pid(t, p, `{}`)
			a := invoke(t, p, tt.event)
			var got struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(a.Payload, &got); err != nil || !a.Failed {
				t.Fatalf("failed %v, payload %s", a.Failed, a.Payload)
			}
			if got.ErrorType != tt.kind || !regexp.MustCompile(tt.text).MatchString(got.ErrorMessage) {
				t.Errorf("got %+v", got)
			}
			after := pid(t, p, `{}`)
			if (after == before) != tt.sameProcess {
				t.Errorf("process %d before, %d after", before, after)
			}
			if !tt.sameProcess {
				eventually(t, "the process ends", func() bool { return !alive(before) })
			}
		})
	}
}

func TestEventsThatLambdaRefusesAreNotRun(t *testing.T) {
	none := 0
	p, l := pool(t, func(_ *lambda.Options, f *lambda.Function) { f.Reserved = &none })
	tests := map[string]struct {
		function, event string
		want            error
	}{
		"an unknown function":       {"Nobody", `{}`, lambda.ErrUnknown},
		"no JSON":                   {"Echo", `{`, lambda.ErrNotJSON},
		"an event over 6 MB":        {"Echo", `"` + strings.Repeat("x", lambda.MaxPayload) + `"`, lambda.ErrTooLarge},
		"a function with no places": {"Echo", `{}`, lambda.ErrThrottled},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := p.Invoke(t.Context(), tt.function, []byte(tt.event)); !errors.Is(err, tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Invoke(t.Context(), "Echo", []byte(`{}`)); !errors.Is(err, lambda.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if l.String() != "" {
		t.Errorf("something was run:\n%s", l)
	}
}

func TestAsManyEventsAsAllowedRunAtOnceEachInItsOwnProcess(t *testing.T) {
	three := 3
	p, _ := pool(t, func(_ *lambda.Options, f *lambda.Function) { f.Reserved = &three })
	var running sync.WaitGroup
	pids := make([]int, three)
	for i := range pids {
		running.Go(func() { pids[i] = pid(t, p, `{"MS":600}`) })
	}
	eventually(t, "three environments", func() bool { return p.Environments() == 3 })
	if _, err := p.Invoke(t.Context(), "Echo", []byte(`{}`)); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("the fourth event: %v", err)
	}
	running.Wait()
	if pids[0] == pids[1] || pids[1] == pids[2] || pids[0] == pids[2] {
		t.Errorf("a process had two events at once: %v", pids)
	}
	pid(t, p, `{}`)
	if n := p.Environments(); n != 3 {
		t.Errorf("%d environments", n)
	}
}

func TestAProcessThatEndsAfterItsAnswerLosesNoEvent(t *testing.T) {
	p, _ := pool(t, nil)
	for i := range 40 {
		event := fmt.Sprintf(`{"Do":"answer and exit","MS":%d}`, i%4)
		if a := invoke(t, p, event); a.Failed {
			// The process ended before its answer was out, which Lambda would call
			// an exit as well. The next event must not notice.
			if !strings.Contains(string(a.Payload), "exit status 4") {
				t.Fatalf("%s", a.Payload)
			}
		}
		if a := invoke(t, p, `{}`); a.Failed && !strings.Contains(string(a.Payload), "exit status 4") {
			t.Fatalf("event %d: %s", i, a.Payload)
		}
	}
}

func TestReplaceLetsTheRunningEventEndAndStartsTheNextAnew(t *testing.T) {
	p, _ := pool(t, nil)
	idle := pid(t, p, `{}`)
	p.Replace("Nobody")
	p.Replace("Echo")
	eventually(t, "the idle process ends", func() bool { return p.Environments() == 0 && !alive(idle) })
	var busy int
	var running sync.WaitGroup
	running.Go(func() { busy = pid(t, p, `{"MS":300}`) })
	eventually(t, "it runs", func() bool { return p.Environments() == 1 })
	p.Replace("Echo")
	running.Wait()
	if busy == idle {
		t.Errorf("process %d still answers", idle)
	}
	if next := pid(t, p, `{}`); next == busy {
		t.Errorf("process %d has the old binary and answers", next)
	}
	eventually(t, "the busy process ends", func() bool { return !alive(busy) })
}

func TestAnEnvironmentThatIdlesEnds(t *testing.T) {
	p, l := pool(t, func(o *lambda.Options, _ *lambda.Function) { o.Idle = 20 * time.Millisecond })
	old := pid(t, p, `{}`)
	eventually(t, "the process ends", func() bool { return p.Environments() == 0 && !alive(old) })
	if next := pid(t, p, `{}`); next == old {
		t.Errorf("process %d answers again", next)
	}
	if strings.Contains(l.String(), "ended between") {
		t.Errorf("an ordinary end is reported:\n%s", l)
	}
}

func TestAProcessThatDiesBetweenTwoEventsIsReportedAndReplaced(t *testing.T) {
	p, l := pool(t, nil)
	old := pid(t, p, `{}`)
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a line in the log", func() bool {
		return strings.Contains(l.String(), "[Echo] ended between two events: Error: Runtime exited with error: signal: killed\n")
	})
	if next := pid(t, p, `{}`); next == old {
		t.Error("the dead answer")
	}
}

func TestNothingIsLeftAfterClose(t *testing.T) {
	tests := map[string]map[string]string{
		"a function that ends on SIGTERM": {},
		"a function that ignores SIGTERM": {"STUBBORN": "yes"},
	}
	for name, variables := range tests {
		t.Run(name, func(t *testing.T) {
			p, _ := pool(t, func(_ *lambda.Options, f *lambda.Function) { f.Variables = variables })
			child := pid(t, p, `{"Do":"child"}`)
			parent := pid(t, p, `{}`)
			var running sync.WaitGroup
			running.Go(func() {
				if a := invoke(t, p, `{"MS":60000}`); !a.Failed {
					t.Errorf("an event that was cut short ended well: %s", a.Payload)
				}
			})
			running.Go(func() { invoke(t, p, `{"MS":60000}`) })
			eventually(t, "two run", func() bool { return p.Environments() == 2 })
			if err := p.Close(); err != nil {
				t.Error(err)
			}
			if alive(parent) {
				t.Error("the function is alive")
			}
			eventually(t, "what it started ends", func() bool { return !alive(child) })
			running.Wait()
		})
	}
}

func TestACallerMayLeaveAndTheFunctionWorksOn(t *testing.T) {
	p, l := pool(t, nil)
	ctx, leave := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, leave)
	if _, err := p.Invoke(ctx, "Echo", []byte(`{"MS":300}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	eventually(t, "the function ends", func() bool { return strings.Contains(l.String(), "REPORT") })
	if strings.Contains(l.String(), "Status:") {
		t.Errorf("it did not end well:\n%s", l)
	}
}

func TestTheRuntimeAPIRefusesWhatARuntimeMustNotDo(t *testing.T) {
	p, _ := pool(t, nil)
	tests := map[string]struct {
		call string
		want string
	}{
		"the next event before the answer": {"GET /2018-06-01/runtime/invocation/next", "403"},
		"an answer to another event":       {"POST /2018-06-01/runtime/invocation/other/response", "400"},
		"an error of another event":        {"POST /2018-06-01/runtime/invocation/other/error", "400"},
		"another environment":              {"GET /../other/2018-06-01/runtime/invocation/next", "403"},
		"a path that is not there":         {"GET /2018-06-01/runtime/weather", "404"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			event, err := json.Marshal(map[string]string{"Do": "call", "Text": tt.call})
			if err != nil {
				t.Fatal(err)
			}
			if a := invoke(t, p, string(event)); string(a.Payload) != tt.want {
				t.Errorf("got %s", a.Payload)
			}
		})
	}
}

func BenchmarkInvoke(b *testing.B) {
	binary, err := echo()
	if err != nil {
		b.Fatal(err)
	}
	p, err := lambda.New(lambda.Options{Log: &log{}, Concurrency: 16, Functions: []lambda.Function{{Name: "Echo", Bootstrap: binary, Timeout: time.Minute, Memory: 128}}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			b.Error(err)
		}
	}()
	one := func() {
		if _, err := p.Invoke(b.Context(), "Echo", []byte(`{}`)); err != nil {
			b.Error(err)
		}
	}
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			one()
		}
	})
	b.Run("warm, 16 callers", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				one()
			}
		})
	})
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			p.Replace("Echo")
			one()
		}
	})
}
