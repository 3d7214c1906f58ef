package tenant

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/random"
)

func newRegistry(t *testing.T) *Registry {
	t.Helper()
	source := random.New(nil)
	jobs := hook.NewJobs()
	t.Cleanup(jobs.Close)
	return NewRegistry(
		Config{
			Now: time.Now, Random: source,
			Hook: hook.Config{Client: http.DefaultClient, Now: time.Now, Random: source, Timeout: time.Second, Jobs: jobs},
		},
	)
}

func create(t *testing.T, r *Registry, id string) *Tenant {
	t.Helper()
	x, err := r.Create(id, "Company "+id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestAKeyMayWhatItsRightsSay(t *testing.T) {
	tests := map[string]struct {
		rights []string
		right  string
		want   bool
	}{
		"all":                       {[]string{"*"}, "GET /opportunities", true},
		"the same":                  {[]string{"GET /opportunities"}, "GET /opportunities", true},
		"one of several":            {[]string{"GET /stages", "GET /tags"}, "GET /tags", true},
		"a longer one":              {[]string{"GET /opportunities"}, "GET /opportunities/:opportunity", false},
		"a longer one under a star": {[]string{"GET /opportunities*"}, "GET /opportunities/:opportunity", true},
		"all of a method":           {[]string{"GET *"}, "GET /stages", true},
		"another method":            {[]string{"GET *"}, "POST /webhooks", false},
		"none":                      {nil, "GET /stages", false},
	}
	for name, tt := range tests {
		if got := (Key{Rights: tt.rights}).May(tt.right); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestKeysBelongToOneAccount(t *testing.T) {
	r := newRegistry(t)
	create(t, r, "a")
	create(t, r, "b")
	key, err := r.AddKey(Key{Account: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := r.Key(key.Secret); !ok || got.Account != "a" || !got.May("GET /anything") || got.ID == got.Secret {
		t.Errorf("%+v", got)
	}
	if _, err := r.AddKey(Key{Account: "b", Secret: key.Secret}); err == nil {
		t.Error("two accounts share a key")
	}
	if _, err := r.AddKey(Key{Account: "nobody"}); err == nil {
		t.Error("a key of no account")
	}
	if err := r.RemoveKey("b", key.ID); err == nil {
		t.Error("b removed a key of a")
	}
	if err := r.RemoveKey("a", key.ID); err != nil || len(r.Keys("a")) != 0 {
		t.Errorf("%v, %v left", err, r.Keys("a"))
	}
}

func TestOwnersOfIDs(t *testing.T) {
	r := newRegistry(t)
	a, b := create(t, r, "a"), create(t, r, "b")
	var theirs string
	if err := b.Do(func(acc *account.Account) error {
		theirs = acc.Users(account.UserFilter{})[0].ID
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := r.OwnerOf(a, theirs); got != b {
		t.Errorf("owner %v", got)
	}
	for _, tt := range []struct {
		t  *Tenant
		id string
	}{{b, theirs}, {a, "lead-new"}, {a, "nobody"}} {
		if got := r.OwnerOf(tt.t, tt.id); got != nil {
			t.Errorf("%s is called %s's", tt.id, got.ID())
		}
	}
	if _, err := r.Create("a", "again"); err == nil {
		t.Error("the same account twice")
	}
	if _, err := r.Find("c"); err == nil {
		t.Error("found an account that is not there")
	}
}

func TestTheLogForgetsTheOldest(t *testing.T) {
	l := &Log{}
	for i := range 3*logLength + 5 {
		l.Add(Request{Path: fmt.Sprint(i)})
	}
	list := l.List()
	if len(list) != logLength || list[0].Path != fmt.Sprint(2*logLength+5) || list[logLength-1].Path != fmt.Sprint(3*logLength+4) {
		t.Errorf("%d requests from %s on", len(list), list[0].Path)
	}
	if l.Count() != 3*logLength+5 {
		t.Errorf("%d counted", l.Count())
	}
}
