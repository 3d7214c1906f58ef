package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"time"

	"fulcrum/local/seed"
	"fulcrum/local/stack"
	"fulcrum/local/twin/desk"
)

// rounds is how many hires are timed. Lever allows an account ten calls a second,
// so each waits for its share.
const rounds = 40

// bench times hires on the running stack and counts what they ask for.
func bench(ctx context.Context, root string, _ []string) error {
	var seen trail
	s, err := stack.Up(ctx, stack.Options{Root: root, Getenv: os.Getenv, Log: io.Discard, Observe: seen.add})
	if err != nil {
		return err
	}
	defer closeQuietly(s)
	c := s.Connections[0]
	d := demonstration{stack: s, out: io.Discard, trail: &seen}
	if _, _, err := d.timed(ctx, c, 3); err != nil { // warm
		return err
	}
	start := time.Now()
	calls := s.Twin.Calls(c.Account)
	arrivals, opportunities, err := d.timed(ctx, c, rounds)
	if err != nil {
		return err
	}
	asked := float64(s.Twin.Calls(c.Account)-calls) / rounds
	hops := seen.since(start, nil)
	acks, err := acknowledgements(ctx, c)
	if err != nil {
		return err
	}
	fmt.Printf("%d hires, one after the other, on %d processors, %s; AWS is the embedded engine without latency\n\n", len(opportunities), runtime.NumCPU(), runtime.Version())
	fmt.Printf("  %-44s %10s %10s\n", "", "p50", "p99")
	row("webhook posted → answered (ACK)", acks)
	row("hire → document at the partner", arrivals)
	fmt.Printf("\n  %-44s %10s\n", "calls for one hire", "")
	for _, function := range []string{"WebhookCandidateHired", "PartnerJoinedlySync", "HubDeliver"} {
		fmt.Printf("  %-44s %10.2f\n", "AWS, by "+function, perRound(hops, function))
	}
	fmt.Printf("  %-44s %10.2f\n", "Lever API", asked)
	return nil
}

func row(name string, took []time.Duration) {
	fmt.Printf("  %-44s %7.1f ms %7.1f ms\n", name, ms(median(took)), ms(quantile(took, 0.99)))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func perRound(hops []stack.Hop, function string) float64 {
	n := 0
	for _, h := range hops {
		if h.Call && h.Where == function {
			n++
		}
	}
	return float64(n) / rounds
}

// timed hires n candidates, one after the other.
func (d demonstration) timed(ctx context.Context, c seed.Connection, n int) ([]time.Duration, []string, error) {
	var took []time.Duration
	var all []string
	for range n {
		time.Sleep(refill)
		added, err := d.stack.Twin.AddCandidate(c.Account, desk.Candidate{Name: "Ada Lovelace", Email: "ada@example.com"})
		if err != nil {
			return nil, nil, err
		}
		start := time.Now()
		if _, err := d.stack.Twin.Hire(c.Account, added.OpportunityID, ""); err != nil {
			return nil, nil, err
		}
		if _, err := d.arrival(ctx, c, added.OpportunityID, 1); err != nil {
			return nil, nil, err
		}
		took, all = append(took, time.Since(start)), append(all, added.OpportunityID)
	}
	return took, all, nil
}

// acknowledgements times signed deliveries posted to the gateway.
func acknowledgements(ctx context.Context, c seed.Connection) ([]time.Duration, error) {
	w := c.Webhooks[0]
	var took []time.Duration
	for i := range rounds {
		token := fmt.Sprintf("%048d", i)
		at := time.Now().UnixMilli()
		body := fmt.Sprintf(`{"triggeredAt":%d,"event":%q,"data":{"opportunityId":"none"},"signature":%q,"token":%q}`,
			at, w.Event, seed.Signature(w.SigningToken, token, at), token)
		start := time.Now()
		if status := post(ctx, w.URL, body); status != http.StatusOK {
			return nil, fmt.Errorf("a signed delivery is answered with %d", status)
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}
