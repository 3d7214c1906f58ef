package tried_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/tried"
)

const said = `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestOne"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"=== RUN   TestOne\n"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"    one_test.go:1: a word\n"}
{"Action":"attr","Package":"a","Test":"TestOne","Key":"tried:forged_bodies","Value":"300"}
{"Action":"attr","Package":"a","Test":"TestOne","Key":"tried:forged_bodies","Value":"18"}
{"Action":"attr","Package":"a","Test":"TestOne","Key":"another","Value":"7"}
{"Action":"attr","Package":"a","Test":"TestOne","Key":"tried:nonsense","Value":"many"}
{"Action":"pass","Package":"a","Test":"TestOne"}
{"Action":"pass","Package":"a","Test":"FuzzIt/seed#0"}
{"Action":"pass","Package":"a","Test":"FuzzIt/seed#1"}
{"Action":"pass","Package":"a","Test":"FuzzIt"}
{"Action":"skip","Package":"a","Test":"TestLong"}
{"Action":"output","Package":"a","Output":"PASS\n"}
{"Action":"output","Package":"a","Output":"ok  \ta\t(cached)\n"}
{"Action":"pass","Package":"a","Elapsed":0.1}
`

const failed = `{"Action":"output","Package":"b","Test":"TestGood","Output":"    a good word\n"}
{"Action":"pass","Package":"b","Test":"TestGood"}
{"Action":"output","Package":"b","Test":"TestBad","Output":"    bad_test.go:9: what is wrong\n"}
{"Action":"output","Package":"b","Test":"TestBad","Output":"--- FAIL: TestBad (0.00s)\n"}
{"Action":"fail","Package":"b","Test":"TestBad"}
{"Action":"output","Package":"b","Test":"TestPanics","Output":"panic: oh\n"}
{"Action":"output","Package":"b","Output":"FAIL\tb\t0.1s\n"}
{"Action":"fail","Package":"b"}
{"ImportPath":"c","Action":"build-output","Output":"c.go:1:1: syntax error\n"}
{"Action":"fail","Package":"c","FailedBuild":"c"}
go: downloading nothing
`

func follow(t *testing.T, text string, verbose bool) (*tried.Report, string) {
	t.Helper()
	var out bytes.Buffer
	r, err := tried.Follow(strings.NewReader(text), &out, verbose)
	if err != nil {
		t.Fatal(err)
	}
	return r, out.String()
}

func TestWhatPassedIsOneLineAndWhatItTriedIsAddedUp(t *testing.T) {
	r, out := follow(t, said, false)
	if out != "ok  \ta\t(cached)\n" {
		t.Errorf("printed %q", out)
	}
	want := map[string]int{"forged bodies": 318, "seeds of fuzz targets": 2}
	if r.Packages != 1 || r.Cached != 1 || r.Tests["pass"] != 4 || r.Tests["skip"] != 1 || !maps.Equal(r.Tried, want) {
		t.Errorf("%+v", r)
	}
}

func TestOfWhatFailedAllIsSaidThatMatters(t *testing.T) {
	r, out := follow(t, failed, false)
	for _, part := range []string{"what is wrong", "--- FAIL: TestBad", "panic: oh", "FAIL\tb", "c.go:1:1: syntax error", "go: downloading nothing"} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is not said: %s", part, out)
		}
	}
	if strings.Contains(out, "a good word") || !slices.Equal(r.Failed, []string{"b", "c"}) {
		t.Errorf("%v: %s", r.Failed, out)
	}
}

func TestVerboseSaysEverything(t *testing.T) {
	if _, out := follow(t, said, true); !strings.Contains(out, "a word") || !strings.Contains(out, "=== RUN") {
		t.Errorf("printed %q", out)
	}
}

func TestTheReportIsReadByPeople(t *testing.T) {
	total := tried.New()
	for _, text := range []string{said, failed} {
		r, _ := follow(t, text, false)
		total.Add(r)
	}
	total.Tried["schedules of one mishap"] = 1234567
	var out bytes.Buffer
	total.Write(&out)
	for _, part := range []string{"5 tests in 1 packages passed, 1 packages as they did before; 1 were left out, 1 failed", "318 forged bodies", "1,234,567 schedules", "FAILED b\nFAILED c\n"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in %s", part, out.String())
		}
	}
}

// What is noted here is read from this test's own output by `make test`.
func TestANoteIsAnAttribute(t *testing.T) {
	spy := &attributes{TB: t, all: map[string]string{}}
	tried.Note(spy, "schedules of two mishaps", 12)
	r, _ := follow(t, `{"Action":"attr","Package":"a","Test":"T","Key":"`+spy.key+`","Value":"`+spy.all[spy.key]+`"}`, false)
	if r.Tried["schedules of two mishaps"] != 12 {
		t.Errorf("%+v of %+v", r.Tried, spy.all)
	}
}

type attributes struct {
	testing.TB
	key string
	all map[string]string
}

func (a *attributes) Attr(key, value string) { a.key, a.all[key] = key, value }
func (a *attributes) Helper()                {}
