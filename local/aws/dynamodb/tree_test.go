package dynamodb

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTreesAgreeWithMaps makes random changes to a tree and a map, and now and
// then compares them; trees of before must still be what they were.
func TestTreesAgreeWithMaps(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	type snapshot struct {
		tree tree
		want map[string]*record
	}
	var past []snapshot
	current, want := tree{}, map[string]*record{}
	for i := range 4000 {
		key := fmt.Sprintf("%03d", random.IntN(400))
		if random.IntN(3) == 0 {
			current = current.remove(key)
			delete(want, key)
		} else {
			r := &record{size: i}
			current, want[key] = current.put(key, r), r
		}
		if i%200 == 0 {
			past = append(past, snapshot{current, maps.Clone(want)})
		}
	}
	for _, p := range append(past, snapshot{current, want}) {
		agree(t, p.tree, p.want, span{})
		agree(t, p.tree, p.want, span{"100", "250"})
		agree(t, p.tree, p.want, span{from: "350"})
		agree(t, p.tree, p.want, span{to: "050"})
		agree(t, p.tree, p.want, span{"300", "200"})
	}
}

func agree(t *testing.T, tr tree, want map[string]*record, s span) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(want))
	keys = slices.DeleteFunc(keys, func(k string) bool { return k < s.from || s.to != "" && k >= s.to })
	for _, reverse := range []bool{false, true} {
		var got []string
		for key, r := range tr.records(s, reverse) {
			got = append(got, key)
			if r != want[key] || tr.find(key) != r {
				t.Errorf("%s has another record", key)
			}
		}
		if !slices.Equal(got, keys) {
			t.Errorf("within %v: got %v, want %v", s, got, keys)
		}
		slices.Reverse(keys)
	}
	if tr.size != len(want) {
		t.Errorf("the size is %d, want %d", tr.size, len(want))
	}
}

func TestReadingMayStopAnywhere(t *testing.T) {
	var tr tree
	for i := range 100 {
		tr = tr.put(fmt.Sprintf("%02d", i), &record{})
	}
	for stop := 1; stop <= 100; stop++ {
		n := 0
		for range tr.records(span{}, stop%2 == 0) {
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("read %d, want %d", n, stop)
		}
	}
}

func TestTreesStayLow(t *testing.T) {
	var tr tree
	for i := range 20000 {
		tr = tr.put(fmt.Sprintf("%05d", i), &record{})
	}
	if got := height(tr.root); got > 60 {
		t.Errorf("20000 keys in a row make a tree %d high", got)
	}
}

func height(n *node) int {
	if n == nil {
		return 0
	}
	return 1 + max(height(n.left), height(n.right))
}
