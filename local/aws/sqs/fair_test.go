package sqs

import (
	"fmt"
	"slices"
	"testing"
)

// flood sends n messages of a group.
func (c client) flood(url, group string, n int) {
	c.t.Helper()
	for i := range n {
		c.send(url, fmt.Sprint(group, i), in{"MessageGroupId": group})
	}
}

func (c client) receiveMany(url string, n int) []received {
	c.t.Helper()
	var all []received
	for len(all) < n {
		got := c.receive(url, in{"MaxNumberOfMessages": min(10, n-len(all))})
		if len(got) == 0 {
			c.t.Fatalf("only %d of %d messages", len(all), n)
		}
		all = append(all, got...)
	}
	return all
}

func TestAGroupInAStandardQueueDoesNotBlock(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.flood(url, "g", 2)
	first := c.one(url)
	if first.Attributes["MessageGroupId"] != "g" {
		t.Errorf("attributes %v", first.Attributes)
	}
	c.wantBodies(c.receive(url, nil), "g1")
}

func TestANoisyGroupYields(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.flood(url, "noisy", 100)
	c.flood(url, "quiet", 2)
	c.send(url, "alone", nil)
	c.receiveMany(url, 29)
	c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 1}), "noisy29") // 29 in flight are not noisy
	c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 4}), "quiet0", "quiet1", "alone", "noisy30")
}

func TestAGroupIsNoisyOnlyWithMoreThanATenth(t *testing.T) {
	tests := map[string]struct {
		others int // in flight beside the group's 30
		want   string
	}{
		"30 of 299": {others: 269, want: "quiet0"},
		"30 of 300": {others: 270, want: "busy30"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			url := c.create("q", nil)
			for i := range tt.others {
				c.send(url, "other", in{"MessageGroupId": fmt.Sprint("other", i)})
			}
			c.receiveMany(url, tt.others)
			c.flood(url, "busy", 31)
			c.flood(url, "quiet", 1)
			c.receiveMany(url, 30)
			c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 1}), tt.want)
		})
	}
}

func TestAmongNoisyGroupsTheOneWithTheFewestInFlightIsNext(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.flood(url, "a", 40)
	c.receiveMany(url, 40)
	c.flood(url, "b", 30)
	c.receiveMany(url, 30)
	c.flood(url, "a", 1)
	c.flood(url, "b", 1)
	got := bodies(c.receiveMany(url, 1))
	if !slices.Equal(got, []string{"b0"}) {
		t.Errorf("received %q", got)
	}
}

func TestAGroupThatIsDoneIsQuietAgain(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.flood(url, "noisy", 40)
	held := c.receiveMany(url, 30)
	c.flood(url, "quiet", 1)
	for _, m := range held[:5] {
		c.delete(url, m)
	}
	c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 1}), "noisy30")
}

func TestMessagesWithoutAGroupAreNeverNoisy(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	for i := range 60 {
		c.send(url, fmt.Sprint(i), nil)
	}
	c.receiveMany(url, 50)
	c.flood(url, "quiet", 1)
	c.wantBodies(c.receive(url, in{"MaxNumberOfMessages": 1}), "50")
}
