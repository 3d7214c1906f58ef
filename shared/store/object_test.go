package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"fulcrum/local/rig"
	"fulcrum/shared/store"
)

func TestAWalkThroughAListComesByEverythingOnce(t *testing.T) {
	broken := errors.New("the list cannot be read")
	parts := map[string]store.Listed[int]{"": {Items: []int{1, 2}, Next: "a"}, "a": {Next: "b"}, "b": {Items: []int{3}, Next: "c"}, "c": {Items: []int{4}}}
	tests := map[string]struct {
		until int
		fails string
		want  []int
		reads int
	}{
		"to its end, past a part that is empty": {until: 9, want: []int{1, 2, 3, 4}, reads: 4},
		"until it is left":                      {until: 2, want: []int{1, 2}, reads: 1},
		"until a part cannot be read":           {until: 9, fails: "b", want: []int{1, 2}, reads: 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			var failed error
			reads := 0
			part := func(p store.Paging) (store.Listed[int], error) {
				if reads++; tt.fails != "" && p.Cursor == tt.fails {
					return store.Listed[int]{}, broken
				}
				return parts[p.Cursor], nil
			}
			for n, err := range store.Every(part) {
				if failed = err; err != nil {
					continue
				}
				if got = append(got, n); n == tt.until {
					break
				}
			}
			if !slices.Equal(got, tt.want) || reads != tt.reads || errors.Is(failed, broken) != (tt.fails != "") {
				t.Errorf("got %v and %v in %d reads", got, failed, reads)
			}
		})
	}
}

// known is what the test keeps of an object.
type known struct {
	Number int `json:"number"`
}

func TestEveryObjectOfAKindIsRead(t *testing.T) {
	in(t, func(t *testing.T, _ *rig.Rig, table *store.Table) {
		var want []int
		for n := range store.MaxPage + 3 {
			o := must[store.Object](t)(table.Object(t.Context(), "con_1", "joiner", fmt.Sprintf("o-%03d", n)))
			o.State = fmt.Appendf(nil, `{"number":%d}`, n)
			check(t, table.Commit(t.Context(), store.Commit{Objects: []store.Object{o}}))
			want = append(want, n)
		}
		var got []int
		for o, err := range table.EveryObject(t.Context(), "con_1", "joiner") {
			got = append(got, must[known](t)(store.StateOf[known](must[store.Object](t)(o, err))).Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
	})
}

func TestTheStateOfAnObject(t *testing.T) {
	tests := map[string]struct {
		object store.Object
		want   known
		fails  bool
	}{
		"of which nothing is known stays as it is": {store.Object{State: []byte("{")}, known{7}, false},
		"is read":            {store.Object{Revision: 1, State: []byte(`{"number":2}`)}, known{2}, false},
		"has to be readable": {store.Object{Revision: 1, State: []byte(`{"number":`)}, known{7}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := known{7}
			if err := tt.object.Read(&got); got != tt.want || (err != nil) != tt.fails {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
