package connect_test

import (
	"net/http"
	"testing"
	"time"

	"fulcrum/local/twin/desk"
	"fulcrum/shared/backfill"
	"fulcrum/shared/store"
)

// imports are the states of the connection's imports by their ids.
func (w *world) imports() map[string]store.ImportState {
	w.t.Helper()
	all, err := w.Table.Imports(w.t.Context(), w.connection, store.Paging{})
	w.must(err)
	states := map[string]store.ImportState{}
	for _, i := range all.Items {
		states[i.ID] = i.State
	}
	return states
}

// told counts the connection's documents of a type.
func (w *world) told(documentType string) (n int) {
	for _, d := range w.Sandbox.Deliveries(w.d.Name, w.connection) {
		if d.Type == documentType {
			n++
		}
	}
	return n
}

func TestConnectingBeginsTheFirstImport(t *testing.T) {
	as(t, "evidenced", func(t *testing.T, w *world) {
		_, err := w.Twin.AddCandidate(w.account, desk.Candidate{Name: "Ada", Posting: "Backend Engineer"})
		w.must(err)
		w.connected()
		time.Sleep(time.Minute)
		if n, m, u := w.told("job.created"), w.told("candidate.created"), w.told("user.created"); n != 3 || m != 1 || u != 3 {
			t.Errorf("told of %d jobs, %d candidates, %d users", n, m, u)
		}
		for id, state := range w.imports() {
			if state != store.Imported {
				t.Errorf("%s is %s", id, state)
			}
		}
		title := "Staff Engineer"
		p := desk.Posting{}
		p.Text = &title
		_, err = w.Twin.AddPosting(w.account, p)
		w.must(err)
		time.Sleep(backfill.Every + 2*time.Minute)
		if n := w.told("job.created"); n != 4 {
			t.Errorf("told of %d jobs after half an hour", n)
		}
		if a := w.post("disconnect"); a.Status != http.StatusOK {
			t.Fatalf("status %d", a.Status)
		}
		for id, state := range w.imports() {
			if state != store.ImportParked {
				t.Errorf("%s is %s after disconnecting", id, state)
			}
		}
	})
}

func TestWhoImportsNothingBeginsNothing(t *testing.T) {
	as(t, "joinedly", func(t *testing.T, w *world) {
		w.connected()
		if all := w.imports(); len(all) != 0 {
			t.Errorf("%v", all)
		}
	})
}
