package twin_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fulcrum/local/keep"
	"fulcrum/local/twin"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

// The environment of a process that is to be killed: where its store is, and
// where its webhooks are received.
const (
	victimDir   = "TWIN_VICTIM_DIR"
	victimHooks = "TWIN_VICTIM_HOOKS"
)

const victimAccount = "33333333-3333-4333-8333-333333333333"

// victim works on a twin until it is killed, and prints a line for everything that
// was answered with success: what it is, the candidate, and what was made.
func victim(dir, hooks string) error {
	store, err := keep.Open(dir, "twin.db")
	if err != nil {
		return err
	}
	lever, err := twin.New(twin.Options{Store: store, RetryPauses: []time.Duration{50 * time.Millisecond, time.Hour}})
	if err != nil {
		return err
	}
	if _, err := lever.Summary(victimAccount); err != nil {
		if err := victimBegins(lever, hooks); err != nil {
			return err
		}
	}
	failed := make(chan error)
	for range 4 {
		go func() {
			for {
				if err := victimWorks(lever); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

func victimBegins(lever *twin.Twin, hooks string) error {
	if _, err := lever.CreateAccount(desk.NewAccount{ID: victimAccount}); err != nil {
		return err
	}
	if _, err := lever.AddWebhook(victimAccount, desk.NewWebhook{Event: account.CandidateHired, URL: hooks}); err != nil {
		return err
	}
	_, err := lever.Switch(victimAccount, map[string]bool{account.CandidateHired: true})
	return err
}

// victimWorks takes one candidate through all that is checked.
func victimWorks(lever *twin.Twin) error {
	c, err := lever.AddCandidate(victimAccount, desk.Candidate{Name: "Nina Okafor", Posting: "Backend Engineer"})
	if err != nil {
		return err
	}
	fmt.Println("candidate", c.OpportunityID, c.ContactID)
	note, err := lever.AddNote(victimAccount, c.OpportunityID, account.NoteFields{Value: "good"})
	if err != nil {
		return err
	}
	fmt.Println("note", c.OpportunityID, note.ID)
	file, err := lever.AddFile(victimAccount, c.OpportunityID, desk.Upload{Name: "cv.pdf", Text: c.ContactID})
	if err != nil {
		return err
	}
	fmt.Println("file", c.OpportunityID, file.ID)
	if _, err := lever.Hire(victimAccount, c.OpportunityID, ""); err != nil {
		return err
	}
	fmt.Println("hire", c.OpportunityID, c.ApplicationID)
	key, err := lever.CreateKey(victimAccount, desk.NewKey{Name: "new"})
	if err != nil {
		return err
	}
	fmt.Println("key", c.OpportunityID, key.Secret)
	return nil
}

// killed starts a victim, and kills it after it has reported some lines. It answers
// all that it has reported.
func killed(t *testing.T, dir, hooks string, after int) (lines [][]string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), victimDir+"="+dir, victimHooks+"="+hooks)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		if lines = append(lines, strings.Fields(line)); len(lines) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(lines) < after {
		t.Fatalf("the victim ended by itself after %d lines: %v", len(lines), err)
	}
	return lines
}

// hires receives deliveries. Every other one it refuses.
type hires struct {
	mu sync.Mutex
	// bodies are what arrived, by the delivery's id; of is by candidate.
	bodies, of map[string]string
	count      int
	problems   []string
	arrived    chan struct{}
}

func (x *hires) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var body struct {
		ID   string
		Data struct{ OpportunityID string }
	}
	if err == nil {
		err = json.Unmarshal(raw, &body)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		x.problems = append(x.problems, err.Error())
	}
	if old, ok := x.bodies[body.ID]; ok && old != string(raw) {
		x.problems = append(x.problems, old+" came again as "+string(raw))
	}
	x.bodies[body.ID], x.of[body.Data.OpportunityID] = string(raw), body.ID
	if x.count++; x.count%2 == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	select {
	case x.arrived <- struct{}{}:
	default:
	}
}

// wait waits until every one of the candidates was told of.
func (x *hires) wait(ctx context.Context, ids []string) (missing []string) {
	for {
		missing = nil
		x.mu.Lock()
		for _, id := range ids {
			if x.of[id] == "" {
				missing = append(missing, id)
			}
		}
		x.mu.Unlock()
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-x.arrived:
		case <-ctx.Done():
			return missing
		}
	}
}

func TestNothingThatWasAnsweredIsLostByAKill(t *testing.T) {
	receiver := &hires{bodies: map[string]string{}, of: map[string]string{}, arrived: make(chan struct{}, 1)}
	server := httptest.NewServer(receiver)
	defer server.Close()
	dir := t.TempDir()
	var reported [][]string
	for range 3 {
		reported = append(reported, killed(t, dir, server.URL, 100+rand.IntN(300))...)
	}
	t.Logf("%d acts were answered, %d requests had arrived", len(reported), receiver.requests())
	store, err := keep.Open(dir, "twin.db")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	lever := newTwin(t, twin.Options{Store: store, Rate: 1e6, Burst: 1e6})
	defer lever.Close()
	for _, line := range reported {
		if problem := lost(lever, line[0], line[1], line[2]); problem != "" {
			t.Errorf("%v: %s", line, problem)
		}
	}
	// No change without its event, and no event without its change.
	hired := hiredCandidates(t, lever)
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	if missing := receiver.wait(ctx, hired); len(missing) > 0 {
		t.Errorf("%d of %d hires were never told: %v", len(missing), len(hired), missing)
	}
	for _, problem := range receiver.found(hired) {
		t.Error(problem)
	}
}

func (x *hires) requests() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.count
}

// found is what was wrong with what arrived.
func (x *hires) found(hired []string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	problems := x.problems
	for id := range x.of {
		if !slices.Contains(hired, id) {
			problems = append(problems, "told of "+id+", who was not hired")
		}
	}
	return problems
}

func hiredCandidates(t *testing.T, lever *twin.Twin) (ids []string) {
	t.Helper()
	rows, _, err := lever.Candidates(victimAccount, 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.Archived == "Hired" {
			ids = append(ids, row.OpportunityID)
		}
	}
	return ids
}

// lost says what is not there of what was reported.
func lost(lever *twin.Twin, what, opportunityID, id string) string {
	o := "/v1/opportunities/" + opportunityID
	secret := lever.Keys(victimAccount)[0].Secret
	var path, want string
	switch what {
	case "candidate":
		path, want = o, `"contact":"`+id+`"`
	case "note":
		path, want = o+"/notes/"+id, "good"
	case "file":
		path = o + "/files/" + id + "/download"
	case "hire":
		path, want = o+"/applications/"+id, `"archived":{`
	case "key":
		path, want, secret = "/v1/stages", "lead-new", id
	default:
		return "nobody knows what that is"
	}
	r := httptest.NewRequest("GET", path, nil)
	r.SetBasicAuth(secret, "")
	w := httptest.NewRecorder()
	lever.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Body.Len() == 0 || !strings.Contains(w.Body.String(), want) {
		return fmt.Sprintf("%d %s", w.Code, w.Body)
	}
	return ""
}
