package reconcile_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/reconcile"
)

// dies puts a message into a queue whose function fails on it until it is a dead
// letter.
func (b bench) dies(queue, body string) {
	b.Helper()
	url := "http://any/" + engine.Account + "/" + rig.StackName + "-" + queue
	if _, err := b.Clients.SQS.SendMessage(b.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
		b.Fatal(err)
	}
	for range 9 {
		if _, err := b.Clients.SQS.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url}); err != nil {
			b.Fatal(err)
		}
		time.Sleep(time.Hour)
	}
	b.expect(queue, "")
}

// Dead letters go back to where they came from, once however often it is asked.
func TestDeadLettersAreRedriven(t *testing.T) {
	in(t, func(b bench) {
		b.dies("deliveries", `{"connection":"con_1","delivery":"dlv_1"}`)
		b.do("redrive")
		b.do("redrive")
		time.Sleep(time.Minute)
		b.expect("deliveries", "dlv_1")
		b.expect("deliveries-dead", "")
	})
}

// A connection's dead letters are told once, by an item and a document, and stay
// where they are; the item closes when they are gone.
func TestDeadLettersAreTold(t *testing.T) {
	in(t, func(b bench) {
		b.connected()
		b.dies("partner-joinedly", `{"id":"evt_1","connection":"con_1"}`)
		b.dies("deliveries", `{"connection":"con_of_nobody","delivery":"dlv_1"}`)
		b.dies("deliveries", `no JSON`)
		for range 3 {
			b.do("ledger")
			time.Sleep(5 * time.Minute)
		}
		if items, told := b.alerts("dead_letters"), len(b.taken("deliveries")); items != 1 || told != 1 {
			b.Errorf("%d items, %d documents", items, told)
		}
		b.expect("partner-joinedly-dead", "evt_1")
		b.do("ledger")
		if n := b.alerts("dead_letters"); n != 0 {
			b.Errorf("%d items open when it is over", n)
		}
	})
}

// One look reads a part of very many letters: what it did not see is not over.
func TestVeryManyDeadLettersAreToldToo(t *testing.T) {
	in(t, func(b bench) {
		b.connected()
		url := "http://any/" + engine.Account + "/" + rig.StackName + "-deliveries-dead"
		body := `{"connection":"con_1","delivery":"dlv_1"}`
		for range 300 {
			if _, err := b.Clients.SQS.SendMessage(b.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
				b.Fatal(err)
			}
		}
		b.do("ledger")
		if n := b.alerts("dead_letters"); n != 1 {
			b.Errorf("%d items", n)
		}
		time.Sleep(time.Minute)
		b.do("ledger")
		if n := b.alerts("dead_letters"); n != 1 {
			b.Errorf("%d items after another look", n)
		}
	})
}

// A partner that is no longer deployed has no queue; the others' letters are told of.
func TestAQueueThatIsGoneIsPassedOver(t *testing.T) {
	in(t, func(b bench) {
		b.connected()
		b.dies("deliveries", `{"connection":"con_1","delivery":"dlv_1"}`)
		url := "http://any/" + engine.Account + "/" + rig.StackName + "-partner-joinedly-dead"
		if _, err := b.Clients.SQS.DeleteQueue(b.Context(), &sqs.DeleteQueueInput{QueueUrl: &url}); err != nil {
			b.Fatal(err)
		}
		b.do("ledger")
		if n := b.alerts("dead_letters"); n != 1 {
			b.Errorf("%d items", n)
		}
		if err := b.tasks.Handle(b.Context(), reconcile.Event{Task: "redrive"}); err != nil {
			b.Error(err)
		}
	})
}
