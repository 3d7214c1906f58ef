package shelf

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fulcrum/local/keep"
)

// thing is an object with an id that changes.
type thing struct {
	ID   string
	Text string
}

func (x *thing) key() string { return x.ID }

// rooms are a rack with one shelf of each form.
type rooms struct {
	rack  *Rack
	shelf *Shelf[thing]
	row   *Row[thing]
	ids   *IDs
}

func open(t fataler, store *keep.Store) rooms {
	r := NewRack(store, "rooms")
	x := rooms{
		rack: r, shelf: New(r, "things", JSON((*thing).key)), row: NewRow(r, "row", JSON((*thing).key)), ids: NewIDs(r, "ids"),
	}
	if err := r.Load(); err != nil {
		t.Fatal(err)
	}
	return x
}

type fataler interface{ Fatal(...any) }

func newStore(t *testing.T, dir string) *keep.Store {
	t.Helper()
	s, err := keep.Open(dir, "test.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func texts(list []*thing) (all []string) {
	for _, x := range list {
		all = append(all, x.ID+" "+x.Text)
	}
	return all
}

func (x rooms) contents() string {
	loose := texts(slices.Collect(x.shelf.All()))
	slices.Sort(loose)
	known := slices.Sorted(maps.Keys(x.ids.known))
	return fmt.Sprint(loose, texts(x.row.All()), known)
}

func TestOnlyWhatChangedIsWritten(t *testing.T) {
	tests := map[string]struct {
		act  func(rooms)
		want int
	}{
		"nothing is done":                  {func(rooms) {}, 0},
		"one is taken and read":            {func(x rooms) { x.shelf.Take("a") }, 0},
		"one is taken and changed":         {func(x rooms) { x.shelf.Take("a").Text = "new" }, 1},
		"one is changed back":              {func(x rooms) { x.shelf.Take("a").Text += "x"; x.shelf.Take("a").Text = "first" }, 0},
		"one is put in the place of it":    {func(x rooms) { x.shelf.Put(&thing{"a", "new"}) }, 1},
		"the same is put in the place":     {func(x rooms) { x.shelf.Put(&thing{"a", "first"}) }, 0},
		"one is added":                     {func(x rooms) { x.shelf.Put(&thing{"c", ""}) }, 1},
		"one is removed":                   {func(x rooms) { x.shelf.Drop("a") }, 1},
		"one is removed that is not there": {func(x rooms) { x.shelf.Drop("c") }, 0},
		"one is added and removed":         {func(x rooms) { x.shelf.Put(&thing{"c", ""}); x.shelf.Drop("c") }, 0},
		"one is removed and added":         {func(x rooms) { x.shelf.Drop("a"); x.shelf.Put(&thing{"a", "first"}) }, 0},
		"one of two in a row is changed":   {func(x rooms) { x.row.Take("a").Text = "new" }, 1},
		"one is put at the end":            {func(x rooms) { x.row.Add(&thing{"c", ""}) }, 1},
		"one is put before two":            {func(x rooms) { x.row.Insert(0, &thing{"c", ""}) }, 3},
		"the first of two goes":            {func(x rooms) { x.row.Drop("a") }, 1},
		"none of a row goes":               {func(x rooms) { x.row.Drop("c") }, 0},
		"an act gives two ids":             {func(x rooms) { x.ids.Give("1"); x.ids.Give("2") }, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := open(t, newStore(t, t.TempDir()))
			for _, y := range []thing{{"a", "first"}, {"b", "second"}} {
				x.shelf.Put(&y)
				x.row.Add(new(y))
			}
			if err := Save(x.rack); err != nil {
				t.Fatal(err)
			}
			tt.act(x)
			n := 0
			for _, u := range x.rack.units {
				changes, err := u.changes()
				if err != nil {
					t.Fatal(err)
				}
				n += len(changes)
			}
			if n != tt.want {
				t.Errorf("%d changes, want %d", n, tt.want)
			}
		})
	}
}

// Whatever is done to what was taken, a rack that is opened again has it.
func TestWhatWasSavedIsThereAgain(t *testing.T) {
	store := newStore(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		x := open(t, store)
		id := func() string {
			return rapid.SampledFrom([]string{"a", "b", "c", "d", strings.Repeat("e", 2*maxKey)}).Draw(t, "id")
		}
		text := func() string { return rapid.SampledFrom([]string{"", "x", "y z", "7 ü"}).Draw(t, "text") }
		t.Repeat(map[string]func(*rapid.T){
			"put":  func(*rapid.T) { x.shelf.Put(&thing{id(), text()}) },
			"drop": func(*rapid.T) { x.shelf.Drop(id()) },
			"change": func(*rapid.T) {
				if y := x.shelf.Take(id()); y != nil {
					y.Text = text()
				}
			},
			"insert": func(*rapid.T) {
				if y := (&thing{id(), text()}); x.row.See(y.ID) == nil {
					x.row.Insert(rapid.IntRange(0, len(x.row.All())).Draw(t, "at"), y)
				}
			},
			"take out": func(*rapid.T) { x.row.Drop(id()) },
			"change in the row": func(*rapid.T) {
				if y := x.row.Take(id()); y != nil {
					y.Text = text()
				}
			},
			"give": func(*rapid.T) { x.ids.Give(id()) },
			"open again": func(t *rapid.T) {
				if err := Save(x.rack); err != nil {
					t.Fatal(err)
				}
				before := x.contents()
				if x = open(t, store); x.contents() != before {
					t.Fatalf("%.500s, after opening %.500s", before, x.contents())
				}
			},
		})
	})
}

func TestARowKnowsHowManyWereAdded(t *testing.T) {
	store := newStore(t, t.TempDir())
	x := open(t, store)
	for i := range 5 {
		x.row.Add(&thing{fmt.Sprint(i), ""})
	}
	x.row.Drop("0")
	x.row.Drop("2")
	if err := Save(x.rack); err != nil {
		t.Fatal(err)
	}
	for name, y := range map[string]rooms{"the row": x, "the row from the store": open(t, store)} {
		if y.row.Added() != 5 || len(y.row.All()) != 3 {
			t.Errorf("%s: %d added, %d left", name, y.row.Added(), len(y.row.All()))
		}
	}
}

func TestWhatCouldNotBeSavedIsSavedNext(t *testing.T) {
	good, dir := newStore(t, t.TempDir()), t.TempDir()
	broken := newStore(t, dir)
	if err := broken.Close(); err != nil {
		t.Fatal(err)
	}
	x := open(t, good)
	x.shelf.Put(&thing{"a", "first"})
	x.row.Add(&thing{"a", "first"})
	x.ids.Give("a")
	x.rack.store = broken
	if err := Save(x.rack); err == nil {
		t.Fatal("saved in a store that is closed")
	}
	x.rack.store = good
	if err := Save(x.rack); err != nil {
		t.Fatal(err)
	}
	if got := open(t, good).contents(); got != x.contents() {
		t.Errorf("%s, want %s", got, x.contents())
	}
}

func TestRacksAreSavedTogether(t *testing.T) {
	store := newStore(t, t.TempDir())
	loud := errors.New("cannot be written")
	one, two, idle := NewRack(store, "one"), NewRack(store, "two"), NewRack(nil, "idle")
	form := JSON((*thing).key)
	form.Write = func(x *thing) ([]byte, error) {
		if x.Text == "bad" {
			return nil, loud
		}
		return nil, nil
	}
	a, b := New(one, "things", JSON((*thing).key)), New(two, "things", form)
	New(idle, "things", form).Put(&thing{"c", "bad"})
	a.Put(&thing{"a", ""})
	b.Put(&thing{"b", "bad"})
	if err := Save(one, idle, two); !errors.Is(err, loud) {
		t.Errorf("err %v", err)
	}
	if n := count(t, store, "one/things"); n != 0 {
		t.Errorf("%d of the first rack are saved", n)
	}
	b.Take("b").Text = "good"
	if err := Save(one, idle, two); err != nil {
		t.Error(err)
	}
	for _, bucket := range []string{"one/things", "two/things"} {
		if n := count(t, store, bucket); n != 1 {
			t.Errorf("%d in %s", n, bucket)
		}
	}
}

func count(t *testing.T, s *keep.Store, bucket string) (n int) {
	t.Helper()
	err := s.Load(bucket, func(string, []byte) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	tests := map[string]keep.Change{
		"an object that is none": {Bucket: "rooms/things", Key: "a", Value: []byte("{")},
		"a place that is none":   {Bucket: "rooms/row", Key: "b", Value: []byte(`x {"ID":"b"}`)},
		"a row without objects":  {Bucket: "rooms/row", Key: "b", Value: []byte(`1 [`)},
		"ids that are none":      {Bucket: "rooms/ids", Key: "c", Value: []byte(`7`)},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			store := newStore(t, t.TempDir())
			if err := store.Save(c); err != nil {
				t.Fatal(err)
			}
			r := NewRack(store, "rooms")
			New(r, "things", JSON((*thing).key))
			NewRow(r, "row", JSON((*thing).key))
			NewIDs(r, "ids")
			if err := r.Load(); err == nil || !strings.Contains(err.Error(), c.Bucket+" "+c.Key) {
				t.Errorf("err %v", err)
			}
		})
	}
}

func TestWhereNothingIsKeptNoBooksAre(t *testing.T) {
	for name, store := range map[string]*keep.Store{"no store": nil, "a store that keeps nothing": {}} {
		x := open(t, store)
		x.shelf.Put(&thing{"a", ""})
		x.row.Add(&thing{"a", ""})
		x.ids.Give("a")
		if err := Save(x.rack); err != nil {
			t.Error(err)
		}
		if x.shelf.books != nil || x.row.shelf.books != nil || x.ids.fresh != nil || !x.ids.Know("a") || x.ids.Know("b") {
			t.Errorf("%s: %+v", name, x)
		}
	}
}
