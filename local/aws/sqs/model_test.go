package sqs

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// model is a standard queue as its documentation tells it, in the simplest way:
// what is hidden until when.
type model struct {
	now      time.Time
	messages map[string]*modelled // by message id
	held     []received           // every receive there was
}

type modelled struct {
	until    time.Time
	receives int
}

// counts are the messages visible, in flight and delayed.
func (m *model) counts() [3]string {
	var n [3]int
	for _, x := range m.messages {
		switch {
		case !x.until.After(m.now):
			n[0]++
		case x.receives > 0:
			n[1]++
		default:
			n[2]++
		}
	}
	return [3]string{fmt.Sprint(n[0]), fmt.Sprint(n[1]), fmt.Sprint(n[2])}
}

// TestAStandardQueueIsItsModel does what comes to mind in any order, and after
// each step compares the queue with the model.
func TestAStandardQueueIsItsModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{now: time.Unix(1e9, 0), messages: map[string]*modelled{}}
		s, err := New(Options{Now: func() time.Time { return m.now }, Mood: wire.Calm{}, Store: &keep.Store{}})
		if err != nil {
			rt.Fatal(err)
		}
		c := client{t, s}
		url := c.create("q", nil)
		steps := m.steps(c, url)
		steps[""] = func(rt *rapid.T) {
			if got, want := c.counts(url), m.counts(); got != want {
				rt.Fatalf("counts %v, want %v", got, want)
			}
		}
		rt.Repeat(steps)
	})
}

func (m *model) steps(c client, url string) map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"time passes": func(rt *rapid.T) {
			m.now = m.now.Add(time.Duration(rapid.IntRange(1, 20).Draw(rt, "seconds")) * time.Second)
		},
		"send": func(rt *rapid.T) {
			delay := rapid.IntRange(0, 10).Draw(rt, "delay")
			group := rapid.SampledFrom([]string{"g", "h", ""}).Draw(rt, "group")
			sent := c.send(url, "x", in{"DelaySeconds": delay, "MessageGroupId": group})
			m.messages[sent.MessageID] = &modelled{until: m.now.Add(time.Duration(delay) * time.Second)}
		},
		"receive": func(rt *rapid.T) {
			most, hide := rapid.IntRange(1, 10).Draw(rt, "most"), rapid.IntRange(0, 30).Draw(rt, "hide")
			visible := m.counts()[0]
			got := c.receive(url, in{"MaxNumberOfMessages": most, "VisibilityTimeout": hide})
			if len(got) != most && fmt.Sprint(len(got)) != visible {
				rt.Fatalf("received %d of %s, wanted %d", len(got), visible, most)
			}
			for _, r := range got {
				x := m.messages[r.MessageID]
				if x == nil || x.until.After(m.now) {
					rt.Fatalf("received %+v, which is deleted or hidden", r)
				}
				x.receives++
				x.until = m.now.Add(time.Duration(hide) * time.Second)
			}
			m.held = append(m.held, got...)
		},
		"delete": func(rt *rapid.T) {
			if x, r := m.pick(rt); x != nil {
				c.delete(url, r)
				if fmt.Sprint(x.receives) == r.Attributes["ApproximateReceiveCount"] {
					delete(m.messages, r.MessageID)
				}
			}
		},
		"change the visibility": func(rt *rapid.T) {
			x, r := m.pick(rt)
			if x == nil {
				return
			}
			hide := rapid.IntRange(0, 30).Draw(rt, "hide")
			err := c.try("ChangeMessageVisibility", in{"QueueUrl": url, "ReceiptHandle": r.ReceiptHandle, "VisibilityTimeout": hide}, nil)
			last := fmt.Sprint(x.receives) == r.Attributes["ApproximateReceiveCount"]
			if (err == nil) != last {
				rt.Fatalf("error %v for a handle that is the last: %v", err, last)
			}
			if last {
				x.until = m.now.Add(time.Duration(hide) * time.Second)
			}
		},
	}
}

// pick is some receive of a message that is still there.
func (m *model) pick(rt *rapid.T) (*modelled, received) {
	if len(m.held) == 0 {
		return nil, received{}
	}
	r := rapid.SampledFrom(m.held).Draw(rt, "held")
	return m.messages[r.MessageID], r
}
