package mishap_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/inproc"
	"fulcrum/local/mishap"
)

// ask makes a call with a body of its own.
func ask(l http.RoundTripper, method, body string) error {
	req, err := http.NewRequest(method, "http://lever.test/v1/"+body, strings.NewReader(body))
	if err != nil {
		return err
	}
	res, err := (&http.Client{Transport: l, Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}

// work is what a process does for an event: it reads twice, writes, reads and writes
// again. A call that was refused or lost is made once more.
func work(l *mishap.Life) error {
	for _, step := range []struct{ method, body string }{{"GET", "a"}, {"GET", "b"}, {"POST", "c"}, {"GET", "d"}, {"POST", "e"}} {
		err := ask(l, step.method, step.body)
		if err != nil && !l.Ended() {
			err = ask(l, step.method, step.body)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// end is what was applied after a schedule, in its order, when an event has come until
// it was worked off and once more; and the calls that were made.
func end(s mishap.Schedule) (applied string, calls []mishap.Call) {
	var log []string
	lever := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			log = append(log, strings.TrimPrefix(r.URL.Path, "/v1/"))
		}
	})
	w := mishap.New(inproc.Hosts{"lever.test": lever}, s, time.Hour, nil)
	l := w.Life()
	for done := 0; done < 2; {
		if l.Ended() {
			l = w.Life()
		}
		l.Receive()
		if work(l) == nil {
			done++
		}
	}
	w.Wait()
	return strings.Join(log, ""), w.Calls()
}

// ends are all ends of schedules of up to two mishaps, the same ones left out or not.
func ends(all bool) (found []string, schedules int) {
	before := []mishap.Schedule{nil}
	for left := 2; ; left-- {
		var more []mishap.Schedule
		for _, s := range before {
			applied, calls := end(s)
			found, schedules = append(found, applied), schedules+1
			next, _ := s.Then(calls, mishap.Call.Modes)
			if all {
				next = every(s, calls)
			}
			more = append(more, next...)
		}
		if left == 0 {
			slices.Sort(found)
			return slices.Compact(found), schedules
		}
		before = more
	}
}

// every is what Then gives and leaves out.
func every(s mishap.Schedule, calls []mishap.Call) (all []mishap.Schedule) {
	first := 0
	if len(s) > 0 {
		first = s[len(s)-1].Call
	}
	for i := first; i < len(calls); i++ {
		for _, mode := range calls[i].Modes() {
			all = append(all, append(s[:len(s):len(s)], mishap.Mishap{Call: i + 1, Mode: mode}))
		}
	}
	return all
}

// What is left out leads nowhere that the others do not lead to.
func TestSchedulesThatAreLeftOutLeadToNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, many := ends(true)
		some, few := ends(false)
		if !slices.Equal(all, some) {
			t.Errorf("ends %q, without what is left out %q", all, some)
		}
		if few > many*2/3 || len(all) < 10 {
			t.Errorf("%d of %d schedules, %d ends", few, many, len(all))
		}
		t.Logf("%d of %d schedules lead to the same %d ends", few, many, len(all))
	})
}

// then writes schedules in one line.
func then(s mishap.Schedule, calls []mishap.Call) string {
	all, same := s.Then(calls, mishap.Call.Modes)
	var texts []string
	for _, one := range all {
		texts = append(texts, one.String())
	}
	return fmt.Sprintf("%s; %d", strings.Join(texts, " | "), same)
}

func TestWhatIsTheSameIsLeftOut(t *testing.T) {
	read := mishap.Call{Op: "GET", Reads: true, Body: 1}
	write := mishap.Call{Op: "POST", Body: 2}
	after := func(c mishap.Call) mishap.Call { c.Follows = true; return c }
	tests := map[string]struct {
		schedule mishap.Schedule
		calls    []mishap.Call
		want     string
	}{
		"ending before a write is ending before the read before it": {
			calls: []mishap.Call{read, after(write)},
			want:  "1 before | 1 error | 2 after | 2 error | 2 lost | 2 late; 1",
		},
		"but not where another call was under way": {
			calls: []mishap.Call{read, write},
			want:  "1 before | 1 error | 2 before | 2 after | 2 error | 2 lost | 2 late; 0",
		},
		"ending after a write is ending before what follows": {
			calls: []mishap.Call{write, after(read)},
			want:  "1 before | 1 error | 1 lost | 1 late | 2 before | 2 error; 1",
		},
		"what was refused and made again at once is over": {
			schedule: mishap.Schedule{{Call: 1, Mode: mishap.Error}},
			calls:    []mishap.Call{write, after(write), after(read)},
			want:     "1 error, 2 error | 1 error, 2 lost | 1 error, 2 late; 4",
		},
		"what was refused and not made again goes on": {
			schedule: mishap.Schedule{{Call: 1, Mode: mishap.Error}},
			calls:    []mishap.Call{write, after(read), after(write)},
			want:     "1 error, 2 error | 1 error, 3 after | 1 error, 3 error | 1 error, 3 lost | 1 error, 3 late; 2",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := then(tt.schedule, tt.calls); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestACallFollowsTheOneBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) })
		w := mishap.New(inproc.Hosts{"lever.test": slow}, nil, time.Hour, nil)
		one, other := w.Life(), w.Life()
		both := func() {
			go func() { _ = ask(one, "GET", "beside") }()
			time.Sleep(time.Millisecond)
			_ = ask(one, "GET", "beside")
			time.Sleep(time.Minute)
		}
		for _, make := range []func(){
			func() { _ = ask(one, "GET", "first") }, func() { _ = ask(one, "GET", "next") },
			func() { _ = ask(other, "GET", "of another") }, func() { _ = ask(one, "GET", "after another") },
			func() { one.Receive(); _ = ask(one, "GET", "of another event") },
			both, func() { _ = ask(one, "GET", "after both") }, func() { _ = ask(one, "GET", "after that") },
		} {
			make()
		}
		var follows []bool
		for _, c := range w.Calls() {
			follows = append(follows, c.Follows)
		}
		if want := []bool{false, true, false, false, false, true, false, false, true}; !slices.Equal(follows, want) {
			t.Errorf("%v, want %v", follows, want)
		}
	})
}
