package console_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"fulcrum/local/hostile"
	"fulcrum/local/tried"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// What a customer or a candidate is called changes no page's structure.
func TestANameChangesNoPagesStructure(t *testing.T) {
	on(t, func(t *testing.T, w *world) {
		b := w.as("operator")
		plain := w.pagesWith(b, "X")
		tried.Note(t, "hostile names on pages", len(plain)*len(hostile.Names()))
		for _, name := range hostile.Names() {
			for page, structure := range w.pagesWith(b, name) {
				if d := hostile.Difference(plain[page], structure); d != "" {
					t.Errorf("%.60q changes %s: %s", name, page, d)
				}
			}
		}
	})
}

// pagesWith are the structures of pages on which a name stands.
func (w *world) pagesWith(b *browser, name string) map[string][]string {
	w.t.Helper()
	c, err := w.Table.Connection(w.t.Context(), w.c.ID)
	w.must(err)
	c.Customer = store.Customer{Name: name, Reference: name}
	w.must(w.Table.PutConnection(w.t.Context(), c))
	item := store.Attention{
		Connection: w.c.ID, Partner: w.c.Partner, Reason: "location_unknown", About: "joiner#1", Step: name,
		Details: map[string]string{"location": name}, Event: lever.CandidateHired,
	}
	err = w.Table.Clear(w.t.Context(), store.Attention{Connection: w.c.ID, ID: store.AttentionID(w.c.ID, item.Reason, item.About)})
	if err != nil && !errors.Is(err, store.ErrMoved) {
		w.t.Fatal(err)
	}
	w.must(w.Table.Raise(w.t.Context(), item))
	all := map[string][]string{}
	for _, page := range []string{"", "/attention"} {
		structure, err := hostile.Structure(b.connection(page).expect(http.StatusOK).page)
		w.must(err)
		all[page] = structure
	}
	if all["usage"], err = hostile.Structure(b.get("/console/usage").expect(http.StatusOK).page); err != nil {
		w.t.Error(err)
	}
	list := b.get("/console/connections").expect(http.StatusOK)
	if all["connections"], err = hostile.Structure(list.page); err != nil || !slices.Contains(all["connections"], "<bdi >") {
		w.t.Errorf("the list has no name: %v", err)
	}
	return all
}
