package queue_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/boot"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
)

// receive takes one message of a queue of the stack, as soon as there is one.
func receive(t *testing.T, r *rig.Rig, name string) types.Message {
	t.Helper()
	url := "http://any/" + engine.Account + "/" + name
	for {
		out, err := r.Clients.SQS.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: &url, WaitTimeSeconds: 20, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) > 0 {
			return out.Messages[0]
		}
	}
}

func sender(t *testing.T, r *rig.Rig, function string) (*queue.Sender, *boot.Env) {
	t.Helper()
	env := r.Env(t, function)
	return queue.NewSender(env.AWS("SQS", boot.Working)), env
}

func TestAnEventGoesToItsPartnersQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		s, env := sender(t, r, "WebhookCandidateHired")
		sent := queue.Event{
			ID: "evt_1", Connection: "con_1", Event: lever.CandidateHired, TriggeredAt: 1, ReceivedAt: 2, BodyHash: "h",
			IDs: lever.IDs{Opportunity: "o-1", Contact: "c-1"},
		}
		if err := s.Partners(env.Need("PARTNER_QUEUE_URL")).Send(t.Context(), "joinedly", sent); err != nil {
			t.Fatal(err)
		}
		m := receive(t, r, "fulcrum-partner-joinedly")
		var got queue.Event
		if err := json.Unmarshal([]byte(*m.Body), &got); err != nil || got != sent {
			t.Errorf("received %s, %v", *m.Body, err)
		}
		if m.Attributes["MessageGroupId"] != "con_1" {
			t.Errorf("the message's group is %q, not the connection", m.Attributes["MessageGroupId"])
		}
	})
}

func TestAQueueThatIsNotThereIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, engine.Options{})
		s, env := sender(t, r, "WebhookCandidateHired")
		if err := s.Partners(env.Need("PARTNER_QUEUE_URL")).Send(t.Context(), "nobody", queue.Event{Connection: "con_1"}); err == nil {
			t.Error("an event went to a queue that is not there")
		}
	})
}

func TestADeliveryIsHeldBackForItsDelay(t *testing.T) {
	tests := map[string]struct{ delay, held time.Duration }{
		"at once":                         {0, 0},
		"a minute":                        {time.Minute, time.Minute},
		"to the second":                   {90*time.Second + 400*time.Millisecond, 90 * time.Second},
		"no longer than a queue can hold": {time.Hour, queue.MaxDelay},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rig.New(t, engine.Options{})
				s, env := sender(t, r, "HubDeliver")
				sent := queue.Delivery{Connection: "con_1", Delivery: "dlv_1"}
				if err := s.Deliveries(env.Need("DELIVERIES_QUEUE_URL")).Send(t.Context(), sent, tt.delay); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				m := receive(t, r, "fulcrum-deliveries")
				if held := time.Since(start); held != tt.held {
					t.Errorf("held back for %v, want %v", held, tt.held)
				}
				var got queue.Delivery
				if err := json.Unmarshal([]byte(*m.Body), &got); err != nil || got != sent {
					t.Errorf("received %s, %v", *m.Body, err)
				}
			})
		})
	}
}
