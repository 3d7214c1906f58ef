package backfill_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/backfill"
	"fulcrum/shared/credential"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// book is a source of parts that have so many pages each; a page takes a while. It
// keeps which pages were done.
type book struct {
	pages, parts int
	takes        time.Duration
	// before is asked before a page is done, and may fail it.
	before func(page string) error

	mu     sync.Mutex
	done   map[string]int
	atOnce int
	most   int
}

func (b *book) Parts(context.Context, *backfill.Job) ([]store.ImportPart, error) {
	var windows []lever.Window
	for n := range b.parts {
		windows = append(windows, lever.Window{From: lever.Time(n + 1)})
	}
	return backfill.Windows(windows), nil
}

func (b *book) Page(_ context.Context, _ *backfill.Job, part store.ImportPart) (backfill.Page, error) {
	at, _ := strconv.Atoi(part.Offset)
	name := fmt.Sprintf("%d.%d", part.Window.From, at)
	b.count(1)
	time.Sleep(b.takes)
	b.count(-1)
	if b.before != nil {
		if err := b.before(name); err != nil {
			return backfill.Page{}, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done[name]++
	next := strconv.Itoa(at + 1)
	if at+1 == b.pages {
		next = ""
	}
	return backfill.Page{Next: next, Read: 10, Changed: 1}, nil
}

func (b *book) count(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.atOnce += n
	b.most = max(b.most, b.atOnce)
}

// desk is where messages lie until somebody works on them.
type desk struct {
	mu   sync.Mutex
	mail []message
}

type message struct {
	queue.Import
	at time.Time
}

func (d *desk) Send(_ context.Context, _ string, m queue.Import, delay time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mail = append(d.mail, message{m, time.Now().Add(delay)})
	return nil
}

func (d *desk) next() (message, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.mail) == 0 {
		return message{}, false
	}
	slices.SortStableFunc(d.mail, func(a, b message) int { return a.at.Compare(b.at) })
	m := d.mail[0]
	d.mail = d.mail[1:]
	return m, true
}

type nobody struct{}

func (nobody) Client(context.Context, store.Connection, rate.Class) (*lever.Client, error) {
	return nil, nil
}

func (nobody) Send(context.Context, queue.Delivery, time.Duration) error { return nil }

// world is a table, a queue, and a partner's runner over them.
type world struct {
	table   *store.Table
	desk    *desk
	runner  *backfill.Runner
	starter *backfill.Starter
	engine  *aws.Engine
}

const connection = "con_1"

func newWorld(t *testing.T, sources backfill.Sources) world {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)))
	r := rig.New(t, aws.Options{})
	w := world{table: store.FromEnv(r.Env(t, "PartnerEvidencedSync")), desk: &desk{}, engine: r.AWS}
	if err := w.table.PutConnection(t.Context(), store.Connection{ID: connection, Partner: "evidenced"}); err != nil {
		t.Fatal(err)
	}
	n := 0
	var mu sync.Mutex
	name := func() string { mu.Lock(); defer mu.Unlock(); n++; return strconv.Itoa(n) }
	w.runner = backfill.New(sources, w.table, nobody{}, w.desk, nobody{}, time.Now, name)
	w.starter = backfill.NewStarter(w.table, w.desk)
	return w
}

func (w world) start(t *testing.T, kind string, then ...string) {
	t.Helper()
	if err := w.starter.Start(t.Context(), store.Import{Connection: connection, Partner: "evidenced", ID: kind, Kind: kind, Then: then}); err != nil {
		t.Fatal(err)
	}
}

// work works off messages, for so long at most. A message that failed comes again
// after two minutes.
func (w world) work(t *testing.T, d time.Duration) {
	t.Helper()
	for until := time.Now().Add(d); ; {
		m, ok := w.desk.next()
		if !ok || m.at.After(until) {
			return
		}
		time.Sleep(time.Until(m.at))
		if w.runner.Run(t.Context(), m.Connection, m.Import.Import) != nil {
			_ = w.desk.Send(t.Context(), "", m.Import, 2*time.Minute)
		}
	}
}

func (w world) import_(t *testing.T, id string) store.Import {
	t.Helper()
	i, err := w.table.Import(t.Context(), connection, id)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// expectRead fails unless every page was done, and the import counts each once.
func (b *book) expectRead(t *testing.T, i store.Import) {
	t.Helper()
	if i.State != store.Imported || i.Read != 10*b.pages*b.parts || i.Changed != b.pages*b.parts {
		t.Errorf("%s: %d read, %d changed, %s", i.State, i.Read, i.Changed, i.Reason)
	}
	if len(b.done) != b.pages*b.parts {
		t.Errorf("%d pages done", len(b.done))
	}
}

func newBook(parts, pages int) *book {
	return &book{parts: parts, pages: pages, takes: 300 * time.Millisecond, done: map[string]int{}}
}

func TestAnImportIsReadPageByPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(12, 40)
		w := newWorld(t, backfill.Sources{"book": b})
		begin := time.Now()
		w.start(t, "book")
		w.work(t, time.Hour)
		b.expectRead(t, w.import_(t, "book"))
		for page, n := range b.done {
			if n != 1 {
				t.Errorf("page %s was done %d times", page, n)
			}
		}
		if b.most != 5 {
			t.Errorf("%d pages at once", b.most)
		}
		// 480 pages of 300 ms, five at a time.
		if took := time.Since(begin); took > 40*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Every page fails once, in each way; every message is lost once.
func TestAnImportGoesOnAfterWhateverHappens(t *testing.T) {
	errAway := errors.New("away")
	tests := map[string]func(t *testing.T, w world, b *book){
		"every page fails at first": func(_ *testing.T, _ world, b *book) {
			failed := map[string]bool{}
			b.before = func(page string) error {
				b.mu.Lock()
				defer b.mu.Unlock()
				if !failed[page] {
					failed[page] = true
					return errAway
				}
				return nil
			}
		},
		"the table is away for a while": func(_ *testing.T, w world, _ *book) {
			w.engine.Inject(aws.Fault{Service: "dynamodb", Action: "PutItem", Status: 500, Times: 40})
		},
		"answers of the table are lost": func(_ *testing.T, w world, _ *book) {
			w.engine.Inject(aws.Fault{Service: "dynamodb", Action: "PutItem", DropAnswer: true, Times: 30})
		},
		"somebody begins it again and again": func(t *testing.T, w world, b *book) {
			b.before = func(string) error {
				return w.starter.Start(t.Context(), store.Import{Connection: connection, Partner: "evidenced", ID: "book", Kind: "book"})
			}
		},
		"its message is lost": func(t *testing.T, w world, b *book) {
			b.before = func(page string) error {
				if page == "3.2" {
					w.desk.mu.Lock()
					w.desk.mail = nil
					w.desk.mu.Unlock()
				}
				return nil
			}
		},
	}
	for name, happen := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(3, 10)
				w := newWorld(t, backfill.Sources{"book": b})
				w.start(t, "book")
				happen(t, w, b)
				for range 100 {
					w.work(t, time.Hour)
					time.Sleep(time.Minute)
					if err := w.starter.Due(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				b.expectRead(t, w.import_(t, "book"))
			})
		})
	}
}

func TestAKillAtAnyPageRepeatsThatPageAtMost(t *testing.T) {
	for page := range 12 {
		t.Run(fmt.Sprintf("page %d", page), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(1, 12)
				w := newWorld(t, backfill.Sources{"book": b})
				ctx, kill := context.WithCancel(t.Context())
				b.before = func(name string) error {
					if name == fmt.Sprintf("1.%d", page) && ctx.Err() == nil {
						kill()
					}
					return nil
				}
				w.start(t, "book")
				m, _ := w.desk.next()
				if err := w.runner.Run(ctx, m.Connection, m.Import.Import); err == nil {
					t.Error("a killed run ends well")
				}
				_ = w.desk.Send(t.Context(), "", m.Import, 2*time.Minute)
				w.work(t, time.Hour)
				b.expectRead(t, w.import_(t, "book"))
				for name, n := range b.done {
					want := 1
					if name == fmt.Sprintf("1.%d", page) {
						want = 2
					}
					if n != want {
						t.Errorf("page %s was done %d times", name, n)
					}
				}
			})
		})
	}
}

func TestTwoWorkersDoNotReadTheSamePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(4, 20)
		w := newWorld(t, backfill.Sources{"book": b})
		w.start(t, "book")
		var both sync.WaitGroup
		for range 3 {
			both.Go(func() {
				for range 30 {
					if err := w.runner.Run(t.Context(), connection, "book"); err != nil {
						t.Error(err)
					}
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		both.Wait()
		b.expectRead(t, w.import_(t, "book"))
		if len(b.done) != 80 || slices.ContainsFunc(values(b.done), func(n int) bool { return n != 1 }) {
			t.Errorf("%v", b.done)
		}
	})
}

func values(m map[string]int) (all []int) {
	for _, n := range m {
		all = append(all, n)
	}
	return all
}

func TestWhatCannotGoOnIsParked(t *testing.T) {
	tests := map[string]struct {
		err       error
		reason    fault.Reason
		attention bool
	}{
		"what is marked":           {fault.Permanent("too_old", errors.New("too old")), "too_old", true},
		"a lost connection":        {fault.Permanent(credential.Lost, errors.New("lost")), credential.Lost, false},
		"what fails for 72 hours":  {errors.New("away"), "tries_used_up", true},
		"what the partner has not": {nil, "import_of_unknown_kind", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook(2, 3)
				fails := true
				b.before = func(string) error {
					if fails {
						return tt.err
					}
					return nil
				}
				sources := backfill.Sources{"book": b}
				if tt.err == nil {
					delete(sources, "book")
				}
				w := newWorld(t, sources)
				w.start(t, "book")
				w.work(t, 100*time.Hour)
				i := w.import_(t, "book")
				if i.State != store.ImportParked || i.Reason != tt.reason {
					t.Fatalf("%s %s", i.State, i.Reason)
				}
				if open := w.open(t); open != tt.attention {
					t.Errorf("an attention item: %v", open)
				}
				fails = false
				sources["book"] = b
				if err := w.starter.Resume(t.Context(), connection); err != nil {
					t.Fatal(err)
				}
				w.work(t, time.Hour)
				b.expectRead(t, w.import_(t, "book"))
				if w.open(t) {
					t.Error("the attention item stays")
				}
			})
		})
	}
}

// open reports whether there is an open attention item.
func (w world) open(t *testing.T) bool {
	t.Helper()
	all, err := w.table.Attentions(t.Context(), connection, store.Paging{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(all.Items, func(a store.Attention) bool { return a.ClearedAt == 0 && a.Reason == backfill.Stopped })
}

func TestImportsFollowOneAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newBook(1, 2), newBook(1, 2), newBook(1, 2)
		b.before = func(string) error {
			if len(a.done) != 2 || len(c.done) != 0 {
				return errors.New("not its turn")
			}
			return nil
		}
		w := newWorld(t, backfill.Sources{"a": a, "b": b, "c": c})
		w.start(t, "a", "b", "c")
		w.work(t, time.Hour)
		for kind, x := range map[string]*book{"a": a, "b": b, "c": c} {
			x.expectRead(t, w.import_(t, kind))
		}
	})
}

func TestAPartnersPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs, users, people := newBook(1, 1), newBook(1, 1), newBook(1, 1)
		w := newWorld(t, backfill.Sources{"jobs": jobs, "users": users, "people": people})
		c := store.Connection{ID: connection, Partner: "evidenced"}
		plan := backfill.Plan{First: []string{"jobs", "people"}, Again: []string{"jobs", "users"}}
		if err := w.starter.Connect(t.Context(), c, plan); err != nil {
			t.Fatal(err)
		}
		minutes := func(n int) {
			for range n {
				w.work(t, time.Minute)
				time.Sleep(time.Minute)
				if err := w.starter.Due(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		minutes(2*int(backfill.Every/time.Minute) + 1)
		if people.done["1.0"] != 1 || users.done["1.0"] < 2 || users.done["1.0"] > 3 || jobs.done["1.0"] != users.done["1.0"]+1 {
			t.Errorf("jobs %v, people %v, users %v", jobs.done, people.done, users.done)
		}
		before := users.done["1.0"]
		if err := w.starter.Stop(t.Context(), connection, "disconnected"); err != nil {
			t.Fatal(err)
		}
		minutes(2*int(backfill.Every/time.Minute) + 1)
		if users.done["1.0"] != before {
			t.Errorf("read %d times more after it was stopped", users.done["1.0"]-before)
		}
	})
}
