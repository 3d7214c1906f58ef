// Package load sends webhooks to the gateway at a rate that does not wait for the
// answers, and follows every one of them to its end in the ledger. The functions, the
// twin and the embedded AWS are in this process, so that the figures are of our code;
// they say what two cores do, not what AWS does.
package load

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// atOnce is how many webhooks may be without an answer. More is a gateway that does
// not keep up, and ends the run.
const atOnce = 20_000

// perShard is how many customers share a secret of signing tokens.
const perShard = 80

// customer is a customer with a hire of whom its webhooks tell again and again.
type customer struct {
	seed.Connection
	opportunity string
}

// field is a stack with many customers.
type field struct {
	*rig.Live
	t         *testing.T
	customers []customer
	sent      atomic.Int64
}

// newField makes a stack with so many customers, each with so many opportunities beside
// the hire.
func newField(t *testing.T, customers, opportunities int) *field {
	t.Helper()
	f := &field{Live: rig.NewLive(t, aws.Options{}), t: t}
	// What hires tell by themselves is none of the load.
	f.Stop()
	for n := range customers {
		f.Seed.Shard = 1 + n/perShard
		c, err := f.Seed.Customer(t.Context(), "justworks", strconv.Itoa(n))
		f.must(err)
		f.must(f.Twin.Seed(c.Account, opportunities))
		added, err := f.Twin.AddCandidate(c.Account, desk.Candidate{Name: fmt.Sprint("Hire of ", n), Posting: "Backend Engineer"})
		f.must(err)
		_, err = f.Twin.Switch(c.Account, map[string]bool{"candidateHired": false})
		f.must(err)
		_, err = f.Twin.Hire(c.Account, added.OpportunityID, "")
		f.must(err)
		f.customers = append(f.customers, customer{c, added.OpportunityID})
	}
	f.Start(t)
	f.Stop() // the functions are there, and nothing is taken out of the queues yet
	return f
}

func (f *field) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// body is another delivery of a customer's webhook, as Lever signs it.
func (f *field) body(c customer) string {
	at, token := time.Now().UnixMilli(), fmt.Sprintf("%048x", f.sent.Add(1))
	w := c.Webhooks[0]
	return fmt.Sprintf(`{"triggeredAt":%d,"event":%q,"data":{"opportunityId":%q},"signature":%q,"token":%q}`,
		at, w.Event, c.opportunity, seed.Signature(w.SigningToken, token, at), token)
}

// post sends one and reports whether it was taken.
func (f *field) post(c customer) bool {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.Webhooks[0].URL, strings.NewReader(f.body(c)))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := f.RoundTrip(req)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// outcome is what came of a load.
type outcome struct {
	took    map[string][]time.Duration // by connection, from when each was due to its answer
	refused int
	// late is how far behind its times the sending was at worst.
	late time.Duration
}

// all are the times of the connections that are wanted, in order.
func (o outcome) all(want func(connection string) bool) []time.Duration {
	var all []time.Duration
	for connection, took := range o.took {
		if want(connection) {
			all = append(all, took...)
		}
	}
	slices.Sort(all)
	return all
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].Round(10 * time.Microsecond)
}

// send sends a webhook of the customer that whose says at each tick, whatever has
// become of those before. What a tick waits for its turn counts as its time.
func (f *field) send(rate int, long time.Duration, whose func(n int) customer) outcome {
	o := outcome{took: map[string][]time.Duration{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	open := make(chan struct{}, atOnce)
	began := time.Now()
	for n := range int(float64(rate) * long.Seconds()) {
		due := began.Add(time.Duration(n) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		select {
		case open <- struct{}{}:
		default:
			f.t.Fatalf("%d webhooks wait for an answer after %v", atOnce, time.Since(began))
		}
		o.late = max(o.late, time.Since(due))
		all.Go(func() {
			c := whose(n)
			taken := f.post(c)
			took := time.Since(due)
			<-open
			mu.Lock()
			defer mu.Unlock()
			o.took[c.ID] = append(o.took[c.ID], took)
			if !taken {
				o.refused++
			}
		})
	}
	all.Wait()
	return o
}

// ledger counts the events of the load, and those that have ended.
func (f *field) ledger() (noted, ended map[string]int) {
	f.t.Helper()
	noted, ended = map[string]int{}, map[string]int{}
	table := f.Env(f.t, "HubReconcile").Need("TABLE")
	pages := dynamodb.NewScanPaginator(f.Clients.DynamoDB, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		f.must(err)
		var events []store.Event
		f.must(attributevalue.UnmarshalListOfMaps(page.Items, &events))
		for _, e := range events {
			if !strings.HasPrefix(e.SK, "EVENT#") || e.Origin != store.FromLever {
				continue
			}
			noted[e.Connection]++
			if e.State.Ended() {
				ended[e.Connection]++
			}
		}
	}
	return noted, ended
}

// drain has everything worked off, and gives how long that took.
func (f *field) drain(sent int) time.Duration {
	f.t.Helper()
	began := time.Now()
	f.Start(f.t)
	defer f.Stop()
	for {
		_, ended := f.ledger()
		total := 0
		for _, n := range ended {
			total += n
		}
		if total >= sent {
			return time.Since(began)
		}
		if time.Since(began) > time.Hour {
			f.t.Fatalf("%d of %d have ended after an hour", total, sent)
		}
		time.Sleep(100*time.Millisecond + time.Since(began)/10)
	}
}

// number is a number of the environment, or what it is without.
func number(t *testing.T, name string, without int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return without
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is no number above 0", name, text)
	}
	return n
}

// Every webhook that is taken is in the ledger once, and ends. RATE webhooks a second
// come for SECONDS, of so many CUSTOMERS.
func TestEveryWebhookOfALoadIsTakenAndEnds(t *testing.T) {
	rig.Whole(t)
	rate, seconds, customers := number(t, "RATE", 100), number(t, "SECONDS", 1), number(t, "CUSTOMERS", 20)
	f := newField(t, customers, number(t, "OPPORTUNITIES", 10))
	o := f.send(rate, time.Duration(seconds)*time.Second, func(n int) customer { return f.customers[n%customers] })
	sent := rate * seconds
	all := o.all(func(string) bool { return true })
	t.Logf("%d webhooks of %d customers, %d a second, on %d processors: %d refused; answered after p50 %v, p99 %v, at worst %v; sent at worst %v late",
		sent, customers, rate, runtime.GOMAXPROCS(0), o.refused, quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1), o.late)
	if o.refused > 0 {
		t.Errorf("%d were refused", o.refused)
	}
	took := f.drain(sent)
	noted, ended := f.ledger()
	for connection, took := range o.took {
		if noted[connection] != len(took) || ended[connection] != len(took) {
			t.Errorf("%s: %d were taken, %d noted, %d ended", connection, len(took), noted[connection], ended[connection])
		}
	}
	t.Logf("all noted once and ended, %.1f s after the last", took.Seconds())
}

// Nobody's webhooks are refused while one customer sends nine of ten. How much longer
// the others wait for their answers than alone, and than beside as many webhooks of
// everybody, is shown, and judged by nobody: it is time.
func TestNothingIsRefusedBesideALoudCustomer(t *testing.T) {
	rig.Whole(t)
	rate, seconds := number(t, "RATE", 100), number(t, "SECONDS", 1)
	f := newField(t, 21, 10)
	loud, quiet := f.customers[0], f.customers[1:]
	others := func(n int) customer { return quiet[n%len(quiet)] }
	f.send(rate, time.Second, others) // the first ones start functions
	long := time.Duration(seconds) * time.Second
	refused := 0
	p99 := func(rate int, whose func(n int) customer) time.Duration {
		o := f.send(rate, long, whose)
		refused += o.refused
		return quantile(o.all(func(connection string) bool { return connection != loud.ID }), 0.99)
	}
	alone, even := p99(max(rate/10, 1), others), p99(rate, others)
	beside := p99(rate, func(n int) customer {
		if n%10 == 0 {
			return others(n / 10)
		}
		return loud
	})
	t.Logf("p99 of the quiet customers: %v alone, %v at %d a second of everybody, %v beside one that sends 90 %% of that: %.1f and %.1f times",
		alone, even, rate, beside, beside.Seconds()/alone.Seconds(), beside.Seconds()/even.Seconds())
	if refused > 0 {
		t.Errorf("%d were refused", refused)
	}
}
