package account

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fulcrum/local/keep"
	"fulcrum/local/twin/shelf"
)

// clock is an account's time, what it told and what it keeps.
type clock struct {
	now    time.Time
	events []Event
	ids    int
	store  *keep.Store
	api    string
}

func (c *clock) account() *Account { return New(c.config()) }

func (c *clock) config() Config {
	if c.api == "" {
		c.api = "https://api.lever.co"
	}
	return Config{
		ID: "acc", Name: "Acme", Now: func() time.Time { return c.now }, Emit: func(e Event) { c.events = append(c.events, e) },
		NewID: func() string {
			c.ids++
			return fmt.Sprintf("00000000-0000-4000-8000-%012d", c.ids)
		},
		Pages: "https://hire.lever.co", API: c.api, Rack: shelf.NewRack(c.store, "acc"),
	}
}

func newAccount(t *testing.T) (*Account, *clock) {
	t.Helper()
	c := &clock{now: time.UnixMilli(1_700_000_000_000)}
	return c.account(), c
}

func create(t *testing.T, a *Account, d Draft) *Opportunity {
	t.Helper()
	o, _, err := a.Create(d)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Whatever happens to candidates, the list has each of them once, in order, and
// pages of any size put together are the list.
func TestTheOrderHoldsWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &clock{now: time.UnixMilli(1_700_000_000_000)}
		a := c.account()
		a.Seed(rapid.IntRange(0, 30).Draw(t, "seed"))
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				if _, _, err := a.Create(Draft{Name: "x", Stage: rapid.SampledFrom(a.Stages()).Draw(t, "stage").ID}); err != nil {
					t.Fatal(err)
				}
			},
			"move": func(t *rapid.T) {
				if o := draw(t, a); o != nil {
					if err := a.Move(o, rapid.SampledFrom(a.Stages()).Draw(t, "stage").ID, ""); err != nil {
						t.Fatal(err)
					}
				}
			},
			"archive": func(t *rapid.T) {
				if o := draw(t, a); o != nil {
					if err := a.Archive(o, Removal{Reason: "Timing"}); err != nil {
						t.Fatal(err)
					}
				}
			},
			"unarchive": func(t *rapid.T) {
				if o := draw(t, a); o != nil {
					a.Unarchive(o)
				}
			},
			"delete": func(t *rapid.T) {
				if o := draw(t, a); o != nil {
					a.Delete(o, "")
				}
			},
			"wait": func(t *rapid.T) {
				c.now = c.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "ms")) * time.Millisecond)
			},
			"": func(t *rapid.T) { checkOrder(t, a) },
		})
	})
}

func draw(t *rapid.T, a *Account) *Opportunity {
	if len(a.order) == 0 {
		return nil
	}
	return rapid.SampledFrom(a.order).Draw(t, "opportunity")
}

func checkOrder(t *rapid.T, a *Account) {
	if len(a.order) != len(a.opportunities) {
		t.Fatalf("%d in order, %d known", len(a.order), len(a.opportunities))
	}
	var all []*Opportunity
	var from *Position
	for {
		page, next := a.Page(Filter{NonConfidential: true}, from, 7)
		all = append(all, page...)
		if next == nil {
			break
		}
		from = next
	}
	if !slices.Equal(all, a.order) {
		t.Fatalf("pages give %d of %d, or another order", len(all), len(a.order))
	}
	for i := 1; i < len(all); i++ {
		if all[i-1].Position().compare(all[i].Position()) >= 0 {
			t.Fatalf("%v does not stand before %v", all[i-1].Position(), all[i].Position())
		}
	}
}

func TestASeededAccountLooksOld(t *testing.T) {
	a, c := newAccount(t)
	a.Seed(1000)
	counts := map[string]int{}
	for _, o := range a.order {
		if o.UpdatedAt == nil {
			counts["never touched"]++
		}
		if o.Application == nil {
			counts["without application"]++
		}
		if o.Archived != nil {
			counts["archived"]++
		}
		if len(o.Contact.Emails) == 0 {
			counts["without e-mail"]++
		}
	}
	want := map[string]int{"never touched": 960, "without application": 34, "archived": 200, "without e-mail": 100}
	for what, n := range want {
		if counts[what] != n {
			t.Errorf("%d %s, want %d", counts[what], what, n)
		}
	}
	if len(c.events) != 0 {
		t.Errorf("%d events of seeded candidates", len(c.events))
	}
	if o := create(t, a, Draft{Name: "Again", Emails: []string{"candidate7@acme.example"}}); len(o.Contact.opportunities) != 2 {
		t.Error("a seeded person is not found by e-mail")
	}
}

func TestSlicesOfTheOrder(t *testing.T) {
	a, _ := newAccount(t)
	a.Seed(10)
	for name, tt := range map[string]struct{ skip, limit, want int }{
		"the beginning": {0, 4, 4}, "the end": {8, 4, 2}, "behind the end": {20, 4, 0}, "before the beginning": {-3, 4, 4},
	} {
		if got := len(a.Slice(tt.skip, tt.limit)); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func BenchmarkPageOf20000(b *testing.B) {
	c := &clock{now: time.UnixMilli(1_700_000_000_000)}
	a := c.account()
	a.Seed(20_000)
	_, from := a.Page(Filter{NonConfidential: true}, nil, 100)
	for b.Loop() {
		a.Page(Filter{NonConfidential: true}, from, 100)
	}
}
