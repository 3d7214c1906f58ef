package console_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// BenchmarkPages asks for the console's pages with 10,000 events and 500
// connections in the table.
func BenchmarkPages(b *testing.B) {
	l := rig.NewLive(b, aws.Options{})
	c := l.Connection(b, "joinedly")
	ctx := context.Background()
	for i := range 499 {
		err := l.Table.PutConnection(ctx, store.Connection{
			ID: fmt.Sprintf("con_%03d", i), Partner: "joinedly", CreatedAt: lever.At(time.Now()), Customer: store.Customer{Name: fmt.Sprintf("Customer %d", i)},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for i := range 10_000 {
		_, err := l.Table.Receive(ctx, store.Event{
			ID: fmt.Sprintf("evt_%05d", i), Connection: c.ID, Partner: c.Partner, Event: lever.CandidateHired, Origin: store.FromLever,
			ReceivedAt: lever.At(time.Now().Add(-time.Duration(i) * time.Minute)),
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	w := &world{Live: l, t: b, c: c, rest: rest}
	at := w.as("admin")
	for name, page := range map[string]string{
		"home": "/console", "connections": "/console/connections", "search": "/console/connections?q=customer+7",
		"overview": "/console/connections/" + c.ID, "events": "/console/connections/" + c.ID + "/events",
		"filtered events": "/console/connections/" + c.ID + "/events?state=received&hours=168",
		"event":           "/console/connections/" + c.ID + "/events/evt_00042", "parked": "/console/connections/" + c.ID + "/parked",
		"completeness": "/console/connections/" + c.ID + "/completeness", "numbers": "/console/connections/" + c.ID + "/numbers",
		"usage": "/console/usage", "keys": "/console/keys", "followed events": "/console/connections/" + c.ID + "/events?live=1&part=rows",
	} {
		b.Run(name, func(b *testing.B) {
			w.rest = func() {
				b.StopTimer()
				rest()
				b.StartTimer()
			}
			at.get(page) // what is counted once is counted
			for b.Loop() {
				at.get(page).expect(http.StatusOK)
			}
			b.ReportMetric(float64(len(at.page)), "B/page")
		})
	}
}
