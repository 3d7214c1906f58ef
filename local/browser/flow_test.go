package browser

import (
	"context"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"fulcrum/functions/partners"
	"fulcrum/local/seed"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/definition"
)

// Everything that people do on the pages, in one browser and on one stack.
func TestInABrowser(t *testing.T) {
	b := open(t)
	t.Run("the first page", func(t *testing.T) { b.on(t).frontPage() })
	all, err := partners.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Run("set-up of "+d.Name, func(t *testing.T) { b.on(t).setUp(d) })
	}
	t.Run("by the keyboard alone", func(t *testing.T) { b.on(t).keyboard() })
	t.Run("what can go wrong in a set-up", func(t *testing.T) { b.on(t).connectStates() })
	t.Run("the review", func(t *testing.T) { b.on(t).review() })
	t.Run("what else can be in the review", func(t *testing.T) { b.on(t).reviewStates() })
	t.Run("the console", func(t *testing.T) { b.on(t).console() })
	t.Run("what else can be in the console", func(t *testing.T) { b.on(t).consoleStates() })
}

// on has failures be those of a part of the test.
func (b *browser) on(t *testing.T) *browser {
	b.t = t
	return b
}

func (b *browser) frontPage() {
	b.goTo(b.Gateway)
	b.sees("Fulcrum is up", "interviewing.io")
	b.awake()
	b.screen("front")
}

// setUp goes a customer's way, in the words of the partner's guide.
func (b *browser) setUp(d definition.Definition) {
	b.goTo(b.Gateway)
	b.press("Try a set-up of " + d.Title)
	link, leverAccount := b.attribute("#setup-link", "href"), path.Base(path.Dir(b.attribute("#lever-link", "href")))
	key := ""
	if d.Connect.By == definition.APIKey {
		b.do("read the key", chromedp.Text("#key", &key, chromedp.ByQuery))
	}
	b.goTo(link)
	b.sees("Super Admin", "three minutes")
	b.screen("connect-" + d.Name + "-1-start")
	b.press("Get started")
	b.screen("connect-" + d.Name + "-2-consent")
	b.consent(d, key, leverAccount)
	if d.SettingsFirst {
		b.sees(d.Apply)
		b.screen("connect-" + d.Name + "-3-settings")
		b.press(d.Apply)
	}
	b.sees("Waiting for Lever's test request")
	b.screen("connect-" + d.Name + "-4-webhooks")
	b.verify(d, leverAccount)
	b.sees("Lever's test request was received", "Connected") // while the page stays as it is
	b.press("Finish setup")
	b.sees("Nothing else has to be done here")
	b.screen("connect-" + d.Name + "-5-connected")
	b.end(d)
}

// consent gives what Lever asks for, on Lever's own page, or types in the API key.
func (b *browser) consent(d definition.Definition, key, leverAccount string) {
	if d.Connect.By == definition.APIKey {
		b.do("type a wrong key", chromedp.SendKeys("#key", "no-such-key", chromedp.ByQuery))
		b.press(d.Connect.Button)
		b.sees("Lever does not take this API key")
		b.refusal("connect-" + d.Name + "-2-refused")
		b.do("type the key", chromedp.SendKeys("#key", key, chromedp.ByQuery))
		b.press(d.Connect.Button)
		return
	}
	b.press(d.Connect.Button)
	b.do("wait for Lever's page", chromedp.WaitVisible(`select[name="account"]`, chromedp.ByQuery))
	b.do("choose the account", chromedp.SetValue(`select[name="account"]`, leverAccount, chromedp.ByQuery),
		chromedp.Click(`button[value="accept"]`, chromedp.ByQuery), chromedp.WaitReady("main", chromedp.ByQuery))
	b.sees("Settings")
}

// verify does what the customer does in Lever: makes the webhooks where they are
// theirs to make, switches them on, and has them verified.
func (b *browser) verify(d definition.Definition, leverAccount string) {
	b.t.Helper()
	on := map[string]bool{}
	for _, e := range d.Webhooks.Events {
		on[string(e.Event)] = true
	}
	_, err := b.Twin.Switch(leverAccount, on)
	b.must(err)
	if d.Webhooks.MadeBy == definition.Customer {
		b.byHand(d, leverAccount)
	}
	hooks, err := b.Twin.Webhooks(leverAccount)
	b.must(err)
	for _, h := range hooks {
		_, err := b.Twin.Verify(context.Background(), leverAccount, h.ID)
		b.must(err)
	}
}

// byHand makes the webhooks in Lever with the addresses of the page, and types their
// tokens into it.
func (b *browser) byHand(d definition.Definition, leverAccount string) {
	b.t.Helper()
	for i, e := range d.Webhooks.Events {
		var address string
		b.do("read the address", chromedp.Evaluate(`document.querySelectorAll("#webhooks tbody tr")[`+string(rune('0'+i))+`].querySelector("code").textContent`, &address))
		made, err := b.Twin.AddWebhook(leverAccount, desk.NewWebhook{Event: string(e.Event), URL: address})
		b.must(err)
		b.do("type the token", chromedp.SendKeys("#token-"+string(e.Event), made.SignatureToken, chromedp.ByQuery))
	}
	b.press("Save token")
	b.sees("Waiting for Lever's test request")
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// end disconnects as the customer does, first with a name that is not theirs.
func (b *browser) end(d definition.Definition) {
	b.do("open Disconnect", chromedp.Evaluate(`[...document.querySelectorAll("details")].find(d => d.innerText.startsWith("Disconnect")).open = true; 0`, nil))
	var customer string
	b.do("read the name", chromedp.Text(`label[for="customer"] bdi`, &customer, chromedp.ByQuery))
	if d.Name == "evidenced" {
		b.screen("connect-" + d.Name + "-6-disconnect")
	}
	b.do("type the name", chromedp.SendKeys("#customer", customer, chromedp.ByQuery))
	b.press("Disconnect")
	b.sees("Disconnected")
	b.calm(false)
}

// keyboard goes to the second page of a set-up without a mouse.
func (b *browser) keyboard() {
	b.goTo(b.Gateway)
	b.press("Try a set-up of Justworks")
	b.goTo(b.attribute("#setup-link", "href"))
	for range 10 {
		var focused string
		b.do("tab", chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(`document.activeElement.textContent.trim()`, &focused))
		if focused == "Get started" {
			_, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter))
			b.must(err)
			b.sees("Connect to Lever", "Accept")
			return
		}
	}
	b.t.Error("ten tabs do not reach the button")
}

// hire has somebody hired in a demo customer's Lever, with a signed offer.
func (b *browser) hire(partner, name string) string {
	b.t.Helper()
	c := b.demo(partner)
	summary, err := b.Twin.Summary(c.Account)
	b.must(err)
	added, err := b.Twin.AddCandidate(c.Account, desk.Candidate{Name: name, Email: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.com", Posting: summary.Postings[0].ID, Stage: "offer"})
	b.must(err)
	signed := "signed"
	_, err = b.Twin.AddOffer(c.Account, added.OpportunityID, account.OfferFields{Status: &signed, Outside: true, Fields: map[string]any{
		"salary_amount": 110000, "compensation_currency": "USD", "salary_interval": "per-year-salary",
		"anticipated_start_date": time.Now().AddDate(0, 0, 14).UnixMilli(), "custom_exemption_status": "Exempt",
	}})
	b.must(err)
	_, err = b.Twin.Hire(c.Account, added.OpportunityID, "")
	b.must(err)
	return added.OpportunityID
}

func (b *browser) demo(partner string) seed.Connection {
	b.t.Helper()
	for _, c := range b.Connections {
		if c.Partner == partner {
			return c
		}
	}
	b.t.Fatalf("there is no demo connection of %s", partner)
	return seed.Connection{}
}

// review goes through a pending hire as the help center tells it.
func (b *browser) review() {
	b.goTo(b.Gateway)
	b.press("Review pending hires")
	b.press("Continue")
	b.sees("No pending hires")
	b.screen("review-1-none")
	opportunity := b.hire("justworks", "Ada Lovelace")
	for range 40 {
		if b.goTo(b.Gateway + "/justworks/pending-hires"); b.says("There is one Pending hire") {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	b.sees("There is one Pending hire", "Ada Lovelace")
	b.screen("review-2-list")
	b.press("Review Ada Lovelace")
	b.sees("Still missing for an invitation")
	b.screen("review-3-hire")
	b.press("Review & Invite")
	b.press("Invite New Member")
	b.sees("The invitation needs fields that are empty")
	b.refusal("review-4-missing")
	b.do("fill in", chromedp.SetValue("#workEmail", "ada@customer.example", chromedp.ByQuery), chromedp.SetValue("#office", "Lisbon", chromedp.ByQuery))
	b.press("Invite New Member")
	b.sees("Invited to Justworks")
	b.screen("review-5-invited")
	if at := b.path(); at != "/justworks/pending-hires/"+opportunity {
		b.t.Errorf("the browser is at %s", at)
	}
}

// console goes through all pages of the staff's.
func (b *browser) console() {
	b.hire("joinedly", "Grace Hopper")
	b.goTo(b.Gateway)
	b.press("Open the console of Joinedly")
	b.sees("You sign in as")
	b.screen("console-1-sign-in")
	b.press("Sign in")
	b.sees("Needs attention", "Received")
	b.screen("console-2-home")
	b.press("7 days")
	b.sees("Received")
	b.press("Connections")
	b.sees("con_demo_joinedly")
	b.screen("console-3-connections")
	b.press("con_demo_joinedly")
	b.screen("console-4-overview")
	for _, tab := range []string{"Events", "Parked", "Attention", "Completeness", "Webhooks", "Settings", "Credentials", "Audit"} {
		b.press(tab)
		b.screen("console-5-" + strings.ToLower(tab))
	}
	b.story()
	b.goTo(b.Gateway + "/console/connections?" + url.Values{"q": {"nobody"}}.Encode())
	b.sees("No connections match")
	b.screen("console-8-nothing-matches")
	b.goTo(b.Gateway + "/console/connections/con_demo_justworks")
	b.sees("Not found")
	b.refusal("console-8-not-found")
	b.press("Sign out")
	b.sees("You are signed out")
	b.goTo(b.Gateway + "/console")
	b.sees("You are not signed in")
	b.refusal("console-9-signed-out")
}

// story looks at an event, with what is personal shown, and has it replayed.
func (b *browser) story() {
	b.goTo(b.Gateway + "/console/connections/con_demo_joinedly/events?state=delivered")
	b.do("open the event", chromedp.Click("tbody a", chromedp.ByQuery), chromedp.WaitVisible(".timeline", chromedp.ByQuery))
	b.sees("attempted", "•••")
	if b.says("Hopper") {
		b.t.Error("a name is shown without being asked for")
	}
	b.screen("console-6-event")
	b.press("Show personal data")
	b.sees("Hopper", "in the audit trail")
	b.press("Replay")
	b.sees("worked off again")
	b.screen("console-7-replay")
}
