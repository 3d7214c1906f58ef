package sqs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// restart leaves a Service behind as kill -9 would, and opens another on what
// it has saved.
func (c client) restart(store *keep.Store) client {
	c.t.Helper()
	return openClient(c.t, store)
}

func open(t *testing.T, dir string) *keep.Store {
	t.Helper()
	store, err := keep.Open(dir, "aws.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestARestartLosesNothing(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store := open(t, dir)
		c := openClient(t, store)
		url, dead := c.withDeadLetters("q", 2, map[string]string{"VisibilityTimeout": "10"})
		c.send(url, "fresh", in{"MessageGroupId": "g", "MessageAttributes": in{"a": text("b"), "c": in{"DataType": "Binary", "BinaryValue": []byte{0, 1}}}})
		c.send(url, "delayed", in{"DelaySeconds": 60})
		before := c.receive(url, nil)[0]
		c.send(url, "deleted", nil)
		c.delete(url, c.one(url))

		c = c.restart(store)
		if got := c.counts(url); got != [3]string{"0", "1", "1"} {
			t.Errorf("counts %v", got)
		}
		time.Sleep(10 * time.Second)
		after := c.one(url)
		if after.MessageID != before.MessageID || after.Attributes["ApproximateReceiveCount"] != "2" || after.MD5OfMessageAttributes != before.MD5OfMessageAttributes ||
			after.Attributes["SentTimestamp"] != before.Attributes["SentTimestamp"] || after.Attributes["ApproximateFirstReceiveTimestamp"] != before.Attributes["ApproximateFirstReceiveTimestamp"] {
			t.Errorf("after %+v, before %+v", after, before)
		}

		c = c.restart(store) // what was received twice is a dead letter, also by another process
		time.Sleep(10 * time.Second)
		c.wantBodies(c.receive(url, nil))
		c = c.restart(store)
		c.wantBodies(c.receive(dead, nil), "fresh")
		time.Sleep(time.Minute)
		c.wantBodies(c.receive(url, nil), "delayed")
	})
}

// Who had received a message is gone with the stack: nobody has to wait for it.
func TestWhatWasInFlightLands(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store := open(t, dir)
		c := openClient(t, store)
		url := c.create("q", map[string]string{"VisibilityTimeout": "3600"})
		c.send(url, "in flight", nil)
		c.send(url, "delayed", in{"DelaySeconds": 60})
		c.one(url)
		s, err := New(Options{Region: "us-east-1", Account: "000000000000", Now: time.Now, Mood: wire.Calm{}, Store: store, Landed: true})
		if err != nil {
			t.Fatal(err)
		}
		c = client{t, s}
		if got := c.counts(url); got != [3]string{"1", "0", "1"} {
			t.Errorf("counts %v", got)
		}
		if m := c.one(url); m.Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("received %s times", m.Attributes["ApproximateReceiveCount"])
		}
	})
}

func TestAHandleOutlivesARestart(t *testing.T) {
	store := open(t, t.TempDir())
	c := openClient(t, store)
	url := c.create("q", nil)
	c.send(url, "x", nil)
	m := c.one(url)
	c = c.restart(store)
	c.delete(url, m)
	if got := c.counts(url); got != [3]string{"0", "0", "0"} {
		t.Errorf("counts %v", got)
	}
}

func TestAFIFOQueueGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store := open(t, dir)
		c := openClient(t, store)
		url := c.create("q.fifo", fifo())
		first := c.post(url, "g", "1")
		c.post(url, "g", "2")
		c.one(url)

		c = c.restart(store)
		c.wantBodies(c.receive(url, nil)) // still blocked
		if again := c.post(url, "g", "1"); again.MessageID != first.MessageID {
			t.Error("the deduplication id is forgotten")
		}
		if third := c.post(url, "g", "3"); third.SequenceNumber <= first.SequenceNumber {
			t.Errorf("sequence number %s after %s", third.SequenceNumber, first.SequenceNumber)
		}
		time.Sleep(30 * time.Second)
		c.wantBodies(c.receive(url, nil), "1", "2", "3")
	})
}

func TestAMoveTaskGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store := open(t, dir)
		c := openClient(t, store)
		source, _ := c.deadLetters(3)
		c.start(in{"MaxNumberOfMessagesPerSecond": 1})
		time.Sleep(time.Second)
		c.tasks(1)
		c = c.restart(store)
		time.Sleep(2 * time.Second)
		if got := c.tasks(1)[0]; got.Status != completed || got.ApproximateNumberOfMessagesMoved != 3 {
			t.Errorf("task %+v", got)
		}
		c.wantBodies(c.receive(source, nil), "0", "1", "2")
	})
}

func TestADeletedQueueLeavesNothingInTheStore(t *testing.T) {
	store := open(t, t.TempDir())
	c := openClient(t, store)
	url := c.create("q.fifo", fifo())
	c.post(url, "g", "1")
	c.post(url, "g", "2")
	c.one(url)
	c.must("DeleteQueue", in{"QueueUrl": url}, nil)
	for _, bucket := range []string{bucketQueues, bucketMessages, bucketFlights, bucketTraces} {
		if err := store.Load(bucket, func(key string, _ []byte) error { return fmt.Errorf("%s is left in %s", key, bucket) }); err != nil {
			t.Error(err)
		}
	}
}

func TestAStoreThatCannotBeReadIsAnError(t *testing.T) {
	for bucket, key := range map[string]string{bucketQueues: "q", bucketMessages: "q/1", bucketFlights: "q/1", bucketTraces: "q/1", bucketMoves: "1"} {
		t.Run(bucket, func(t *testing.T) {
			store := open(t, t.TempDir())
			openClient(t, store).create("q", nil)
			if err := store.Save(keep.Change{Bucket: bucket, Key: key, Value: []byte("junk")}); err != nil {
				t.Fatal(err)
			}
			if _, err := New(Options{Now: time.Now, Store: store}); err == nil {
				t.Error("opened")
			}
		})
	}
	t.Run("a message without its queue", func(t *testing.T) {
		store := open(t, t.TempDir())
		if err := store.Save(keep.Change{Bucket: bucketMessages, Key: "q/1", Value: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{Now: time.Now, Store: store}); err == nil || !strings.Contains(err.Error(), "belongs to no queue") {
			t.Errorf("error %v", err)
		}
	})
}

func TestWhatCannotBeSavedIsNotAcknowledged(t *testing.T) {
	store := open(t, t.TempDir())
	c := openClient(t, store)
	url := c.create("q", nil)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	c.wantCode(c.try("SendMessage", in{"QueueUrl": url, "MessageBody": "x"}, nil), "InternalFailure")
}

// TestManyCallersAtOnce has 16 callers send, receive and delete. Whatever the
// order, every message is received, and none twice.
func TestManyCallersAtOnce(t *testing.T) {
	store := open(t, t.TempDir())
	c := openClient(t, store)
	url := c.create("q", nil)
	const callers, each = 16, 50
	var mu sync.Mutex
	var all sync.WaitGroup
	seen := map[string]int{}
	for i := range callers {
		all.Go(func() {
			for j := range each {
				c.send(url, fmt.Sprint(i, " ", j), in{"MessageGroupId": fmt.Sprint(j % 3)})
			}
		})
		all.Go(func() {
			for {
				got := c.receive(url, in{"WaitTimeSeconds": 1})
				for _, m := range got {
					mu.Lock()
					seen[m.Body]++
					mu.Unlock()
					c.delete(url, m)
				}
				mu.Lock()
				finished := len(seen) == callers*each
				mu.Unlock()
				if finished {
					return
				}
			}
		})
	}
	all.Wait()
	if most := slices.Max(slices.Collect(maps.Values(seen))); most > 1 || len(seen) != callers*each {
		t.Errorf("%d messages, one of them %d times", len(seen), most)
	}
	if got := c.restart(store).counts(url); got != [3]string{"0", "0", "0"} {
		t.Errorf("left in the store: %v", got)
	}
}

// BenchmarkSend sends to a queue that is kept on disk.
func BenchmarkSend(b *testing.B) {
	store, err := keep.Open(b.TempDir(), "aws.db")
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	s, err := New(Options{Now: time.Now, Store: store})
	if err != nil {
		b.Fatal(err)
	}
	body, err := json.Marshal(in{"QueueUrl": "q", "MessageBody": strings.Repeat("x", 1000), "MessageGroupId": "g"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Do(b.Context(), callOf("CreateQueue", []byte(`{"QueueName":"q"}`))); err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Do(b.Context(), callOf("SendMessage", body)); err != nil {
				b.Error(err)
			}
		}
	})
}
