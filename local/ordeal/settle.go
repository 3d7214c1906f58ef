package ordeal

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/shared/store"
)

// Settle has queues, clocks and callers go on until nothing is left to be done.
func (p *Play) Settle() {
	p.t.Helper()
	for range patience {
		p.rest()
		if p.work() {
			continue
		}
		if p.open() == "" {
			return
		}
		time.Sleep(beat)
		p.tick()
	}
	p.Errorf("not quiet after %v: %s", patience*beat, p.open())
}

// work has the functions behind the queues work off what can be received now, and
// reports whether there was anything.
func (p *Play) work() (worked bool) {
	p.t.Helper()
	for _, from := range queues(p.Stage) {
		if now, _ := p.held(from.Queue); now == 0 {
			continue
		}
		worked, err := p.queues.Once(p.t.Context())
		p.must(err)
		return worked
	}
	return false
}

// rest waits until no function under trial works: who steps through time looks at
// the queues only then.
func (p *Play) rest() {
	for synctest.Wait(); p.working.Load() > 0; synctest.Wait() {
		time.Sleep(10 * time.Millisecond)
	}
}

// open is what is still to be done, empty when it is quiet.
func (p *Play) open() string {
	p.t.Helper()
	for _, from := range queues(p.Stage) {
		if now, later := p.held(from.Queue); now+later > 0 {
			return fmt.Sprintf("%d messages in %s", now+later, from.Queue)
		}
	}
	if p.untold() {
		return "Lever has something to tell"
	}
	return p.due()
}

// untold reports whether Lever tries a webhook again.
func (p *Play) untold() bool {
	p.t.Helper()
	all, err := p.Twin.Deliveries(p.Account)
	p.must(err)
	last := map[string]bool{}
	for _, a := range all {
		last[a.Delivery] = a.NextAt > 0
	}
	return slices.Contains(slices.Collect(maps.Values(last)), true)
}

// due is what the table's index of what is due says: an event that has not ended, a
// delivery that has not arrived, an action, an import, a letter, an erasure, or a
// recovery that goes on. What is parked, what is due at some time in any case, and a
// letter for which somebody has days do not count.
func (p *Play) due() string {
	p.t.Helper()
	for _, kind := range p.kinds(time.Now().Add(horizon)) {
		if slices.Contains(goesOn(), kind) {
			return "one " + kind + " is due"
		}
	}
	return ""
}

// kinds are those of what is due by a time, as the table's index has them. They are
// read in the engine, not over the SDK: a play looks for them at every beat.
func (p *Play) kinds(by time.Time) (all []string) {
	p.t.Helper()
	var out struct {
		Items []struct{ DPK, DSK struct{ S string } }
	}
	p.must(p.AWS.Ask(p.t.Context(), "dynamodb", "Scan", map[string]string{
		"TableName": p.table, "IndexName": "due", "ProjectionExpression": "dpk, dsk",
	}, &out))
	for _, item := range out.Items {
		parts := strings.Split(item.DPK.S, "#")
		if len(parts) > 1 && parts[0] == "DUE" && item.DSK.S < by.UTC().Format(time.RFC3339) {
			all = append(all, parts[1])
		}
	}
	return all
}

// goesOn are the kinds of what is due until it has ended.
func goesOn() []string {
	return []string{"event", "delivery", "action", "import", "letter", "erasure", "recovery"}
}

func (p *Play) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// held is how many messages of a queue can be received now, and how many are hidden.
func (p *Play) held(arn string) (now, later int) {
	p.t.Helper()
	var out struct{ Attributes map[string]string }
	p.must(p.AWS.Ask(p.t.Context(), "sqs", "GetQueueAttributes", map[string]any{
		"QueueUrl": "http://aws.test/" + aws.Account + "/" + arn[strings.LastIndexByte(arn, ':')+1:], "AttributeNames": []string{"All"},
	}, &out))
	const number = "ApproximateNumberOfMessages"
	for name, n := range map[string]*int{number: &now, number + "Delayed": &later, number + "NotVisible": &later} {
		count, err := strconv.Atoi(out.Attributes[name])
		p.must(err)
		*n += count
	}
	return now, later
}

// Sync has the functions behind the queues work off what there is, once.
func (p *Play) Sync() {
	p.t.Helper()
	p.rest()
	p.work()
}

// Latest is the connection's newest event.
func (p *Play) Latest() store.Event {
	p.t.Helper()
	events, err := p.Table.Events(p.t.Context(), p.C.ID, store.Paging{Limit: 1})
	p.must(err)
	if len(events.Items) == 0 {
		p.t.Fatal("there is no event")
	}
	return events.Items[0]
}
