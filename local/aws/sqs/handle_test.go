package sqs

import (
	"encoding/base64"
	"testing"
	"time"
)

func TestOnlyTheLastHandleDeletes(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", nil)
		c.send(url, "x", nil)
		first := c.one(url)
		time.Sleep(30 * time.Second)
		second := c.one(url)
		c.delete(url, first)
		if got := c.counts(url); got != [3]string{"0", "1", "0"} {
			t.Errorf("counts after the old handle %v", got)
		}
		time.Sleep(30 * time.Second) // visible again, and nobody has received it since
		c.delete(url, second)
		c.delete(url, second)
		if got := c.counts(url); got != [3]string{"0", "0", "0"} {
			t.Errorf("counts after the last handle %v", got)
		}
	})
}

func TestHandlesThatAreNone(t *testing.T) {
	shared := newClient(t)
	url, other := shared.create("q", nil), shared.create("other", nil)
	shared.send(url, "x", nil)
	good := shared.one(url).ReceiptHandle
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	tests := map[string]struct{ url, handle string }{
		"no base64":             {url, "%"},
		"base64 of nothing":     {url, ""},
		"base64 of something":   {url, "YWJjIGRlZiBnaGk="},
		"one that was changed":  {url, base64.StdEncoding.EncodeToString(raw)},
		"that of another queue": {other, good},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := client{t, shared.s}
			c.wantCode(c.try("DeleteMessage", in{"QueueUrl": tt.url, "ReceiptHandle": tt.handle}, nil), "ReceiptHandleIsInvalid")
			c.wantCode(c.try("ChangeMessageVisibility", in{"QueueUrl": tt.url, "ReceiptHandle": tt.handle, "VisibilityTimeout": 1}, nil), "ReceiptHandleIsInvalid")
		})
	}
}

func TestChangingTheVisibility(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", nil)
		change := func(m received, seconds int) error {
			return c.try("ChangeMessageVisibility", in{"QueueUrl": url, "ReceiptHandle": m.ReceiptHandle, "VisibilityTimeout": seconds}, nil)
		}
		c.send(url, "x", nil)
		m := c.one(url)
		c.wantCode(change(m, 0), "")
		m = c.one(url) // at once

		c.wantCode(change(m, 100), "")
		time.Sleep(99 * time.Second)
		c.wantBodies(c.receive(url, nil))
		c.wantCode(change(m, 43201), "InvalidParameterValue")
		c.wantCode(change(m, 43200), "InvalidParameterValue") // 99 s of the 12 hours are over
		c.wantCode(change(m, 43200-99), "")
		time.Sleep((43200 - 99) * time.Second)

		c.wantCode(change(m, 0), "") // its time is over, but nobody else has it
		stale := m
		m = c.one(url)
		c.wantCode(change(stale, 10), "InvalidParameterValue")
		c.delete(url, m)
		c.wantCode(change(m, 10), "InvalidParameterValue")
	})
}
