package twin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fulcrum/local/twin"
	"fulcrum/local/twin/account"
)

// Whatever people and apps do, and however often the twin is restarted between, it
// has all of it again.
func TestAnyHistorySurvivesRestarts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, twin.Options{Store: openStore(t), RetryPauses: []time.Duration{time.Millisecond, time.Hour}})
		defer func() { r.twin.Close() }()
		r.receiver.answer = func(w http.ResponseWriter, _ *http.Request, nth int) {
			if nth%2 == 0 {
				w.WriteHeader(500)
			}
		}
		h := &history{rig: r, rt: rt}
		h.begin()
		rt.Repeat(map[string]func(*rapid.T){
			"some deeds": h.some,
			"more deeds": h.some,
			"a consent":  func(*rapid.T) { h.consent() },
			"a restart": func(rt *rapid.T) {
				if h.draw("", "not now|not now|now") != "now" {
					rt.Skip()
				}
				r.twin.Close()
				if diff := firstDifference(state(r.twin), state(restarted(t, r.options))); diff != "" {
					rt.Fatal(diff)
				}
				r.restart()
			},
		})
	})
}

// deeds are all that can be done: a method, a path of the API or of the account's
// control API, and a body. What stands in < > is drawn when it is done: one of
// several words, or the id of one of the objects that are there.
func deeds() []string {
	return strings.Split(strings.TrimSpace(`
POST /_twin/candidates {"name":"<Ada|Bo>","email":"<email>","posting":"<postings>","stage":"<stages>","origin":"<applied|sourced|referred>"}
POST /_twin/candidates {"name":"<Ada|Bo>","email":"<email>","phone":"555","tags":["<x|y>"],"links":["l"]}
POST /_twin/opportunities/<o>/stage {"stage":"<stages>"}
POST /_twin/opportunities/<o>/archive {"reason":"<archiveReasons>"}
POST /_twin/opportunities/<o>/hire {"requisition":"<requisitions>"}
POST /_twin/opportunities/<o>/hire {}
POST /_twin/opportunities/<o>/unarchive {}
POST /_twin/opportunities/<o>/delete {}
POST /_twin/opportunities/<o>/anonymize {}
POST /_twin/opportunities/<o>/apply {"posting":"<postings>"}
PUT /_twin/opportunities/<o> {"owner":"<users>","snoozedUntil":5,"sources":["<x|y>"]}
PUT /_twin/opportunities/<o> {"forgetUpdate":true,"dataProtection":{"store":{"allowed":true}}}
PUT /_twin/contacts/<contact> {"name":"<Cy|Di>","emails":["<email>","<email>"]}
POST /_twin/opportunities/<o>/offers {"status":"<draft|sent|signed>","fields":{"salary_amount":7.5,"x":null}}
PUT /_twin/opportunities/<o>/offers/<offers> {"status":"signed","fields":{"y":"<a|b>"}}
POST /_twin/opportunities/<o>/interviews {}
POST /_twin/opportunities/<o>/interviews {"panel":"<panels>"}
PUT /_twin/opportunities/<o>/interviews/<interviews> {"note":"<a|b>"}
DELETE /_twin/opportunities/<o>/interviews/<interviews>
POST /_twin/opportunities/<o>/resumes {"name":"cv.pdf","text":"<a|b>"}
POST /_twin/opportunities/<o>/files {"name":"f.txt","text":"<a|b>","status":"<|error>"}
POST /_twin/opportunities/<o>/files {"name":"empty.txt"}
POST /_twin/opportunities/<o>/notes {"value":"by hand","secret":true}
POST /_twin/opportunities/<o>/feedback {}
POST /_twin/opportunities/<o>/feedback {"panel":"<panels>","interview":"<interviews>"}
PUT /opportunities/<o>/stage {"stage":"<stages>"}
PUT /opportunities/<o>/archived {"reason":"<archiveReasons>","cleanInterviews":true}
PUT /opportunities/<o>/archived {"reason":null}
POST /opportunities/<o>/addTags {"tags":["<x|y>"]}
POST /opportunities/<o>/removeSources {"sources":["x"]}
POST /opportunities/<o>/addLinks {"links":["<l|m>"]}
POST /opportunities/<o>/notes {"value":"by an app","score":3}
POST /opportunities/<o>/notes?note_id=<notes> {"value":"a reply"}
PUT /opportunities/<o>/notes/<notes> {"values":[{"value":"replaced"}]}
DELETE /opportunities/<o>/notes/<notes>
PUT /opportunities/<o>/feedback/<feedback> {"fieldValues":[],"completedAt":7}
DELETE /opportunities/<o>/feedback/<feedback>
POST /opportunities/<o>/forms {"baseTemplateId":"<form_templates>","fieldValues":[{"id":"<question>","value":[1,"x",null]}]}
DELETE /opportunities/<o>/files/<files>
POST /opportunities/<o>/panels {"timezone":"UTC","interviews":[{"date":5,"duration":30,"interviewers":[{"id":"<users>"}]}]}
PUT /opportunities/<o>/panels/<panels> {"timezone":"UTC","interviews":[{"date":6,"duration":30,"interviewers":[{"id":"<users>"}]}]}
DELETE /opportunities/<o>/panels/<panels>
POST /opportunities/<o>/interviews {"panel":"<panels>","date":5,"duration":30,"interviewers":[{"id":"<users>"}]}
DELETE /opportunities/<o>/interviews/<interviews>
POST /opportunities {"name":"Eve","emails":["<email>"],"createdAt":5,"archived":{"reason":"<archiveReasons>"}}
POST /postings/<postings>/apply {"personalInformation":[{"name":"fullName","value":"Flo"},{"name":"email","value":"<email>"}]}
POST /_twin/users {"name":"Uma","email":"<email>"}
PUT /_twin/users/<users> {"deactivated":<true|false>}
POST /_twin/postings {"text":"Post","customQuestions":[{"id":"q","fields":[]}]}
PUT /_twin/postings/<postings> {"state":"<closed|published>","salaryRange":{"min":1}}
DELETE /_twin/postings/<postings>
POST /_twin/stages {"text":"<S|T>","before":"<stages>"}
PUT /_twin/stages/<stages> {"text":"<U|V>"}
DELETE /_twin/stages/<stages> {"moveTo":"<stages>"}
POST /_twin/archive-reasons {"text":"R","type":"<hired|non-hired>"}
PUT /_twin/archive-reasons/<archiveReasons> {"status":"<active|inactive>"}
DELETE /_twin/archive-reasons/<archiveReasons>
POST /_twin/requisitions {"requisitionCode":"r","name":"R","postings":["<postings>"],"customFields":{"n":1}}
POST /feedback_templates {"text":"F","fields":[{"type":"score-system","text":"Rating"},{"type":"text","text":"<a|b>"}]}
PUT /feedback_templates/<feedback_templates> {"text":"<G|H>"}
DELETE /feedback_templates/<feedback_templates>
POST /form_templates {"text":"F","fields":[{"type":"text","text":"<a|b>"}],"secretByDefault":true}
DELETE /form_templates/<form_templates>
POST /_twin/seed {"count":2}
POST /webhooks {"event":"<event>","url":"http://hooks.test/api","configuration":{"verifyConnection":true}}
POST /_twin/webhooks {"event":"<event>","url":"http://hooks.test/page"}
PUT /webhooks {"data":[{"id":"<webhooks>","event":"<event>"}]}
DELETE /webhooks/<webhooks>
DELETE /_twin/webhooks/<webhooks>
POST /_twin/webhooks/<webhooks>/verify {}
POST /_twin/webhooks/<webhooks>/regenerate {}
POST /_twin/webhooks/<webhooks>/rerun {}
POST /_twin/switches {"<event>":<true|false>}
POST /_twin/settings {"eventIds":<true|false>,"refresh":"<strict|grace>"}
POST /_twin/keys {"name":"K","rights":["<*|GET *>"]}
POST /_twin/revoke {}
POST /_twin/expire-tokens {}
`), "\n")
}

// history draws what happens next.
type history struct {
	*rig
	rt *rapid.T
}

// begin makes what most deeds need: three candidates, an app, a webhook for every
// event.
func (h *history) begin() {
	for range 3 {
		h.do(deeds()[:2])
	}
	h.partner()
	for _, event := range account.EventNames() {
		h.hook(event)
	}
}

// some does four deeds, because restarts take longer.
func (h *history) some(*rapid.T) {
	for range 4 {
		h.do(deeds())
	}
}

// do does one of the deeds. That it is refused is as good as that it is done.
func (h *history) do(some []string) {
	method, rest, _ := strings.Cut(rapid.SampledFrom(some).Draw(h.rt, "deed"), " ")
	// The opportunity is drawn first, because the other objects hang on it.
	rest = strings.ReplaceAll(rest, "<o>", h.one("/opportunities"))
	o := strings.Split(rest+"/opportunities/", "/opportunities/")[1]
	o, _, _ = strings.Cut(o, "/")
	rest = regexp.MustCompile(`<([^<>]*)>`).ReplaceAllStringFunc(rest, func(s string) string { return h.draw(o, s[1:len(s)-1]) })
	path, text, _ := strings.Cut(rest, " ")
	var body any
	if text != "" {
		body = text
	}
	call := h.asBoss
	if under, ok := strings.CutPrefix(path, "/_twin"); ok {
		call, path = h.ctl, under
	}
	if got := call(method, path, body); got.status >= 500 {
		h.rt.Fatalf("%s %s: %d %s", method, rest, got.status, got.raw)
	}
}

func (h *history) asBoss(method, path string, body any) reply {
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	return h.api(method, path+join+"perform_as="+h.boss(), body)
}

// draw is something for the name that stands in a deed.
func (h *history) draw(o, name string) string {
	switch name {
	case "email":
		return h.draw(o, "a|b|c") + "@people.example"
	case "event":
		return h.draw(o, strings.Join(account.EventNames(), "|"))
	case "contact":
		return fmt.Sprint(h.api("GET", "/opportunities/"+h.one("/opportunities"), nil).at("data.contact"))
	case "question":
		return fmt.Sprint(h.api("GET", "/form_templates", nil).at("data.0.fields.0.id"))
	case "users", "stages", "archiveReasons", "postings", "requisitions", "webhooks":
		return h.drawn(h.ctl("GET", "", nil).at(name))
	case "form_templates", "feedback_templates":
		return h.one("/" + name)
	}
	if strings.Contains(name, "|") {
		return rapid.SampledFrom(strings.Split(name, "|")).Draw(h.rt, "word")
	}
	return h.one("/opportunities/" + o + "/" + name)
}

// one is the id of an object of a list of the API.
func (h *history) one(path string) string { return h.drawn(h.api("GET", path, nil).at("data")) }

func (h *history) drawn(list any) string {
	objects, ok := list.([]any)
	if !ok || len(objects) == 0 {
		return "nothing"
	}
	return fmt.Sprint(rapid.SampledFrom(objects).Draw(h.rt, "object").(obj)["id"])
}

// consent asks for a code, and goes on from there as far as it happens to.
func (h *history) consent() {
	app := h.twin.Apps()[0]
	scope := "offline_access " + h.draw("", "stages:read:admin|users:read:admin")
	code := h.decide(ask(app, scope), h.home.Account, "accept").Get("code")
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
		"code": {code}, "redirect_uri": {callback},
	}
	if steps := h.draw("", "0|1|2"); steps > "0" {
		got := h.token(form).must(200)
		if steps > "1" {
			h.refresh(app, got.text("refresh_token")).must(200)
		}
	}
}
