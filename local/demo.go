package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/stack"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
)

// arrivalTime bounds how long the demo waits for the joiner.
const arrivalTime = 30 * time.Second

// demo takes hires from Lever to the partner and tells what happened on the way.
// It fails unless the joiner arrives.
func demo(ctx context.Context, root string, _ []string) error {
	var seen trail
	var log tail
	s, err := stack.Up(ctx, stack.Options{Root: root, Getenv: os.Getenv, Log: &log, Observe: seen.add})
	if err != nil {
		return err
	}
	defer closeQuietly(s)
	d := demonstration{stack: s, out: os.Stdout, trail: &seen}
	if err := d.run(ctx); err != nil {
		return fmt.Errorf("the demo failed: %w\nthe functions' last lines:\n%s", err, log.String())
	}
	return nil
}

type demonstration struct {
	stack *stack.Stack
	out   io.Writer
	trail *trail
}

func (d demonstration) run(ctx context.Context) error {
	c := d.stack.Connections[0]
	fmt.Fprintf(d.out, "A hire in Lever becomes a joiner in Joinedly, on this machine, with the binaries that are deployed.\n\n")
	if err := c.GiveDirectory(ctx, http.DefaultClient, d.stack.Gateway); err != nil {
		return err
	}
	opportunity, err := d.candidate(c)
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := d.stack.Twin.Hire(c.Account, opportunity, ""); err != nil {
		return err
	}
	d.trail.add(stack.Hop{At: start, Ended: time.Now(), Where: "Lever", What: "Ada Lovelace is marked as Hired"})
	joiner, err := d.arrival(ctx, c, opportunity, 1)
	if err != nil {
		return err
	}
	d.trail.print(d.out, start, d.asked(c, start))
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, joiner.Body, "  ", "  "); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nThe joiner that arrived, its signature verified by another library than ours:\n\n  %s\n\n", pretty.String())
	return errors.Join(d.refusals(ctx, c), d.speed(ctx, c), d.pendingHire(ctx))
}

// candidate adds somebody with a signed offer.
func (d demonstration) candidate(c seed.Connection) (string, error) {
	summary, err := d.stack.Twin.Summary(c.Account)
	if err != nil {
		return "", err
	}
	added, err := d.stack.Twin.AddCandidate(c.Account, desk.Candidate{
		Name: "Ada Lovelace", Email: "ada@example.com", Phone: "+44 20 7946 0958", Posting: summary.Postings[0].ID, Stage: "offer",
	})
	if err != nil {
		return "", err
	}
	_, err = d.stack.Twin.AddOffer(c.Account, added.OpportunityID, offer())
	return added.OpportunityID, err
}

// arrival waits for the opportunity's joiner. It fails when there are more than
// the hire can have made.
func (d demonstration) arrival(ctx context.Context, c seed.Connection, opportunity string, want int) (sandbox.Delivery, error) {
	ctx, stop := context.WithTimeout(ctx, arrivalTime)
	defer stop()
	for {
		var of []sandbox.Delivery
		for _, delivery := range d.stack.Sandbox.Deliveries(c.Partner, c.ID) {
			if bytes.Contains(delivery.Body, []byte(opportunity)) {
				of = append(of, delivery)
			}
		}
		if len(of) > want {
			return of[0], fmt.Errorf("%d joiners arrived for one hire", len(of))
		}
		if len(of) == want {
			return of[0], nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return sandbox.Delivery{}, fmt.Errorf("no joiner arrived within %v", arrivalTime)
		}
	}
}

// asked are the requests of Lever's API, which the twin remembers.
func (d demonstration) asked(c seed.Connection, since time.Time) []stack.Hop {
	requests, err := d.stack.Twin.Requests(c.Account)
	if err != nil {
		return nil
	}
	var hops []stack.Hop
	for _, r := range requests {
		at := time.UnixMilli(r.At)
		if at.Before(since.Truncate(time.Millisecond)) {
			continue
		}
		hops = append(hops, stack.Hop{At: at, Ended: at, Where: "Lever API", What: fmt.Sprintf("%s %s → %d", r.Method, shortPath(r.Path), r.Status)})
	}
	return hops
}

// refusals shows that the same delivery forged, repeated, or sent as a connection
// test does what it should.
func (d demonstration) refusals(ctx context.Context, c seed.Connection) error {
	attempts, err := d.stack.Twin.Deliveries(c.Account)
	if err != nil {
		return err
	}
	sent := attempts[len(attempts)-1]
	for _, a := range attempts {
		if a.Event == string(c.Webhooks[0].Event) {
			sent = a
		}
	}
	forged := strings.Replace(sent.Body, `"triggeredAt":1`, `"triggeredAt":2`, 1)
	before := len(d.stack.Sandbox.Deliveries("", ""))
	verified, err := d.stack.Twin.Verify(ctx, c.Account, sent.Webhook)
	if err != nil {
		return err
	}
	for _, tt := range []struct {
		what      string
		got, want int
	}{
		{"the same delivery with another time", post(ctx, sent.URL, forged), http.StatusUnauthorized},
		{"the same delivery at a made-up address", post(ctx, sent.URL[:len(sent.URL)-4]+"AAAA", sent.Body), http.StatusUnauthorized},
		{"the same delivery once more", post(ctx, sent.URL, sent.Body), http.StatusOK},
		{"Lever's Verify connection", verified.Status, http.StatusOK},
	} {
		fmt.Fprintf(d.out, "  %-42s %d\n", tt.what, tt.got)
		if tt.got != tt.want {
			return fmt.Errorf("%s: status %d, want %d", tt.what, tt.got, tt.want)
		}
	}
	if after := len(d.stack.Sandbox.Deliveries("", "")); after != before {
		return fmt.Errorf("%d documents too many arrived", after-before)
	}
	return nil
}

func post(ctx context.Context, url, body string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

// hires is how many the demo times, and refill what it waits between them: a hire
// takes some of the ten calls a second that Lever allows an account.
const (
	hires  = 9
	refill = 500 * time.Millisecond
)

// speed times a row of hires, one after the other, on warm functions.
func (d demonstration) speed(ctx context.Context, c seed.Connection) error {
	var took []time.Duration
	asked := 0
	for range hires {
		time.Sleep(refill)
		opportunity, err := d.candidate(c)
		if err != nil {
			return err
		}
		start, before := time.Now(), d.stack.Twin.Calls(c.Account)
		if _, err := d.stack.Twin.Hire(c.Account, opportunity, ""); err != nil {
			return err
		}
		if _, err := d.arrival(ctx, c, opportunity, 1); err != nil {
			return err
		}
		took, asked = append(took, time.Since(start)), asked+d.stack.Twin.Calls(c.Account)-before
	}
	fmt.Fprintf(d.out, "\n  from hire to delivery: %d ms in the median of %d (goal: at most 300 ms)\n", median(took).Milliseconds(), hires)
	fmt.Fprintf(d.out, "  calls of Lever's API for a hire:   %.1f in the mean (goal: at most 2)\n", float64(asked)/hires)
	return nil
}

func offer() account.OfferFields {
	signed := "signed"
	start := time.Now().AddDate(0, 1, 0).UTC().Truncate(24 * time.Hour)
	return account.OfferFields{Status: &signed, Outside: true, Fields: map[string]any{
		"job_title": "Analyst", "salary_amount": 84000, "compensation_currency": "USD", "salary_interval": "per-year-salary",
		"anticipated_start_date": start.UnixMilli(),
	}}
}

// tail keeps the last lines that were written.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, strings.Split(strings.TrimSuffix(string(p), "\n"), "\n")...)
	t.lines = t.lines[max(0, len(t.lines)-30):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
