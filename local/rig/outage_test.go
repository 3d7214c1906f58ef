package rig_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/twin/api"
	"fulcrum/shared/store"
)

// expectNoDeadLetters fails when a message was given up.
func (w way) expectNoDeadLetters() {
	w.t.Helper()
	queues, err := w.Clients.SQS.ListQueues(w.t.Context(), &sqs.ListQueuesInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, url := range queues.QueueUrls {
		out, err := w.Clients.SQS.GetQueueAttributes(w.t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if n := out.Attributes["ApproximateNumberOfMessages"]; n != "0" {
			w.t.Errorf("%s has %s messages", url, n)
		}
	}
}

// A partner that is away for three days gets everything when it is back, and is
// not hammered meanwhile.
func TestAPartnerThatIsAwayForThreeDaysGetsEverything(t *testing.T) {
	rig.Whole(t)
	on(t, aws.Options{}, func(t *testing.T, w way) {
		w.Sandbox.Inject(sandbox.Fault{Status: http.StatusServiceUnavailable, Times: -1})
		var all []string
		for day := range 3 {
			for i := range 4 {
				all = append(all, w.hire(fmt.Sprintf("Person%d of %d", i, day)))
			}
			time.Sleep(24 * time.Hour)
		}
		w.Sandbox.ClearFaults()
		back := time.Now()
		time.Sleep(18 * time.Hour)
		most, latest := 0, time.Duration(0)
		for _, opportunity := range all {
			d := w.expectOnce(opportunity)
			most = max(most, d.Attempts)
			latest = max(latest, d.ReceivedAt.Sub(back))
		}
		t.Logf("at most %d attempts; the last arrived %v after the partner was back", most, latest)
		if most < 8 || most > 14 {
			t.Errorf("%d attempts of one delivery", most)
		}
		w.expectEnded()
		w.expectNoDeadLetters()
	})
}

// What is still parked after an outage is redriven by its reason; states that were
// told meanwhile are not told again.
func TestAnOutageOfAWeekIsRedriven(t *testing.T) {
	rig.Soak(t)
	on(t, aws.Options{}, func(t *testing.T, w way) {
		w.Sandbox.Inject(sandbox.Fault{Status: http.StatusServiceUnavailable, Times: -1})
		opportunity := w.hire("Ada")
		time.Sleep(7 * 24 * time.Hour)
		parked, err := w.Table.Parked(t.Context(), w.c.ID, "", store.Paging{})
		if err != nil || len(parked.Items) != 1 || parked.Items[0].Reason != "endpoint_away" {
			t.Fatalf("parked: %+v, %v", parked.Items, err)
		}
		w.Sandbox.ClearFaults()
		for range 2 {
			if _, err := w.Table.RetryDelivery(t.Context(), w.c.ID, parked.Items[0].Delivery); err != nil {
				t.Log(err) // the second time it is on its way
			}
		}
		time.Sleep(time.Hour) // the clock sends what nobody sent
		w.expectOnce(opportunity)
		w.expectEnded()
	})
}

// A customer with nine times the events of twenty others does not slow them.
func TestANoisyCustomerDoesNotSlowOthers(t *testing.T) {
	rig.Whole(t)
	alone, beside := quietAge(t, 0), quietAge(t, 300)
	t.Logf("p99 of the quiet ones: %v alone, %v beside a noisy one", alone, beside)
	if beside > 2*alone {
		t.Errorf("quiet ones take %v, %v without the noisy one", beside, alone)
	}
}

// quietAge is how long hires of quiet customers take at most in a hundred, while a
// noisy one has so many hires per minute.
func quietAge(t *testing.T, noise int) time.Duration {
	t.Helper()
	var ages []time.Duration
	on(t, aws.Options{}, func(t *testing.T, w way) {
		quiet := w.customers(20)
		inject(w, api.Fault{Match: "GET /v1/*", DelayMS: 100, Times: -1})
		w.Sandbox.Inject(sandbox.Fault{DelayMS: 50, Times: -1})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 2 * noise {
				w.hire("Noisy")
				time.Sleep(time.Minute / time.Duration(noise))
			}
		}()
		for range 3 {
			for _, c := range quiet {
				ages = append(ages, w.of(c).hireAndWait())
				time.Sleep(time.Second)
			}
		}
		<-done
	})
	slices.Sort(ages)
	return ages[len(ages)*99/100]
}

// customers makes quiet customers beside w's.
func (w way) customers(n int) []seed.Connection {
	w.t.Helper()
	var all []seed.Connection
	for i := range n {
		c, err := w.Seed.Customer(w.t.Context(), "joinedly", fmt.Sprint(i))
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func (w way) of(c seed.Connection) way { return way{w.Live, w.t, c} }

// hireAndWait is how long a hire takes to arrive.
func (w way) hireAndWait() time.Duration {
	w.t.Helper()
	opportunity, begin := w.hire("Quiet"), time.Now()
	for len(w.arrived(opportunity)) == 0 {
		if time.Since(begin) > time.Hour {
			w.t.Fatal("a quiet customer's hire has not arrived after an hour")
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(begin)
}
