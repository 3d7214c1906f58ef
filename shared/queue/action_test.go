package queue_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/queue"
)

func TestAnActionGoesToItsPartnersQueueInItsTime(t *testing.T) {
	for name, tt := range map[string]struct{ delay, held time.Duration }{
		"at once":     {0, 0},
		"overdue":     {-time.Hour, 0},
		"in a minute": {time.Minute, time.Minute},
		"in an hour":  {time.Hour, queue.MaxDelay},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rig.New(t, engine.Options{})
				s, env := sender(t, r, "WebhookCandidateHired")
				start := time.Now()
				if err := s.Actions(env.Need("PARTNER_QUEUE_URL")).Send(t.Context(), "joinedly", queue.Action{Connection: "con_1", Action: "act_1"}, tt.delay); err != nil {
					t.Fatal(err)
				}
				m := receive(t, r, "fulcrum-partner-joinedly")
				var got queue.Action
				if err := json.Unmarshal([]byte(*m.Body), &got); err != nil || got != (queue.Action{Connection: "con_1", Action: "act_1"}) {
					t.Errorf("received %s, %v", *m.Body, err)
				}
				if held := time.Since(start); held < tt.held || held > tt.held+time.Second || m.Attributes["MessageGroupId"] != "con_1" {
					t.Errorf("held back for %v in group %q", held, m.Attributes["MessageGroupId"])
				}
			})
		})
	}
}
