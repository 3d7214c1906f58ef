package twin_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

// pages lists everything, page by page, and answers the ids and the tokens.
func (r *rig) pages(path string) (ids, tokens []string) {
	r.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	for offset := ""; ; {
		got := r.api("GET", path+sep+"offset="+url.QueryEscape(offset), nil).must(200)
		ids = append(ids, got.ids()...)
		if got.at("hasNext") != true {
			if got.body.(obj)["next"] != nil || got.at("hasNext") != false {
				r.t.Fatalf("the last page ends with %v", got.body.(obj)["next"])
			}
			return ids, tokens
		}
		offset = got.text("next")
		tokens = append(tokens, offset)
	}
}

func TestOpportunitiesComeByStageThenNewestFirst(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		var ids []string
		for i, stage := range []string{
			"offer", "lead-new", "applicant-new", "lead-new", r.stage("Recruiter screen"), "lead-responded",
		} {
			ids = append(ids, r.candidate(desk.Candidate{Name: fmt.Sprint(i), Stage: stage}).OpportunityID)
			time.Sleep(time.Second)
		}
		got, tokens := r.pages("/opportunities?limit=2")
		want := []string{ids[3], ids[1], ids[5], ids[2], ids[4], ids[0]}
		if !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
		at := r.api("GET", "/opportunities/"+ids[5], nil).at("data.lastAdvancedAt").(float64)
		if want := fmt.Sprintf("%%5B5%%2C%.0f%%2C%%22%s%%22%%5D", at, ids[5]); tokens[0] != want {
			t.Errorf("token %s, want %s", tokens[0], want)
		}
		r.api("PUT", "/opportunities/"+ids[0]+"/stage", obj{"stage": "lead-new"}).must(200)
		if got, _ := r.pages("/opportunities?limit=4"); got[0] != ids[0] {
			t.Errorf("whoever was moved last stands at %d", slices.Index(got, ids[0]))
		}
	})
}

func TestACandidateMovedDuringAListingIsMetTwiceOrNotAtAll(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		var ids []string
		for i := range 4 {
			ids = append(ids, r.candidate(desk.Candidate{Name: fmt.Sprint(i)}).OpportunityID)
			time.Sleep(time.Second)
		}
		first := r.api("GET", "/opportunities?limit=2", nil).must(200)
		r.api("PUT", "/opportunities/"+ids[3]+"/stage", obj{"stage": "offer"}).must(200)
		r.api("PUT", "/opportunities/"+ids[0]+"/stage", obj{"stage": "lead-reached-out"}).must(200)
		rest := r.api("GET", "/opportunities?limit=10&offset="+url.QueryEscape(first.text("next")), nil).must(200)
		if got := append(first.ids(), rest.ids()...); !slices.Equal(got, []string{ids[3], ids[2], ids[1], ids[0], ids[3]}) {
			t.Errorf("met %v of %v", got, ids)
		}
	})
}

func TestATokenWorksOnlyAsItCame(t *testing.T) {
	inBubble(t, twin.Options{OffsetLife: 10 * time.Minute}, func(t *testing.T, r *rig) {
		for i := range 3 {
			r.candidate(desk.Candidate{Name: fmt.Sprint(i)})
		}
		token := r.api("GET", "/opportunities?limit=1", nil).text("next")
		decoded, err := url.QueryUnescape(token)
		if err != nil {
			t.Fatal(err)
		}
		tests := map[string]string{
			"decoded once too often":     decoded,
			"of another list":            r.api("GET", "/users?limit=1", nil).text("next"),
			"altered":                    strings.Replace(token, "%5B1%2C", "%5B2%2C", 1),
			"of the documents' old form": "0.1700000000123.0c6f1f2a-1111-4222-8333-944455556666",
			"nonsense":                   "%%%",
		}
		for name, bad := range tests {
			got := r.api("GET", "/opportunities?limit=1&offset="+url.QueryEscape(bad), nil)
			if got.status != 400 || !strings.Contains(got.text("message"), "Invalid offset token") {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
		again := "/opportunities?limit=1&offset=" + url.QueryEscape(token)
		r.api("GET", again, nil).must(200)
		time.Sleep(10 * time.Minute)
		r.api("GET", again, nil).must(200)
		time.Sleep(time.Second)
		r.api("GET", again, nil).must(400)
		for _, limit := range []string{"0", "101", "-1", "x"} {
			r.api("GET", "/opportunities?limit="+limit, nil).must(400)
		}
	})
}

func TestFiltersSelectOpportunities(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		add := func(c desk.Candidate) string {
			time.Sleep(time.Second)
			return r.candidate(c).OpportunityID
		}
		names := map[string]string{}
		names[add(
			desk.Candidate{
				Name: "a", Email: "A@x.example", Tags: []string{"red"}, Sources: []string{"Fair"},
				Posting: "Backend Engineer",
			},
		)] = "a"
		names[add(
			desk.Candidate{Name: "b", Origin: "applied", Email: "b@x.example", Posting: "Account Manager", Tags: []string{"blue"}},
		)] = "b"
		names[add(desk.Candidate{Name: "c", Origin: "referred", Stage: "Offer", Posting: "Support Intern"})] = "c"
		id := func(name string) string {
			for id, n := range names {
				if n == name {
					return id
				}
			}
			return ""
		}
		start := time.Now()
		r.ctl("POST", "/opportunities/"+id("b")+"/archive", obj{"reason": "Timing"}).must(200)
		r.ctl("PUT", "/opportunities/"+id("c"), obj{"snoozedUntil": start.Add(time.Hour).UnixMilli()}).must(200)
		r.ctl("PUT", "/opportunities/"+id("a"), obj{"forgetUpdate": true}).must(200)
		ms := func(d time.Duration) string { return fmt.Sprint(start.Add(d).UnixMilli()) }
		posting := func(i int) string { return r.home.Postings[i].ID }
		contact := r.api("GET", "/opportunities/"+id("a"), nil).text("data.contact")
		tests := map[string]struct{ query, want string }{
			"none":                         {"", "abc"},
			"a tag":                        {"tag=red", "a"},
			"two tags are alternatives":    {"tag=red&tag=blue", "ab"},
			"two tags in the other form":   {"tag%5B%5D=red&tag%5B%5D=blue", "ab"},
			"two filters both hold":        {"tag=red&origin=applied", ""},
			"an e-mail, whatever its case": {"email=a@X.example", "a"},
			"an origin":                    {"origin=referred", "c"},
			"a source":                     {"source=Fair", "a"},
			"a stage":                      {"stage_id=offer", "c"},
			"a contact":                    {"contact_id=" + contact, "a"},
			"a location":                   {"location=Chicago", "bc"},
			"a posting":                    {"posting_id=" + posting(1), "b"},
			"a posting whose application is archived": {
				"archived_posting_id=" + posting(1) + "&archived_posting_id=" + posting(0), "b",
			},
			"an archive reason":        {"archive_reason_id=" + r.reason("Timing"), "b"},
			"the archived":             {"archived=true", "b"},
			"the active":               {"archived=false", "ac"},
			"archived or not":          {"archived=both", "abc"},
			"the snoozed":              {"snoozed=true", "c"},
			"the awake":                {"snoozed=false", "ab"},
			"created from, inclusive":  {"created_at_start=" + ms(-time.Second), "bc"},
			"created until, inclusive": {"created_at_end=" + ms(-time.Second), "ab"},
			"created between": {
				"created_at_start=" + ms(-time.Second) + "&created_at_end=" + ms(-time.Second), "b",
			},
			"updated, without those never touched": {"updated_at_start=0", "bc"},
			"updated since":                        {"updated_at_start=" + ms(0), "bc"},
			"advanced since":                       {"advanced_at_start=" + ms(0), "bc"},
			"archived since":                       {"archived_at_start=" + ms(0), "b"},
			"archived before":                      {"archived_at_end=" + ms(-1), ""},
			"an unknown parameter is ignored":      {"colour=red", "abc"},
		}
		for name, tt := range tests {
			got := ""
			for _, id := range r.api("GET", "/opportunities?"+tt.query, nil).must(200).ids() {
				got += names[id]
			}
			if sorted := sortedText(got); sorted != tt.want {
				t.Errorf("%s: %q, want %q", name, sorted, tt.want)
			}
		}
		for _, bad := range []string{"archived=maybe", "snoozed=1", "created_at_start=yesterday", "updated_at_end=1.5"} {
			r.api("GET", "/opportunities?"+bad, nil).must(400)
		}
	})
}

func sortedText(s string) string {
	letters := strings.Split(s, "")
	slices.Sort(letters)
	return strings.Join(letters, "")
}

func TestIncludeDropsAndExpandFillsIn(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "Nina Okafor", Email: "n@x.example", Posting: "Backend Engineer"})
		one := "/opportunities/" + c.OpportunityID
		got := r.api(
			"GET",
			one+"?expand=applications&expand=stage&expand=owner&expand=followers&expand=sourcedBy&expand=contact", nil,
		).must(200)
		got.want(obj{
			"data.applications.0.id":      c.ApplicationID,
			"data.applications.0.posting": r.home.Postings[0].ID,
			"data.stage":                  obj{"id": "lead-new", "text": "New lead"},
			"data.owner.accessRole":       "super admin",
			"data.followers.0.id":         r.boss(),
			"data.sourcedBy.id":           r.boss(),
			"data.contact.emails":         []string{"n@x.example"},
			"data.name":                   "Nina Okafor",
		})
		for query, want := range map[string][]string{
			"include=name":                        {"name"},
			"include=name&include=id":             {"id", "name"},
			"include[]=name&include[]=stage":      {"name", "stage"},
			"include=name&expand=stage":           {"name", "stage"},
			"include=nothing":                     {},
			"expand=nothing&include=applications": {"applications"},
		} {
			if members := r.api("GET", one+"?"+query, nil).must(200).members("data"); !slices.Equal(members, want) {
				t.Errorf("%s: %v", query, members)
			}
			if members := r.api("GET", "/opportunities?"+query, nil).must(200).members("data.0"); !slices.Equal(members, want) {
				t.Errorf("list with %s: %v", query, members)
			}
		}
		r.ctl("POST", one+"/offers", nil).must(201)
		r.api("GET", one+"/offers?expand=creator", nil).must(200).want(obj{"data.0.creator.name": r.home.Users[0].Name})
		r.api(
			"GET", "/postings/"+r.home.Postings[0].ID+"?expand=owner&expand=hiringManager&expand=user&expand=followers",
			nil,
		).must(200).want(obj{
			"data.owner.id": r.boss(), "data.hiringManager.id": r.home.Users[1].ID, "data.user.id": r.boss(),
			"data.followers.0.id": r.boss(),
		})
	})
}

func TestShortListsArePagedToo(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c := r.candidate(desk.Candidate{Name: "Nina Okafor"})
		var want []string
		for i := range 5 {
			want = append(
				want,
				r.api(
					"POST", "/opportunities/"+c.OpportunityID+"/notes", obj{"value": fmt.Sprint("note ", i)},
				).must(201).text("data.id"),
			)
			time.Sleep(time.Second)
		}
		if got, _ := r.pages("/opportunities/" + c.OpportunityID + "/notes?limit=2"); !slices.Equal(got, want) {
			t.Errorf("notes %v, want %v", got, want)
		}
	})
}

func TestTwentyThousandAreListedInTwoHundredCalls(t *testing.T) {
	inMemory(t, twin.Options{Rate: 10, Burst: 20}, func(t *testing.T, r *rig) {
		r.ctl("POST", "/seed", obj{"count": 20_000}).must(204)
		begin, calls := time.Now(), 0
		seen := map[string]bool{}
		for offset := ""; ; calls++ {
			got := r.api("GET", "/opportunities?limit=100&offset="+url.QueryEscape(offset), nil)
			if got.status == 429 {
				time.Sleep(100 * time.Millisecond)
				calls--
				continue
			}
			for _, id := range got.must(200).ids() {
				seen[id] = true
			}
			if got.at("hasNext") == false {
				calls++
				break
			}
			offset = got.text("next")
		}
		if calls != 200 || len(seen) != 20_000 {
			t.Errorf("%d opportunities in %d calls", len(seen), calls)
		}
		if took := time.Since(begin); took > 19*time.Second {
			t.Errorf("took %s, more than the bucket needs", took)
		}
	})
}
