package twin_test

import (
	"net/http/httptest"
	"testing"

	"fulcrum/local/keep"
	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

// BenchmarkActs is what one act costs in an account with 20,000 candidates.
func BenchmarkActs(b *testing.B) {
	for _, store := range []string{"in memory", "with a store"} {
		x := twin.Options{Rate: 1e9, Burst: 1e9}
		if store == "with a store" {
			x.Store = openStore(b)
		}
		lever := newTwin(b, x)
		home, err := lever.CreateAccount(desk.NewAccount{Name: "Acme"})
		if err != nil {
			b.Fatal(err)
		}
		if err := lever.Seed(home.Account, 20_000); err != nil {
			b.Fatal(err)
		}
		c, err := lever.AddCandidate(home.Account, desk.Candidate{Name: "Ida Ito", Posting: "Backend Engineer"})
		if err != nil {
			b.Fatal(err)
		}
		for _, bench := range []struct {
			name string
			act  func(i int) error
		}{
			{"reading", func(int) error {
				r := httptest.NewRequest("GET", "/v1/opportunities/"+c.OpportunityID+"?expand=applications", nil)
				r.SetBasicAuth(home.APIKey, "")
				lever.ServeHTTP(httptest.NewRecorder(), r)
				return nil
			}},
			{"adding", func(int) error {
				_, err := lever.AddCandidate(home.Account, desk.Candidate{Name: "Nina Okafor", Posting: "Backend Engineer"})
				return err
			}},
			{"moving", func(i int) error {
				// One that has not been moved a thousand times.
				if i%100 == 0 {
					if c, err = lever.AddCandidate(home.Account, desk.Candidate{Name: "Ida Ito"}); err != nil {
						return err
					}
				}
				_, err := lever.Move(home.Account, c.OpportunityID, [...]string{"offer", "lead-new"}[i%2])
				return err
			}},
		} {
			b.Run(bench.name+" "+store, func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					if err := bench.act(i); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
			})
		}
		lever.Close()
	}
}

// BenchmarkSeedOf20000 is how long it takes to fill an account, and to open it.
func BenchmarkSeedOf20000(b *testing.B) {
	for _, name := range []string{"in memory", "with a store"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var store *keep.Store
				if name == "with a store" {
					store = openStore(b)
				}
				lever := newTwin(b, twin.Options{Store: store})
				home, err := lever.CreateAccount(desk.NewAccount{Name: "Acme"})
				if err != nil {
					b.Fatal(err)
				}
				if err := lever.Seed(home.Account, 20_000); err != nil {
					b.Fatal(err)
				}
				lever.Close()
			}
		})
	}
	store := openStore(b)
	lever := newTwin(b, twin.Options{Store: store})
	home, err := lever.CreateAccount(desk.NewAccount{Name: "Acme"})
	if err != nil {
		b.Fatal(err)
	}
	if err := lever.Seed(home.Account, 20_000); err != nil {
		b.Fatal(err)
	}
	lever.Close()
	b.Run("opening", func(b *testing.B) {
		for b.Loop() {
			newTwin(b, twin.Options{Store: store}).Close()
		}
	})
}
