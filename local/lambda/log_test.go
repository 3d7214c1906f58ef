package lambda_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fulcrum/local/lambda"
)

const id = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`

// matches checks the lines of a log, one expression each.
func matches(t *testing.T, l *log, want ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(l.String(), "\n"), "\n")
	for i := range max(len(lines), len(want)) {
		if i >= len(lines) || i >= len(want) || !regexp.MustCompile("^"+want[i]+"$").MatchString(lines[i]) {
			t.Fatalf("line %d is not as wanted; the log:\n%s\nwant:\n%s", i+1, l, strings.Join(want, "\n"))
		}
	}
}

const (
	start = `\[Echo\] START RequestId: ` + id + ` Version: \$LATEST`
	end   = `\[Echo\] END RequestId: ` + id
	usage = `Duration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB`
	cold  = `\[Echo\] REPORT RequestId: ` + id + `\tInit Duration: \d+\.\d\d ms\t` + usage
	warm  = `\[Echo\] REPORT RequestId: ` + id + `\t` + usage
)

func TestTheLogIsAsUsersOfSamLocalKnowIt(t *testing.T) {
	p, l := pool(t, nil)
	invoke(t, p, `{"Do":"print","Text":"one\ntwo"}`)
	invoke(t, p, `{"Do":"print","Text":" and three\r\n"}`)
	invoke(t, p, `{"Do":"exit"}`)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	matches(t, l, start, `\[Echo\] one`, end, cold,
		start, `\[Echo\] two and three`, end, warm,
		start, `\[Echo\] RequestId: `+id+` Error: Runtime exited with error: exit status 3`, `\[Echo\] Runtime.ExitError`,
		end, warm+`\tStatus: error\tError Type: Runtime.ExitError`)
}

func TestATimeOutIsReportedWithItsTime(t *testing.T) {
	p, l := pool(t, func(_ *lambda.Options, f *lambda.Function) { f.Timeout = time.Second })
	begin := time.Now()
	invoke(t, p, `{"MS":60000}`)
	if took := time.Since(begin); took > 45*time.Second {
		t.Errorf("it took %v", took)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	matches(t, l, start, `\[Echo\] \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `+id+` Task timed out after 1.00 seconds`, end, cold+`\tStatus: timeout`)
}

func TestAnInitThatFailsIsTriedOnceMoreAndAnswered(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	initReport := func(phase, status, kind string) string {
		return `\[Echo\] INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: ` + phase + `\tStatus: ` + status + `\tError Type: ` + kind
	}
	printed := `\[Echo\] init printed this`
	tests := map[string]struct {
		init, payload string
		log           []string
	}{
		"an exit": {"exit", `^{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ` + id + ` Error: Runtime exited with error: exit status 7"}$`,
			[]string{printed, initReport("init", "error", "Runtime.ExitError"), start, printed, initReport("invoke", "error", "Runtime.ExitError"),
				end, warm + `\tStatus: error\tError Type: Runtime.ExitError`}},
		"an error that the function reports": {"report", `^{"errorType":"Init.Sad","errorMessage":"no table"}$`,
			[]string{initReport("init", "error", "Runtime.(Init|Exit)Error"), start, initReport("invoke", "error", "Runtime.(Init|Exit)Error"),
				end, warm + `\tStatus: error\tError Type: Runtime.(Init|Exit)Error`}},
		"an init without an end": {"hang", `^{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ` + id + ` Error: Task timed out after 0.40 seconds"}$`,
			[]string{initReport("init", "timeout", "Sandbox.Timedout"), start, initReport("invoke", "timeout", "Sandbox.Timedout"), end, warm + `\tStatus: timeout`}},
		"an init that works the second time": {"once", `^\d+$`,
			[]string{initReport("init", "error", "Runtime.ExitError"), start, end, cold}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, l := pool(t, func(_ *lambda.Options, f *lambda.Function) {
				f.Timeout = 400 * time.Millisecond
				f.Variables = map[string]string{"INIT": tt.init, "MARK": mark}
			})
			p.SetInitTime(300 * time.Millisecond)
			a := invoke(t, p, `{}`)
			if !regexp.MustCompile(tt.payload).Match(a.Payload) {
				t.Errorf("answer %s", a.Payload)
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			matches(t, l, tt.log...)
		})
	}
}

func TestABinaryThatIsNotThereIsAnInvalidEntrypoint(t *testing.T) {
	p, _ := pool(t, func(_ *lambda.Options, f *lambda.Function) { f.Bootstrap = filepath.Join(t.TempDir(), "bootstrap") })
	a := invoke(t, p, `{}`)
	if !a.Failed || !regexp.MustCompile(`^{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: `+id+` Error: fork/exec .*/bootstrap: no such file or directory"}$`).Match(a.Payload) {
		t.Errorf("answer %s", a.Payload)
	}
}

func TestEachFunctionHasItsColour(t *testing.T) {
	p, l := pool(t, func(o *lambda.Options, _ *lambda.Function) { o.Colour = true })
	invoke(t, p, `{"Do":"print","Text":"hello\n"}`)
	if !strings.Contains(l.String(), "\x1b[36m[Echo]\x1b[0m hello\n") {
		t.Errorf("log: %q", l)
	}
}

func TestColoursAreForTerminalsWithoutNoColor(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	device, err := os.Open(os.DevNull) // as a terminal, a character device
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	tests := map[string]struct {
		file    *os.File
		noColor string
		want    bool
	}{
		"a file":                    {file, "", false},
		"a terminal":                {device, "", true},
		"a terminal, with NO_COLOR": {device, "1", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := lambda.Coloured(tt.file, tt.noColor); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// full is a writer on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestALogThatCannotBeWrittenIsToldAtTheEnd(t *testing.T) {
	binary, err := echo()
	if err != nil {
		t.Fatal(err)
	}
	p, err := lambda.New(lambda.Options{Log: full{}, Functions: []lambda.Function{{Name: "Echo", Bootstrap: binary, Timeout: time.Second, Memory: 128}}})
	if err != nil {
		t.Fatal(err)
	}
	invoke(t, p, `{}`)
	if err := p.Close(); err == nil || err.Error() != "write the log: no space left" {
		t.Errorf("got %v", err)
	}
}
