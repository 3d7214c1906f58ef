package partnertest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"fulcrum/local/rig"
)

// watch looks for what is personal where nothing personal may be: in what goes to
// queues, the table and the secrets, and in logs.
type watch struct {
	mu       sync.Mutex
	people   int
	personal []string
	log      bytes.Buffer
	found    []string
}

// watching begins to watch a stack, until the test ends. The stack stands still
// while the watch is put between it and AWS.
func watching(t *testing.T, l *rig.Live) *watch {
	w := &watch{}
	l.Stop()
	defer l.Start(t)
	engine := l.Hosts["aws.test"]
	l.Hosts["aws.test"] = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		w.see(r.Header.Get("X-Amz-Target"), body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		engine.ServeHTTP(out, r)
	})
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(w, nil)))
	t.Cleanup(func() {
		slog.SetDefault(before)
		for _, f := range w.close() {
			t.Error(f)
		}
		if t.Failed() {
			t.Logf("the functions' last lines:\n%s", w.last())
		}
	})
	return w
}

// How everything personal of somebody made up begins, each with a number behind it.
const (
	first, last = "Anouk", "Vesterby"
	mailbox     = "canary."
	line        = "+49 30 5550"
)

// somebody makes up a person whose every word is found again.
func (w *watch) somebody() Person {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.people++
	p := Person{
		Name:  fmt.Sprintf(first+"%[1]dx "+last+"%[1]dx", w.people),
		Email: fmt.Sprintf(mailbox+"%d@private.example", w.people),
		Phone: fmt.Sprintf(line+"%04d", w.people),
	}
	w.personal = append(append(w.personal, strings.Fields(p.Name)...), p.Email, p.Phone)
	return p
}

// binary is a binary value of the table's as it travels.
var binary = regexp.MustCompile(`"B":"([A-Za-z0-9+/=]*)"`)

// see looks at a request to AWS. Mail is no business of it: it has no target.
func (w *watch) see(target string, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if target == "" {
		return
	}
	where := "a request " + target
	w.search(where, string(body))
	for _, m := range binary.FindAllSubmatch(body, -1) {
		if plain, err := base64.StdEncoding.DecodeString(string(m[1])); err == nil {
			w.search(where, string(plain))
		}
	}
}

func (w *watch) search(where, text string) {
	if !slices.ContainsFunc([]string{first, last, mailbox, line}, func(stem string) bool { return strings.Contains(text, stem) }) {
		return // most texts: there may be hundreds of people
	}
	for _, p := range w.personal {
		if strings.Contains(text, p) {
			w.found = append(w.found, fmt.Sprintf("%s holds %q in clear", where, p))
			return
		}
	}
}

// Write takes the log.
func (w *watch) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

// close tells what was found.
func (w *watch) close() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.search("the log", w.log.String())
	return w.found
}

// last is the end of the log without what the clock does every minute.
func (w *watch) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(w.log.String()), "\n"), func(l string) bool {
		return strings.Contains(l, `"msg":"task done"`) || strings.Contains(l, `"msg":"metric"`)
	})
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
