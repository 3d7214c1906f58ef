package account

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
	"unsafe"

	"fulcrum/local/keep"
	"fulcrum/local/twin/shelf"
)

func newStore(t testing.TB) *keep.Store {
	t.Helper()
	s, err := keep.Open(t.TempDir(), "account.db")
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

// saved saves the account and opens it again.
func (c *clock) saved(t testing.TB, a *Account) *Account {
	t.Helper()
	if err := shelf.Save(a.cfg.Rack); err != nil {
		t.Fatal(err)
	}
	again, err := Open(c.config())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// filler fills every member of an object, exported or not, with something that
// was not there before.
type filler struct {
	n int
	// given are the values of members of these types.
	given map[reflect.Type]reflect.Value
}

func (f *filler) fill(v reflect.Value) {
	f.n++
	if x, ok := f.given[v.Type()]; ok {
		v.Set(x)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			// Only so can members be set that are not exported.
			f.fill(reflect.NewAt(v.Field(i).Type(), unsafe.Pointer(v.Field(i).UnsafeAddr())).Elem())
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes(fmt.Appendf(nil, `{"n":%d}`, f.n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		f.fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(fmt.Sprint("key", f.n)), value)
	default:
		f.set(v)
	}
}

func (f *filler) set(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(f.n) + 0.5)
	case reflect.Interface:
		v.Set(reflect.ValueOf(float64(f.n)))
	case reflect.Uint8:
		v.SetUint(uint64(f.n % 256))
	default:
		v.SetInt(int64(f.n))
	}
}

// filled is an object of which nothing is zero.
func filled[T any](given ...any) *T {
	f := &filler{given: map[reflect.Type]reflect.Value{}}
	for _, x := range given {
		f.given[reflect.TypeOf(x)] = reflect.ValueOf(x)
	}
	x := new(T)
	f.fill(reflect.ValueOf(x).Elem())
	return x
}

// No member of anything that is kept is lost in the store. A new member is in this
// test as soon as it is in its type.
func TestNoMemberIsLostInTheStore(t *testing.T) {
	a, c := keptAccount(t)
	user, stage, reason := filled[User](), filled[Stage](), filled[Reason]()
	posting, template, form, requisition := filled[Posting](), filled[FeedbackTemplate](), filled[FormTemplate](), filled[Requisition]()
	upload, file := filled[Upload](), filled[content]()
	upload.URI = a.uploadURI(upload.ID)
	opportunity, application, gone := filled[DeletedOpportunity](), filled[DeletedApplication](), filled[DeletedPosting]()
	a.users.Add(user)
	a.stages.Add(stage)
	a.reasons.Add(reason)
	a.postings.Add(posting)
	a.templates.Add(template)
	a.forms.Add(form)
	a.requisitions.Add(requisition)
	a.uploads.Put(upload)
	a.contents.Put(file)
	a.deletedOpportunities.Put(opportunity)
	a.deletedApplications.Put(application)
	a.deletedPostings.Put(gone)
	b := c.saved(t, a)
	for name, pair := range map[string][2]any{
		"user": {user, b.users.See(user.ID)}, "stage": {stage, b.stages.See(stage.ID)}, "reason": {reason, b.reasons.See(reason.ID)},
		"posting": {posting, b.postings.See(posting.ID)}, "template": {template, b.templates.See(template.ID)},
		"form": {form, b.forms.See(form.ID)}, "requisition": {requisition, b.requisitions.See(requisition.ID)},
		"upload": {upload, b.uploads.See(upload.ID)}, "content": {file, b.contents.See(file.id)},
		"deleted opportunity": {opportunity, b.deletedOpportunities.See(opportunity.ID)},
		"deleted application": {application, b.deletedApplications.See(application.ID)},
		"deleted posting":     {gone, b.deletedPostings.See(gone.ID)},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s\nwas %+v\nis  %+v", name, pair[0], pair[1])
		}
	}
}

func TestNoMemberOfAPersonIsLostInTheStore(t *testing.T) {
	a, c := keptAccount(t)
	person := filled[Contact]([]*Opportunity(nil))
	o := filled[Opportunity](person, a.stages.All()[4])
	person.opportunities = []*Opportunity{o}
	a.rebase(o, o.offers[0])
	a.contacts.Put(person)
	a.byEmail[person.Emails[0]] = person
	b := c.saved(t, a)
	again := b.contacts.See(person.ID)
	if !reflect.DeepEqual(person, again) {
		was, is := a.keptContact(person), b.keptContact(again)
		t.Errorf("was %s\nis  %s", plain(t, was), plain(t, is))
	}
	found := again.opportunities[0]
	if b.byEmail[person.Emails[0]] != again || b.opportunities[o.ID] != found || b.applications[o.Application.ID] != found.Application ||
		!slices.Equal(b.order, []*Opportunity{found}) || found.stage != b.stages.All()[4] {
		t.Error("the person is not found where it was")
	}
}

func plain(t *testing.T, x any) string {
	t.Helper()
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keptAccount is a new account with a store.
func keptAccount(t testing.TB) (*Account, *clock) {
	t.Helper()
	c := &clock{now: time.UnixMilli(1_700_000_000_000), store: newStore(t)}
	return c.account(), c
}

func TestAnActWritesWhatItChangedOnly(t *testing.T) {
	a, c := keptAccount(t)
	a.Seed(1000)
	b := c.saved(t, a)
	o := b.order[500]
	before := c.records(t)
	tests := []struct {
		name string
		do   func() error
		// added is how many records the store has more, changed how many others it has.
		added, changed int
	}{
		{"reading one", func() error { _, err := b.Opportunity(o.ID); return err }, 0, 0},
		{"listing all", func() error { b.Page(Filter{NonConfidential: true}, nil, 100); b.Tags(); return nil }, 0, 0},
		{"tagging one", func() error { o, err := b.Opportunity(o.ID); b.Tag(o, []string{"x"}, true); return err }, 0, 1},
		// The person, and the ids of person and candidacy.
		{"creating one", func() error { _, _, err := b.Create(Draft{Name: "x"}); return err }, 2, 0},
		{"renaming a user", func() error {
			u := b.users.All()[0]
			_, err := b.ReplaceUser(u.ID, UserFields{Name: "Oda", Email: u.Email, AccessRole: u.AccessRole})
			return err
		}, 0, 1},
		// The person with the name of the file, what is in it, and two ids in one record.
		{"adding a file", func() error {
			o, err := b.Opportunity(o.ID)
			if err == nil {
				_, err = b.AddFile(o, Blob{Name: "cv.pdf", Content: []byte("x")}, "")
			}
			return err
		}, 2, 1},
	}
	for _, tt := range tests {
		if err := tt.do(); err != nil {
			t.Fatal(err)
		}
		if err := shelf.Save(b.cfg.Rack); err != nil {
			t.Fatal(err)
		}
		after := c.records(t)
		changed := 0
		for key, value := range before {
			if after[key] != value {
				changed++
			}
		}
		if len(after)-len(before) != tt.added || changed != tt.changed {
			t.Errorf("%s: %d records more and %d others, want %d and %d", tt.name, len(after)-len(before), changed, tt.added, tt.changed)
		}
		before = after
	}
}

// records are all that the store has.
func (c *clock) records(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, kind := range []string{
		"ids", "users", "stages", "reasons", "postings", "feedback-templates", "form-templates", "requisitions", "contents",
		"uploads", "deleted-opportunities", "deleted-applications", "deleted-postings", "contacts",
	} {
		err := c.store.Load("acc/"+kind, func(key string, value []byte) error {
			all[kind+"/"+key] = string(value)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestAnAccountThatIsDamagedIsNotOpened(t *testing.T) {
	a, c := keptAccount(t)
	o := create(t, a, Draft{Name: "x", Stage: a.stages.All()[4].ID})
	// What no act can do: the stage goes, the candidacy stays in it.
	a.stages.Drop(o.stage.ID)
	if err := shelf.Save(a.cfg.Rack); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(c.config()); err == nil {
		t.Error("opened")
	}
}

func TestAddressesFollowTheTwin(t *testing.T) {
	a, c := keptAccount(t)
	o := create(t, a, Draft{Name: "x"})
	if _, err := a.AddOffer(o, OfferFields{Status: new("signed")}); err != nil {
		t.Fatal(err)
	}
	u, err := a.AddUpload(Blob{Name: "cv.pdf", Content: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	c.api = "http://elsewhere.test"
	b := c.saved(t, a)
	offer := b.opportunities[o.ID].offers[0]
	for _, url := range []string{offer.SentDocument.DownloadURL, offer.SignedDocument.DownloadURL} {
		if want := c.api + "/v1/opportunities/" + o.ID + "/offers/" + offer.ID; len(url) < len(want) || url[:len(want)] != want {
			t.Errorf("a letter is at %s", url)
		}
	}
	if _, err := b.upload(c.api + "/v1/uploads/" + u.ID); err != nil {
		t.Error(err)
	}
	if _, err := b.upload(u.URI); err == nil {
		t.Error("an upload is where it was")
	}
}

func TestWhatIsInFilesGoesWithThem(t *testing.T) {
	a, _ := newAccount(t)
	blob := Blob{Name: "cv.pdf", Content: []byte("x")}
	furnish := func() (*Opportunity, *File) {
		o := create(t, a, Draft{Name: "x"})
		f, err := a.AddFile(o, blob, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.AddResume(o, blob, ParsedData{}); err != nil {
			t.Fatal(err)
		}
		return o, f
	}
	for name, tt := range map[string]struct {
		end  func(*Opportunity, *File) error
		left int
	}{
		"a deleted candidacy":    {func(o *Opportunity, _ *File) error { a.Delete(o, ""); return nil }, 0},
		"an anonymized person":   {func(o *Opportunity, _ *File) error { a.Anonymize(o.Contact); return nil }, 0},
		"a file that is removed": {func(o *Opportunity, f *File) error { return a.DeleteFile(o, f.ID, "") }, 1},
	} {
		before := a.contents.Len()
		if err := tt.end(furnish()); err != nil || a.contents.Len()-before != tt.left {
			t.Errorf("%s: %d contents are left, %v", name, a.contents.Len()-before, err)
		}
	}
}

func TestUploadsAreForgottenWhenTheyAreOver(t *testing.T) {
	a, c := newAccount(t)
	for range 3 {
		if _, err := a.AddUpload(Blob{Name: "cv.pdf"}); err != nil {
			t.Fatal(err)
		}
	}
	c.now = c.now.Add(uploadLife + time.Millisecond)
	if _, err := a.AddUpload(Blob{Name: "cv.pdf"}); err != nil {
		t.Fatal(err)
	}
	if a.uploads.Len() != 1 || a.contents.Len() != 1 {
		t.Errorf("%d uploads with %d contents", a.uploads.Len(), a.contents.Len())
	}
}
