package twin_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin"
)

func TestAPanelManagedFromOutside(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.hiree()
		for _, event := range []string{"interviewCreated", "interviewUpdated", "interviewDeleted"} {
			r.hook(event)
		}
		as := "?perform_as=" + r.boss()
		ines := obj{"id": r.home.Users[2].ID}
		start := time.Now().Add(24 * time.Hour).UnixMilli()
		made := r.api("POST", o+"/panels"+as, obj{"timezone": "Europe/Lisbon", "applications": []string{c.ApplicationID}, "interviews": []obj{
			{"subject": "Technical", "date": start, "duration": 60, "interviewers": []obj{ines}},
			{"subject": "Culture", "date": start + 7_200_000, "duration": 30, "interviewers": []obj{ines}},
		}}).must(201)
		made.want(obj{
			"data.externallyManaged": true, "data.start": start, "data.end": start + 9_000_000,
			"data.feedbackReminder": "daily", "data.interviews.#": 2,
			"data.interviews.0.interviewers.0.responseStatus": "needsAction",
			"data.interviews.0.feedbackReminder":              "daily", "data.user": r.boss(), "data.canceledAt": nil,
		})
		panel, first := made.text("data.id"), made.text("data.interviews.0.id")
		got := r.api("GET", o+"/interviews/"+first, nil).must(200)
		want := []string{
			"canceledAt", "createdAt", "date", "duration", "feedbackForms", "feedbackReminder", "feedbackTemplate",
			"gcalEventUrl", "id", "interviewers",
			"location", "note", "opportunityId", "panel", "postings", "stage", "subject", "timezone", "user",
		}
		if members := got.members("data"); !slices.Equal(members, want) {
			t.Errorf("members %v", members)
		}
		got.want(
			obj{
				"data.postings": []string{r.home.Postings[0].ID}, "data.interviewers.0.name": "Ines Moreau",
				"data.interviewers.0.feedbackTemplate": "no-feedback", "data.timezone": "Europe/Lisbon",
			},
		)

		body := obj{"subject": "Moved", "date": start, "duration": 45, "interviewers": []obj{ines}}
		r.api("PUT", o+"/interviews/"+first+as, body).must(200).want(
			obj{"data.subject": "Moved", "data.duration": 45, "data.panel": panel},
		)
		third := r.api(
			"POST", o+"/interviews"+as,
			obj{"panel": panel, "subject": "Third", "date": start, "duration": 15, "interviewers": []obj{ines}},
		).must(201).text("data.id")
		r.api("GET", o+"/panels/"+panel, nil).must(200).want(obj{"data.interviews.#": 3})
		r.api("GET", o+"/panels", nil).must(200).want(obj{"data.#": 1, "data.0.id": panel})
		r.api("GET", o+"/interviews", nil).must(200).want(obj{"data.#": 3})

		replaced := r.api("PUT", o+"/panels/"+panel+as, obj{"timezone": "UTC", "interviews": []obj{body}}).must(200)
		replaced.want(obj{"data.interviews.#": 1, "data.timezone": "UTC", "data.applications": []string{}})
		r.api("GET", o+"/interviews/"+third, nil).must(404)
		last := replaced.text("data.interviews.0.id")
		r.api("DELETE", o+"/interviews/"+last+as, nil).must(204)
		r.api("GET", o+"/panels/"+panel, nil).must(404)
		synctest.Wait()
		counts := map[string]int{}
		for _, e := range r.receiver.events() {
			counts[e]++
		}
		if counts["interviewCreated"] != 4 || counts["interviewUpdated"] != 1 || counts["interviewDeleted"] != 4 {
			t.Errorf("events %v", counts)
		}
	})
}

func TestTheAPIKeepsOffPanelsOfPeople(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		as := "?perform_as=" + r.boss()
		i := r.ctl("POST", o+"/interviews", nil).must(201)
		i.want(
			obj{
				"duration": 60, "date": time.Now().Add(24 * time.Hour).UnixMilli(),
				"interviewers.0.id": r.home.Users[2].ID, "postings": []string{r.home.Postings[0].ID},
			},
		)
		panel := i.text("panel")
		r.api("GET", o+"/panels/"+panel, nil).must(200).want(obj{"data.externallyManaged": false})
		body := obj{"panel": panel, "subject": "x", "date": 1, "duration": 1, "interviewers": []obj{{"id": r.boss()}}}
		r.api("POST", o+"/interviews"+as, body).must(403)
		r.api("PUT", o+"/interviews/"+i.text("id")+as, body).must(403)
		r.api("DELETE", o+"/interviews/"+i.text("id")+as, nil).must(403)
		r.api("PUT", o+"/panels/"+panel+as, obj{"timezone": "UTC", "interviews": []obj{body}}).must(403)
		r.api("DELETE", o+"/panels/"+panel+as, nil).must(403)

		second := r.ctl(
			"POST", o+"/interviews",
			obj{"panel": panel, "subject": "Second", "interviewers": []string{"ruben@acme.example"}},
		).must(201)
		second.want(obj{"panel": panel, "interviewers.0.name": "Ruben Castell"})
		r.ctl("PUT", o+"/interviews/"+second.text("id"), obj{"duration": 20}).must(200).want(
			obj{"duration": 20, "subject": "Second", "interviewers.0.name": "Ruben Castell"},
		)
		for _, id := range []string{i.text("id"), second.text("id"), second.text("id")} {
			r.ctl("DELETE", o+"/interviews/"+id, nil).must(200)
		}
		r.api("GET", o+"/interviews/"+i.text("id"), nil).must(200).want(obj{"data.canceledAt": time.Now().UnixMilli()})
		r.api("GET", o+"/panels/"+panel, nil).must(200).want(obj{"data.canceledAt": time.Now().UnixMilli()})
	})
}

func TestInterviewsThatAreRefused(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		as := "?perform_as=" + r.boss()
		good := func(change obj) obj {
			b := obj{"subject": "x", "date": 1_000_000, "duration": 30, "interviewers": []obj{{"id": r.boss()}}}
			for k, v := range change {
				b[k] = v
			}
			return b
		}
		panel := r.api("POST", o+"/panels"+as, obj{"timezone": "UTC", "interviews": []obj{good(nil)}}).must(201)
		id := panel.text("data.interviews.0.id")
		for name, tt := range map[string]struct {
			path   string
			body   obj
			status int
		}{
			"no panel":         {"/interviews", good(nil), 400},
			"an unknown panel": {"/interviews", good(obj{"panel": "nothing"}), 404},
			"no date":          {"/panels", obj{"timezone": "UTC", "interviews": []obj{good(obj{"date": 0})}}, 400},
			"no duration": {
				"/panels", obj{"timezone": "UTC", "interviews": []obj{good(obj{"duration": 0})}}, 400,
			},
			"nobody interviews": {
				"/panels", obj{"timezone": "UTC", "interviews": []obj{good(obj{"interviewers": []obj{}})}}, 400,
			},
			"an unknown user interviews": {
				"/panels",
				obj{"timezone": "UTC", "interviews": []obj{good(obj{"interviewers": []obj{{"id": "nobody"}}})}}, 404,
			},
			"an unknown feedback template": {
				"/panels",
				obj{
					"timezone":   "UTC",
					"interviews": []obj{good(obj{"interviewers": []obj{{"id": r.boss(), "feedbackTemplate": "x"}}})},
				},
				404,
			},
			"a reminder that Lever has not": {
				"/panels", obj{"timezone": "UTC", "interviews": []obj{good(obj{"feedbackReminder": "hourly"})}}, 400,
			},
			"no time zone":             {"/panels", obj{"interviews": []obj{good(nil)}}, 400},
			"a time zone that is none": {"/panels", obj{"timezone": "Mars/Base", "interviews": []obj{good(nil)}}, 400},
			"no interviews":            {"/panels", obj{"timezone": "UTC"}, 400},
			"an application of somebody else": {
				"/panels", obj{"timezone": "UTC", "applications": []string{"x"}, "interviews": []obj{good(nil)}}, 404,
			},
		} {
			if got := r.api("POST", o+tt.path+as, tt.body); got.status != tt.status {
				t.Errorf("%s: %d, want %d: %s", name, got.status, tt.status, got.raw)
			}
		}
		r.api("PUT", o+"/interviews/"+id+as, good(obj{"panel": "another"})).must(400)
		r.api("DELETE", o+"/panels/"+panel.text("data.id")+as, nil).must(204)
		r.api("GET", o+"/interviews/"+id, nil).must(404)
		r.ctl("POST", o+"/interviews", obj{"panel": "nothing"}).must(404)
		r.ctl("POST", o+"/interviews", obj{"interviewers": []string{"nobody"}}).must(404)
	})
}

func TestArchivingCanCancelWhatIsToCome(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		past := r.ctl("POST", o+"/interviews", obj{"date": time.Now().Add(-time.Hour).UnixMilli()}).must(201).text("id")
		coming := r.ctl("POST", o+"/interviews", nil).must(201).text("id")
		r.hook("interviewDeleted")
		r.api("PUT", o+"/archived", obj{"reason": r.reason("Timing"), "cleanInterviews": true}).must(200)
		r.api("GET", o+"/interviews/"+past, nil).want(obj{"data.canceledAt": nil})
		r.api("GET", o+"/interviews/"+coming, nil).want(obj{"data.canceledAt": time.Now().UnixMilli()})
		synctest.Wait()
		if got := r.receiver.events(); len(got) != 1 {
			t.Errorf("events %v", got)
		}
	})
}
