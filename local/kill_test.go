package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/stack"
	"fulcrum/local/tried"
)

// process is `make up` in a process of its own.
type process struct {
	*testing.T
	binary, data, file string
	port               int
	cmd                *exec.Cmd
	log                bytes.Buffer
}

func newProcess(t *testing.T) *process {
	t.Helper()
	dir := t.TempDir()
	p := &process{T: t, binary: filepath.Join(dir, "fulcrum"), data: filepath.Join(dir, "data"), file: filepath.Join(dir, "stack.json"), port: freePort(t)}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", p.binary, rig.Root("local")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return p
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// up starts the process and waits until it is ready. Its group is its own, so that
// it can be killed with everything that it has started.
func (p *process) up() stack.File {
	p.Helper()
	p.cmd = exec.CommandContext(p.Context(), p.binary, "up")
	p.cmd.Dir = rig.Root("")
	p.cmd.Env = append(os.Environ(), "DATA_DIR="+p.data, "STACK_FILE="+p.file, fmt.Sprint("PORT=", p.port), "AWS_ENDPOINT_URL=")
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		p.Fatal(err)
	}
	var f stack.File
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(p.file)
		if err == nil && json.Unmarshal(text, &f) == nil {
			return f
		}
		if time.Now().After(until) {
			p.kill()
			p.Fatalf("not up: %s", p.log.String())
		}
	}
}

func (p *process) kill() {
	p.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		p.Error(err)
	}
	if err := p.cmd.Wait(); err == nil {
		p.Error("the process ended by itself")
	}
	if err := os.Remove(p.file); err != nil {
		p.Error(err)
	}
}

// confirmed has several people hire until stop, and remembers the hires that Lever has
// confirmed.
type confirmed struct {
	mu  sync.Mutex
	ids []string
}

func (h *confirmed) run(f stack.File, stop *atomic.Bool) {
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			// Lever takes ten calls a second; more hires would only wait.
			for ; !stop.Load(); time.Sleep(100 * time.Millisecond) {
				if id := hire(f); id != "" {
					h.mu.Lock()
					h.ids = append(h.ids, id)
					h.mu.Unlock()
				}
			}
		})
	}
	all.Wait()
}

// hire adds and hires somebody, and gives the opportunity once Lever has said that
// it is done.
func hire(f stack.File) string {
	base := f.Lever + "/_twin/" + f.Connections[0].Account
	var added struct{ OpportunityID string }
	if !call(http.MethodPost, base+"/candidates", `{"name":"Ada Lovelace","email":"ada@example.com"}`, &added) {
		return ""
	}
	if !call(http.MethodPost, base+"/opportunities/"+added.OpportunityID+"/hire", `{}`, nil) {
		return ""
	}
	return added.OpportunityID
}

func call(method, url, body string, out any) bool {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return false
	}
	res, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		return false
	}
	return out == nil || json.Unmarshal(text, out) == nil
}

// Killed at any moment under load and started again on what it has kept, the
// bundle delivers every hire that Lever has confirmed, each as one delivery.
func TestAKillLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs every function")
	}
	kills, patience := 3, 2*time.Minute
	if os.Getenv("SOAK") != "" {
		// What Lever could not post waits for its fifth try, ten minutes after the
		// fourth; what fell out of a queue is found after a quarter of an hour.
		kills, patience = 20, 20*time.Minute
	}
	p, h := newProcess(t), &confirmed{}
	f := p.up()
	for range kills {
		var stop atomic.Bool
		var load sync.WaitGroup
		load.Go(func() { h.run(f, &stop) })
		time.Sleep(200*time.Millisecond + rand.N(1500*time.Millisecond))
		p.kill()
		stop.Store(true)
		load.Wait()
		f = p.up()
	}
	defer p.kill()
	missing, quiet := h.ids, time.Now()
	for until := time.Now().Add(patience); len(missing) > 0 && time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		missing = h.missing(t, f)
	}
	for _, id := range missing {
		story(t, f, id)
	}
	if len(missing) > 0 || len(h.ids) < 5*kills {
		t.Errorf("%d of %d confirmed hires have not arrived, such as %v", len(missing), len(h.ids), missing[:min(len(missing), 3)])
	}
	tried.Note(t, "kills of the whole stack", kills)
	t.Logf("%d kills, %d confirmed hires, the last arrived %v after the last start", kills, len(h.ids), time.Since(quiet).Round(time.Second))
}

// story logs what Lever tried and what the ledger has of an opportunity.
func story(t *testing.T, f stack.File, opportunity string) {
	t.Helper()
	c := f.Connections[0]
	var attempts []map[string]any
	call(http.MethodGet, f.Lever+"/_twin/"+c.Account+"/deliveries", "", &attempts)
	for _, a := range attempts {
		if text := fmt.Sprint(a); strings.Contains(text, opportunity) {
			t.Logf("Lever: %.600s", text)
		}
	}
	req, err := http.NewRequest(http.MethodGet, f.Gateway+"/v1/connections/"+c.ID+"/events?limit=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.PartnerAPIKey)
	for cursor := ""; ; {
		req.URL.RawQuery = "limit=100&cursor=" + cursor
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			Items      []json.RawMessage
			NextCursor string
		}
		err = errors.Join(json.NewDecoder(res.Body).Decode(&list), res.Body.Close())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list.Items {
			if strings.Contains(string(e), opportunity) {
				t.Logf("ledger: %s", e)
			}
		}
		if cursor = list.NextCursor; cursor == "" {
			return
		}
	}
}

// missing are the confirmed hires without a document. One with two is an error.
func (h *confirmed) missing(t *testing.T, f stack.File) []string {
	t.Helper()
	var arrived []sandbox.Delivery
	if !call(http.MethodGet, f.Partner+"/_sandbox/deliveries?partner=joinedly", "", &arrived) {
		t.Fatal("the sandbox does not answer")
	}
	documents := map[string]int{}
	for _, d := range arrived {
		var body struct {
			Data struct{ OpportunityID string }
		}
		if err := json.Unmarshal(d.Body, &body); err != nil {
			t.Fatal(err)
		}
		if documents[body.Data.OpportunityID]++; documents[body.Data.OpportunityID] == 2 {
			t.Fatalf("two deliveries of one hire, the second %s", d.ID)
		}
	}
	var missing []string
	for _, id := range h.ids {
		if documents[id] == 0 {
			missing = append(missing, id)
		}
	}
	return missing
}
