package bench

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/stack"
)

func TestAFunctionIsFedAndMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a function")
	}
	binary, err := compile(t.Context(), rig.Root(""), "local/bench/testdata/hello", runtime.GOARCH, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p, err := start(t.Context(), []string{binary}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		answer, took, err := p.ask([]byte(`{"a":1}`))
		if err != nil || took <= 0 || !strings.Contains(string(answer), `"statusCode":200`) {
			t.Errorf("%s after %v, %v", answer, took, err)
		}
	}
	if _, _, err := p.ask([]byte(`"no object"`)); err == nil {
		t.Error("a function that fails is taken for one that answers")
	}
	u, err := p.end()
	if err != nil || u.cpu <= 0 || u.peak < 1<<20 {
		t.Errorf("%+v, %v", u, err)
	}
	if in, err := inits(t.Context(), binary, nil); err != nil || in.took <= 0 || in.bytes <= 0 || in.services != 0 {
		t.Errorf("init %+v, %v", in, err)
	}
	if packed, err := zipped(binary); err != nil || packed < 1<<19 {
		t.Errorf("zip of %d bytes, %v", packed, err)
	}
}

func TestABinaryThatDoesNotStartIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho broken >&2; exit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := start(t.Context(), []string{file}, nil); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Error(err)
	}
}

func TestTheFrontCountsWhatItIsAsked(t *testing.T) {
	f, err := newFront("http://127.0.0.1:1", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.URL, strings.NewReader(`{"MessageBody":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
		res, err := f.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		if _, err := body.ReadFrom(res.Body); err != nil || !strings.Contains(body.String(), "9dd4e461268c8034f5c8564e155c67a6") {
			t.Errorf("%s, %v", body.String(), err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	calls, connections, _ := f.since(mark{})
	if len(calls) != 2 || calls[0] != "sqs SendMessage" || connections != 1 {
		t.Errorf("%q over %d connections", calls, connections)
	}
	f.keep(2 * time.Millisecond)
	if d := f.waited(); d < 2*time.Millisecond || f.waited() != 0 {
		t.Errorf("calls were kept waiting for %v", d)
	}
}

func TestWhatIsSideBySideIsWaitedForOnce(t *testing.T) {
	from := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w := &watch{}
	for _, ms := range [][2]int{{30, 40}, {0, 10}, {5, 8}, {6, 20}, {-9, 2}, {90, 120}, {150, 160}, {-20, -10}} {
		w.see(stack.Hop{Call: true, Where: "f", At: from.Add(time.Duration(ms[0]) * time.Millisecond), Ended: from.Add(time.Duration(ms[1]) * time.Millisecond)})
	}
	w.see(stack.Hop{Where: "gateway", At: from, Ended: from.Add(time.Second)})
	if got := w.during(from, from.Add(100*time.Millisecond)); got != 40*time.Millisecond {
		t.Errorf("AWS was waited for %v of 40ms", got)
	}
}

func TestOnlyCheckedRowsFail(t *testing.T) {
	r := &Report{}
	r.add(count("calls", 2, 1), count("few", 1, 1), Row{Metric: "slow", Value: 9, Unit: "ms", Goal: new(1.0)}, Row{Metric: "low", Value: 1, Goal: new(2.0), AtLeast: true, Checked: true}, shown("size", 9, "MB"))
	missed := r.Missed()
	if len(missed) != 2 || missed[0].Metric != "calls" || missed[1].Metric != "low" {
		t.Errorf("%+v", missed)
	}
	var out bytes.Buffer
	r.Print(&out)
	if n := strings.Count(out.String(), "missed"); n != 3 {
		t.Errorf("%d rows are shown as missed:\n%s", n, out.String())
	}
}

func TestWhatIsNotInstalledIsNotMeasured(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for language := range peers() {
		if _, err := Beside(t.Context(), rig.Root(""), language); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), peers()[language].lacks) {
			t.Errorf("%s: %v", language, err)
		}
	}
	if _, err := Beside(t.Context(), rig.Root(""), "cobol"); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("a language of which there is no function: %v", err)
	}
}
