package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"fulcrum/functions/partners"
	"fulcrum/local/sandbox"
	"fulcrum/local/stack"
	"fulcrum/local/twin/account"
	twin "fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
)

// call makes a request as a partner's backend does, or of the machinery here where
// the address has a host.
func (b *browser) call(partner, method, address string, body, into any) {
	b.t.Helper()
	text, err := json.Marshal(body)
	b.must(err)
	if strings.HasPrefix(address, "/") {
		address = b.Gateway + address
	}
	req, err := http.NewRequest(method, address, bytes.NewReader(text))
	b.must(err)
	req.Header.Set("Content-Type", "application/json")
	if partner != "" {
		req.Header.Set("Authorization", "Bearer "+b.demo(partner).PartnerAPIKey)
	}
	res, err := http.DefaultClient.Do(req)
	b.must(err)
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		b.t.Fatalf("%s %s: %d", method, address, res.StatusCode)
	}
	if into != nil {
		b.must(json.NewDecoder(res.Body).Decode(into))
	}
}

// away has a function's calls of AWS refused, until it is there again.
func (b *browser) away(function string, do func()) {
	b.t.Helper()
	b.call("", http.MethodPost, b.AWS+"/_aws/faults", map[string]any{
		"service": "dynamodb", "action": "Query", "function": function, "status": 400, "code": "ValidationException", "times": -1,
	}, nil)
	do()
	b.call("", http.MethodDelete, b.AWS+"/_aws/faults", nil, nil)
}

// stranger forgets who the browser is.
func (b *browser) stranger() {
	b.t.Helper()
	b.do("forget the cookies", network.ClearBrowserCookies())
}

// newest is the partner's newest connection.
func (b *browser) newest(partner string) string {
	b.t.Helper()
	var list struct {
		Items []struct{ ID, CreatedAt string }
	}
	b.call(partner, http.MethodGet, "/v1/connections", nil, &list)
	id, at := "", ""
	for _, c := range list.Items {
		if c.CreatedAt > at {
			id, at = c.ID, c.CreatedAt
		}
	}
	return id
}

// connectStates are the states of a set-up beside the straight way.
func (b *browser) connectStates() {
	b.goTo(b.Gateway + "/connect/none")
	b.sees("This link does not work")
	b.refusal("connect-state-unknown-link")
	b.goTo(b.Gateway)
	b.press("Try a set-up of Joinedly")
	link, leverAccount := b.attribute("#setup-link", "href"), b.leverAccount()
	b.goTo(link)
	b.press("Get started")
	b.denied()
	d, err := partners.Named("joinedly")
	b.must(err)
	b.consent(d, "", leverAccount)
	b.match(link, leverAccount)
	b.goTo(link)
	b.wrongSetting()
	b.wrongName()
	b.lost(link, leverAccount)
	b.stranger()
	b.goTo(link)
	b.sees("This link was opened elsewhere")
	b.refusal("connect-state-opened-elsewhere")
}

func (b *browser) leverAccount() string {
	b.t.Helper()
	parts := strings.Split(b.attribute("#lever-link", "href"), "/")
	return parts[len(parts)-2]
}

// denied says no on Lever's page.
func (b *browser) denied() {
	b.press("Sign in with Lever")
	b.do("deny", chromedp.WaitVisible(`button[value="deny"]`, chromedp.ByQuery), chromedp.Click(`button[value="deny"]`, chromedp.ByQuery), chromedp.WaitReady("main", chromedp.ByQuery))
	b.sees("Access was not accepted")
	b.screen("connect-state-denied")
	b.press("Go on")
}

// match goes through the page on which names meet.
func (b *browser) match(link, leverAccount string) {
	page := link + "?part=match"
	_, err := b.Twin.AddPosting(leverAccount, desk.Posting{PostingFields: account.PostingFields{Text: new("Designer")}, Location: new("New York City")})
	b.must(err)
	b.must(b.Twin.Inject(twin.Fault{Match: "GET /v1/postings", Status: 503, Times: 100}))
	b.goTo(page)
	b.sees("Lever does not answer")
	b.refusal("connect-match-1-lever-away")
	b.Twin.Heal()
	b.goTo(page)
	b.sees("has not sent its Offices yet")
	b.screen("connect-match-2-nothing-sent")
	b.call("joinedly", http.MethodPut, "/v1/joinedly/connections/"+b.newest("joinedly")+"/directory", map[string]any{
		"offices": []map[string]string{{"id": "o1", "name": "lisbon"}, {"id": "o2", "name": "New York"}, {"id": "o3", "name": "Berlin"}},
		"teams":   []map[string]string{{"id": "t1", "name": "Engineering"}, {"id": "t2", "name": "Sales"}, {"id": "t3", "name": "Sales"}, {"id": "t4", "name": "Customer Support"}},
	}, nil)
	b.goTo(page)
	b.sees("proposed, not confirmed", "several")
	b.screen("connect-match-3-names")
	b.press(`Only unmatched (5)`)
	b.screen("connect-match-4-unmatched")
	b.do("choose", chromedp.SetValue("#officeAliases-0", "Berlin", chromedp.ByQuery), chromedp.SetValue("#teamAliases-2", "Customer Support", chromedp.ByQuery))
	b.press("Confirm matches")
	b.sees("The matches are saved", "confirmed")
	b.screen("connect-match-5-saved")
}

// wrongSetting types what a setting cannot be.
func (b *browser) wrongSetting() {
	b.do("type a wrong address", chromedp.SetValue("#contacts", "nobody", chromedp.ByQuery))
	b.press("Save")
	b.sees("Nothing was applied")
	b.refusal("connect-state-wrong-setting")
}

// wrongName types a name that is not the customer's.
func (b *browser) wrongName() {
	b.do("open Disconnect", chromedp.Evaluate(`[...document.querySelectorAll("details")].find(d => d.innerText.startsWith("Disconnect")).open = true; 0`, nil),
		chromedp.SendKeys("#customer", "somebody else", chromedp.ByQuery))
	b.press("Disconnect")
	b.sees("Nothing was disconnected")
	b.refusal("connect-state-wrong-name")
}

// lost revokes the access in Lever, and comes back.
func (b *browser) lost(link, leverAccount string) {
	for _, app := range b.Twin.Apps() {
		if _, err := b.Twin.Revoke(leverAccount, app.ClientID); err != nil {
			b.t.Fatal(err)
		}
	}
	for range 40 {
		if b.goTo(link); b.says("Lever has not taken this connection's access since") {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	b.sees("Connect Lever to Joinedly again", "kept for 14 days")
	b.calm(true)
	b.screen("connect-state-reconnect")
}

// reviewStates are the states of the review beside the straight way.
func (b *browser) reviewStates() {
	b.goTo(b.Gateway)
	b.press("Review pending hires")
	b.press("Continue")
	opportunity := b.hire("justworks", "Alan Turing")
	list := b.Gateway + "/justworks/pending-hires"
	for range 40 {
		if b.goTo(list); b.says("Alan Turing") {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	b.press("Review Alan Turing")
	b.press("Review & Invite")
	b.screen("review-6-edit")
	b.do("edit", chromedp.SetValue("#office", "Chicago", chromedp.ByQuery))
	b.press("Save")
	b.sees("Changes")
	b.screen("review-7-edited")
	b.press("Dismiss")
	b.sees("No pending hires")
	b.goTo(list + "/" + opportunity)
	b.sees("dismissed")
	b.screen("review-8-dismissed")
	b.goTo(list + "/" + strings.Repeat("0", 8) + opportunity[8:])
	b.refusal("review-9-not-found")
	b.goTo(b.Gateway + "/justworks/sign-in/none")
	b.sees("This link does not sign you in")
	b.refusal("review-9-used-link")
	b.goTo(list)
	b.press("Sign out")
	b.sees("Signed out")
	b.goTo(list)
	b.sees("You are not signed in")
	b.refusal("review-9-signed-out")
}

// signIn opens the console for somebody with a role.
func (b *browser) signIn(partner, role string) {
	b.t.Helper()
	var made struct{ URL string }
	b.call(partner, http.MethodPost, "/v1/console-links", map[string]string{"person": "Grace", "role": role}, &made)
	b.goTo(made.URL)
	b.press("Sign in")
	b.sees("Needs attention")
}

// consoleStates are the states of the console beside the straight way.
func (b *browser) consoleStates() {
	one := b.Gateway + "/console/connections/con_demo_joinedly"
	b.goTo(b.Gateway + "/console/sign-in/none")
	b.sees("This link does not sign you in")
	b.refusal("console-state-used-link")
	b.signIn("joinedly", "admin")
	b.unfit()
	b.goTo(one + "/attention")
	b.sees("Look again")
	b.screen("console-state-attention")
	b.press("Look again at connection")
	b.sees("looked at again")
	b.goTo(one + "/parked")
	b.sees("endpoint_gone")
	b.screen("console-state-parked")
	b.goTo(one)
	b.screen("console-state-kept")
	b.selection(one)
	b.follow(one)
	b.usage(one)
	b.keys()
	b.resting(one)
	b.away("HubConsole", func() {
		b.goTo(one + "/audit")
		b.sees("We could not load this", "Your data is safe")
		b.refusal("console-state-not-loaded")
	})
	b.goTo(one + "/events?cursor=x")
	b.sees("none of the list")
	b.refusal("console-state-bad-cursor")
	b.signIn("joinedly", "viewer")
	b.goTo(b.Gateway + "/console/keys")
	b.sees("You may not do this")
	b.refusal("console-state-role")
	b.goTo(one)
	b.screen("console-state-viewer")
	b.nobody()
}

// unfit makes what needs somebody: a hire whose names have no match, and documents
// that the partner does not take.
func (b *browser) unfit() {
	b.Sandbox.Inject(sandbox.Fault{Partner: "joinedly", Status: http.StatusGone, Times: 1})
	for i := range 2 {
		b.hire("joinedly", fmt.Sprintf("Barbara Liskov %d", i))
		time.Sleep(time.Second)
	}
}

// selection does something with events that were selected.
func (b *browser) selection(one string) {
	b.goTo(one + "/events")
	b.press("Replay or dismiss selected")
	b.sees("No event is selected")
	b.refusal("console-state-nothing-selected")
	b.goTo(one + "/events")
	b.do("select all", chromedp.Click(`button[data-check]`, chromedp.ByQuery))
	b.screen("console-events-1-selected")
	b.press("Replay or dismiss selected")
	b.sees("selected", "Dismiss")
	b.screen("console-events-2-confirm")
	b.do("dismiss", chromedp.Click(`form[action$="/dismiss"] button`, chromedp.ByQuery), chromedp.WaitVisible(".note", chromedp.ByQuery))
	b.sees("dismissed", "What became of it")
	b.screen("console-events-3-done")
}

// follow watches the list while something comes.
func (b *browser) follow(one string) {
	b.goTo(one + "/events?hours=1")
	b.press("Follow live")
	b.sees("Stop following")
	b.screen("console-events-4-live")
	var before, now int
	count := chromedp.Evaluate(`document.querySelectorAll("#events tbody tr").length`, &before)
	b.do("count", count)
	b.hire("joinedly", "Donald Knuth")
	for end := time.Now().Add(patience); now <= before && time.Now().Before(end); time.Sleep(250 * time.Millisecond) {
		b.do("count again", chromedp.Evaluate(`document.querySelectorAll("#events tbody tr").length`, &now))
	}
	if now <= before {
		b.t.Errorf("%d events before, %d after a hire", before, now)
	}
	b.calm(false)
}

func (b *browser) usage(one string) {
	b.goTo(b.Gateway + "/console/usage")
	b.sees("con_demo_joinedly", "Cost, estimated")
	b.screen("console-usage")
	b.goTo(one + "/numbers")
	b.sees("By month", "By day")
	b.screen("console-numbers")
}

// keys makes a key and revokes it.
func (b *browser) keys() {
	b.goTo(b.Gateway + "/console/keys")
	b.screen("console-keys-1-list")
	b.press("Make a key")
	b.sees("not shown again")
	b.screen("console-keys-2-made")
	id := b.attribute(`tbody tr:last-child form`, "action")
	id = strings.Split(id, "/")[3]
	b.do("open Revoke", chromedp.Click(`tbody tr:last-child summary`, chromedp.ByQuery), chromedp.SendKeys("#revoke-"+id, "another", chromedp.ByQuery))
	b.screen("console-keys-3-revoke")
	b.do("revoke", chromedp.Click(`tbody tr:last-child form button`, chromedp.ByQuery))
	b.sees("Nothing was revoked")
	b.refusal("console-keys-4-wrong-id")
	b.do("type the id", chromedp.Click(`tbody tr:last-child summary`, chromedp.ByQuery), chromedp.SendKeys("#revoke-"+id, id, chromedp.ByQuery), chromedp.Click(`tbody tr:last-child form button`, chromedp.ByQuery))
	b.sees("The key is revoked")
	b.screen("console-keys-5-revoked")
}

// resting pauses and resumes, and does not disconnect by mistake.
func (b *browser) resting(one string) {
	b.goTo(one)
	b.press("Pause")
	b.sees("The connection rests")
	b.screen("console-state-paused")
	b.press("Resume")
	b.sees("goes on")
	b.do("open Disconnect", chromedp.Click(`details summary`, chromedp.ByQuery), chromedp.SendKeys("#customer", "somebody else", chromedp.ByQuery))
	b.screen("console-state-disconnect")
	b.press("Disconnect")
	b.sees("Nothing was disconnected")
	b.refusal("console-state-wrong-name")
}

// nobody looks at the console of a partner that has no customer yet.
func (b *browser) nobody() {
	endpoint := b.AWS
	db := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
		}),
	})
	var list struct{ Items []struct{ ID string } }
	b.call("brainner", http.MethodGet, "/v1/connections", nil, &list)
	for _, c := range list.Items {
		_, err := db.UpdateItem(b.ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(stack.Name + "-Table"), UpdateExpression: aws.String("REMOVE tpk, tsk"),
			Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: "C#" + c.ID}, "sk": &types.AttributeValueMemberS{Value: "CONNECTION"},
			},
		})
		b.must(err)
	}
	b.signIn("brainner", "viewer")
	b.sees("No connections yet")
	b.screen("console-state-first-use")
	for _, page := range []string{"connections", "usage"} {
		b.goTo(b.Gateway + "/console/" + page)
		b.sees("No connections yet")
		b.screen("console-state-first-use-" + page)
	}
}
