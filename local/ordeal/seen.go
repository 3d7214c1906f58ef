package ordeal

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// seen is what is to be seen in the end, in words that are the same in every play.
func (p *Play) seen() []string {
	p.t.Helper()
	var all []string
	for _, d := range p.documents() {
		all = append(all, "document "+d)
	}
	open, err := p.Table.Attentions(p.t.Context(), p.C.ID, store.Paging{})
	p.must(err)
	for _, a := range open.Items {
		if a.ClearedAt == 0 && a.Reason != "waiting_too_long" && !slices.Contains(p.scene.Aside, string(a.Reason)) && a.RaisedAt >= lever.At(p.since) {
			all = append(all, "to mend: "+string(a.Reason))
		}
	}
	for _, mail := range slices.Sorted(maps.Keys(p.mailed())) {
		all = append(all, "mail "+mail)
	}
	// Only documents of one kind of object have an order.
	slices.SortStableFunc(all, func(a, b string) int { return strings.Compare(kind(a), kind(b)) })
	if p.scene.Seen != nil {
		all = append(all, p.scene.Seen(p)...)
	}
	for i, text := range all {
		all[i] = p.plain(text)
	}
	return all
}

// mailed counts the mails that name the person of the play, by recipient and subject.
func (p *Play) mailed() map[string]int {
	all := map[string]int{}
	for _, m := range p.AWS.Mails() {
		if p.Ada.Name != "" && strings.Contains(m.Text, p.Ada.Name) {
			all[strings.Join(m.To, " ")+": "+m.Subject]++
		}
	}
	return all
}

// kind is what a document is of.
func kind(document string) string {
	before, _, _ := strings.Cut(document, ".")
	return before
}

// documents are those that have arrived since the play began, in their order. Alerts
// are left out: whether one is due follows from how much time has passed, as it does
// whether somebody is told of what waits.
func (p *Play) documents() (all []string) {
	for _, d := range p.Sandbox.Deliveries(p.C.Partner, p.C.ID) {
		if d.ReceivedAt.Before(p.since) || d.Type == "connection.alert" {
			continue
		}
		_, data, _ := bytes.Cut(d.Body, []byte(`"data":`))
		all = append(all, d.Type+" "+string(data))
	}
	return all
}

var (
	uuid    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	instant = regexp.MustCompile(`\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z?)?|\b1[78]\d{11}\b`)
	minted  = regexp.MustCompile(`\b[a-z]{2,4}[_-][0-9A-Za-z_-]{16,}`)
	digits  = regexp.MustCompile(`\d+`)
)

// plain replaces what differs from play to play.
func (p *Play) plain(text string) string {
	of := []string{p.Word(), "WORD"}
	for _, own := range []string{p.Ada.Name, p.Ada.Email, p.Ada.Phone} {
		if own != "" {
			of = append(of, own, digits.ReplaceAllString(own, "N"))
		}
	}
	for word := range strings.FieldsSeq(p.Ada.Name) {
		of = append(of, word, digits.ReplaceAllString(word, "N"))
	}
	text = strings.NewReplacer(of...).Replace(text)
	text = instant.ReplaceAllString(text, "TIME")
	for _, names := range []*regexp.Regexp{uuid, minted} {
		text = number(text, names)
	}
	return text
}

// number replaces what names match by its place in the text.
func number(text string, names *regexp.Regexp) string {
	seen := map[string]string{}
	return names.ReplaceAllStringFunc(text, func(id string) string {
		if seen[id] == "" {
			seen[id] = fmt.Sprintf("ID%d", len(seen)+1)
		}
		return seen[id]
	})
}

// check looks at what holds after every play.
func (p *Play) check() {
	p.t.Helper()
	events, err := p.Table.Events(p.t.Context(), p.C.ID, store.Paging{Limit: recent})
	p.must(err)
	for _, e := range events.Items {
		switch {
		case e.ReceivedAt < lever.At(p.since):
		case e.State == store.Parked:
			p.Errorf("event %s %s is parked: %s", e.Event, e.ID, e.Reason)
		case !e.State.Ended():
			p.Errorf("event %s %s is %s, and nobody looks at it any more", e.Event, e.ID, e.State)
		}
	}
	for mail, n := range p.mailed() {
		if n > 1 && len(p.schedule) == 0 || n > store.MaxClaims {
			p.Errorf("the mail to %s was sent %d times", mail, n)
		}
	}
	if v := p.Twin.Violations(); len(v) != 0 {
		p.Errorf("an object of another account was asked for: %+v", v)
	}
}

// expectBalance fails unless everything has ended that ever was, and nothing is a
// dead letter. It is for the end of a stage.
func (p *Play) expectBalance() {
	p.t.Helper()
	counts, err := p.Table.Balance(p.t.Context(), p.C.ID)
	p.must(err)
	for state, n := range counts {
		if !state.Ended() {
			p.Errorf("%d events are %s", n, state)
		}
	}
	for _, from := range queues(p.Stage) {
		dead := from.Queue + "-dead"
		if now, later := p.held(dead); now+later > 0 {
			p.Errorf("%d messages are dead letters in %s", now+later, dead)
		}
	}
}

// differ says where two plays ended differently, empty where they did not.
func differ(got, want []string) string {
	if slices.Equal(got, want) {
		return ""
	}
	for i := range max(len(got), len(want)) {
		if g, w := at(got, i), at(want, i); g != w {
			g, w = apart(g, w)
			return fmt.Sprintf("%d things are seen, %d when nothing goes wrong; the first that differs:\n\t%s\ninstead of\n\t%s", len(got), len(want), cmp.Or(g, "nothing"), cmp.Or(w, "nothing"))
		}
	}
	return ""
}

// apart are two texts from a little before where they part.
func apart(a, b string) (string, string) {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-60)
	return cut(a[from:]), cut(b[from:])
}

func cut(text string) string { return text[:min(len(text), 200)] }

func at(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return ""
}
