package permission_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"fulcrum/shared/connect/permission"
	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
)

// account answers each method and path with a status, 404 or an empty list where
// nothing is said, and keeps what was asked.
type account struct {
	statuses map[string]int

	mu    sync.Mutex
	asked []string
}

func (a *account) RoundTrip(req *http.Request) (*http.Response, error) {
	call := req.Method + " " + strings.TrimPrefix(req.URL.Path, "/v1")
	a.mu.Lock()
	a.asked = append(a.asked, call)
	a.mu.Unlock()
	status, body := http.StatusNotFound, `{"code":"ResourceNotFound"}`
	if req.Method == http.MethodGet && strings.Count(req.URL.Path, "/") == 2 {
		status, body = http.StatusOK, `{"data":[],"hasNext":false}`
	}
	for prefix, s := range a.statuses {
		if strings.HasPrefix(call, prefix) {
			status, body = s, `{"code":"Refused"}`
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

func check(t *testing.T, a *account, wanted ...definition.Permission) ([]permission.Result, error) {
	t.Helper()
	client, err := lever.New(lever.Options{BaseURL: "https://lever.example/v1", Auth: lever.APIKey("k"), Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	return permission.Check(t.Context(), client, wanted)
}

// everything is all that can be checked.
func everything() []definition.Permission {
	return []definition.Permission{
		definition.ReadOpportunities, definition.CreateOpportunities, definition.UpdateTags, definition.UpdateLinks,
		definition.CreateNotes, definition.DeleteNotes, definition.ReadStages, definition.ReadUsers, definition.ReadPostings,
		definition.ReadContacts, definition.ReadArchiveReasons,
	}
}

func TestAKeyThatMayDoEverything(t *testing.T) {
	a := &account{statuses: map[string]int{"POST /opportunities": http.StatusBadRequest}}
	results, err := check(t, a, everything()...)
	if err != nil || len(results) != len(everything()) || !permission.All(results) {
		t.Errorf("%+v, %v", results, err)
	}
	for _, r := range results {
		if r.Label == "" {
			t.Errorf("%s has no label", r.Permission)
		}
	}
	// What writes names an object that cannot be there, or not what Lever requires.
	for _, call := range a.asked {
		method, path, _ := strings.Cut(call, " ")
		if method != http.MethodGet && path != "/opportunities" && !strings.HasPrefix(path, "/opportunities/00000000-") {
			t.Errorf("%s could leave something", call)
		}
	}
}

func TestEachPermissionIsToldByItsOwnCall(t *testing.T) {
	tests := map[definition.Permission]string{
		definition.ReadOpportunities: "GET /opportunities", definition.CreateOpportunities: "POST /opportunities",
		definition.UpdateTags: "POST /opportunities/00000000-0000-4000-8000-000000000000/removeTags", definition.UpdateLinks: "POST /opportunities/00000000-0000-4000-8000-000000000000/addLinks",
		definition.CreateNotes: "POST /opportunities/00000000-0000-4000-8000-000000000000/notes", definition.DeleteNotes: "DELETE /opportunities/",
		definition.ReadStages: "GET /stages", definition.ReadUsers: "GET /users", definition.ReadPostings: "GET /postings",
		definition.ReadContacts: "GET /contacts/", definition.ReadArchiveReasons: "GET /archive_reasons",
	}
	for p, call := range tests {
		t.Run(string(p), func(t *testing.T) {
			results, err := check(t, &account{statuses: map[string]int{call: http.StatusForbidden}}, p)
			if err != nil || len(results) != 1 || results[0].Allowed {
				t.Errorf("%+v, %v", results, err)
			}
		})
	}
}

func TestWhenNothingIsKnown(t *testing.T) {
	tests := map[string]struct {
		status int
		is     error
	}{
		"the key is refused":         {http.StatusUnauthorized, permission.ErrKey},
		"Lever fails":                {http.StatusBadGateway, nil},
		"the answer tells something": {http.StatusConflict, permission.ErrUnclear},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := &account{statuses: map[string]int{"GET /stages": tt.status}}
			results, err := check(t, a, definition.ReadStages, definition.ReadUsers)
			if err == nil || results != nil || tt.is != nil && !errors.Is(err, tt.is) || tt.is == nil && !lever.Retryable(err) {
				t.Errorf("%+v, %v", results, err)
			}
			if tt.is == permission.ErrKey && len(a.asked) != 1 {
				t.Errorf("a refused key was asked about %d times", len(a.asked))
			}
		})
	}
	if _, err := check(t, &account{}, "everything"); err == nil {
		t.Error("a permission that is none is checked")
	}
	if results, err := check(t, &account{}); err != nil || len(results) != 0 {
		t.Errorf("%+v, %v", results, err)
	}
}
