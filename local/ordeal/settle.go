package ordeal

import (
	"maps"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"fulcrum/local/aws"
	"fulcrum/local/template"
	"fulcrum/shared/store"
)

// settle has queues, clocks and callers go on until nothing is left to be done.
func (p *Play) settle() {
	p.t.Helper()
	for range patience {
		p.rest()
		worked, err := p.queues.Once(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if worked {
			continue
		}
		if p.open() == "" {
			return
		}
		time.Sleep(beat)
		p.tick(often)
	}
	p.Errorf("not quiet after %v: %s", patience*beat, p.open())
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
		if n := p.waiting(from.Queue); n != "0" {
			return n + " messages in " + from.Queue
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
	out, err := p.Clients.DynamoDB.Scan(p.t.Context(), &dynamodb.ScanInput{
		TableName: &p.table, IndexName: new("due"), ProjectionExpression: new("dpk, dsk"),
	})
	p.must(err)
	soon := time.Now().Add(horizon).UTC().Format(time.RFC3339)
	for _, item := range out.Items {
		parts := strings.Split(text(item["dpk"]), "#")
		if len(parts) > 1 && parts[0] == "DUE" && slices.Contains(goesOn(), parts[1]) && text(item["dsk"]) < soon {
			return "one " + parts[1] + " is due"
		}
	}
	return ""
}

func text(v types.AttributeValue) string {
	s, _ := v.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
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

// waiting is how many messages a queue holds, those included that are hidden.
func (p *Play) waiting(arn string) string {
	p.t.Helper()
	all := []sqstypes.QueueAttributeName{
		sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	out, err := p.Clients.SQS.GetQueueAttributes(p.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: address(arn), AttributeNames: all})
	p.must(err)
	for _, n := range out.Attributes {
		if n != "0" {
			return n
		}
	}
	return "0"
}

// address is a queue's URL at the embedded AWS.
func address(arn string) *string {
	url := "http://aws.test/" + aws.Account + "/" + arn[strings.LastIndexByte(arn, ':')+1:]
	return &url
}

// often says which of the clocks run: those that look for what is due.
func often(s template.Schedule) bool { return strings.Contains(s.Expression, "minute") }

// tick runs clocks once. One whose function fails runs again with the next tick.
func (p *Play) tick(which func(template.Schedule) bool) {
	p.t.Helper()
	for _, s := range p.Wiring.Schedules {
		if !s.Enabled || !which(s) {
			continue
		}
		if _, err := p.Invoke(p.t.Context(), s.Function, []byte(s.Input)); err != nil {
			p.Errorf("clock %s: %v", s.Input, err)
		}
	}
}

// Sync has the functions behind the queues work off what there is, once.
func (p *Play) Sync() {
	p.t.Helper()
	p.rest()
	_, err := p.queues.Once(p.t.Context())
	p.must(err)
}

// Later has so much time pass with the clocks going that a window of Lever's changes
// is closed, once more for each mishap that may keep a clock from it.
func (p *Play) Later() {
	p.t.Helper()
	for range 4 * (1 + len(p.schedule)) {
		time.Sleep(window / 4)
		p.tick(often)
	}
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
