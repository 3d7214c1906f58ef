package tenant

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/local/keep"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/random"
)

func newRegistry(t *testing.T) *Registry {
	t.Helper()
	r, err := NewRegistry(config(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func config(t *testing.T, store *keep.Store) Config {
	t.Helper()
	source := random.New(nil)
	jobs := hook.NewJobs()
	t.Cleanup(jobs.Close)
	return Config{
		Now: time.Now, Random: source, Store: store,
		Hook: hook.Config{Client: http.DefaultClient, Now: time.Now, Random: source, Timeout: time.Second, Jobs: jobs},
	}
}

func newStore(t *testing.T) *keep.Store {
	t.Helper()
	s, err := keep.Open(t.TempDir(), "tenants.db")
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

func create(t *testing.T, r *Registry, id string) *Tenant {
	t.Helper()
	x, err := r.Create(id, "Company "+id, Key{})
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
	if err := r.RemoveKey("a", key.ID); err != nil || len(r.Keys("a")) != 1 || len(r.Keys("b")) != 1 {
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
	if _, err := r.Create("a", "again", Key{}); err == nil {
		t.Error("the same account twice")
	}
	if _, err := r.Find("c"); err == nil {
		t.Error("found an account that is not there")
	}
}

func TestAccountsAndKeysAreKept(t *testing.T) {
	store := newStore(t)
	r, err := NewRegistry(config(t, store))
	if err != nil {
		t.Fatal(err)
	}
	// Names that would not stand in this order by themselves.
	for _, id := range []string{"z", "a", "m"} {
		create(t, r, id)
	}
	gone, err := r.AddKey(Key{Account: "a", Name: "Gone"})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := r.AddKey(Key{Account: "a", Name: "Kept", Rights: []string{"GET *"}, Confidential: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveKey("a", gone.ID); err != nil {
		t.Fatal(err)
	}
	again, err := NewRegistry(config(t, store))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range again.All() {
		names = append(names, x.ID()+" "+x.Name())
	}
	if got := strings.Join(names, ", "); got != "z Company z, a Company a, m Company m" {
		t.Errorf("accounts %s", got)
	}
	if got, ok := again.Key(kept.Secret); !ok || got.May("POST /x") || !got.May("GET /x") || !got.Confidential || got.ID != kept.ID {
		t.Errorf("key %+v", got)
	}
	if _, ok := again.Key(gone.Secret); ok || len(again.Keys("a")) != 2 {
		t.Errorf("keys %+v", again.Keys("a"))
	}
}

func TestAnActThatEndsWithAnErrorIsSavedAsFarAsItWent(t *testing.T) {
	store := newStore(t)
	r, err := NewRegistry(config(t, store))
	if err != nil {
		t.Fatal(err)
	}
	half := errors.New("half done")
	err = create(t, r, "a").Do(func(a *account.Account) error {
		if _, _, err := a.Create(account.Draft{Name: "x"}); err != nil {
			return err
		}
		return half
	})
	if !errors.Is(err, half) {
		t.Errorf("err %v", err)
	}
	again, err := NewRegistry(config(t, store))
	if err != nil {
		t.Fatal(err)
	}
	x, err := again.Find("a")
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Do(func(a *account.Account) error {
		if a.Opportunities() != 1 {
			t.Errorf("%d opportunities", a.Opportunities())
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestADamagedAccountIsNamed(t *testing.T) {
	for name, bucket := range map[string]string{
		"its data": accountRack + "a/users", "its people": accountRack + "a/contacts", "its webhooks": hookRack + "a/webhooks",
		"its deliveries": hookRack + "a/deliveries",
	} {
		store := newStore(t)
		r, err := NewRegistry(config(t, store))
		if err != nil {
			t.Fatal(err)
		}
		create(t, r, "a")
		if err := store.Save(keep.Change{Bucket: bucket, Key: "x", Value: []byte("0 {")}); err != nil {
			t.Fatal(err)
		}
		if _, err := NewRegistry(config(t, store)); err == nil || !strings.Contains(err.Error(), "account a: read "+bucket) {
			t.Errorf("%s: %v", name, err)
		}
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
