package rig_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/twin/desk"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

func TestAHireArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		c := l.Connection(t, "joinedly")
		added, err := l.Twin.AddCandidate(c.Account, desk.Candidate{Name: "Ada Lovelace", Email: "ada@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := l.Twin.Hire(c.Account, added.OpportunityID, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		got := l.Sandbox.Deliveries("joinedly", c.ID)
		if len(got) != 1 {
			t.Fatalf("%d deliveries after %v", len(got), time.Since(start))
		}
		var body map[string]any
		if err := json.Unmarshal(got[0].Body, &body); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s", got[0].Body)
	})
}
