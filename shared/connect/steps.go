package connect

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/connect/choice"
	"fulcrum/shared/connect/page"
	"fulcrum/shared/connect/permission"
	"fulcrum/shared/credential"
	"fulcrum/shared/definition"
	"fulcrum/shared/document"
	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

type answer = events.APIGatewayV2HTTPResponse

// start is the page of a link that is not open yet. Looking at it opens nothing:
// mail programs look at links too.
func (v *visit) start() (answer, error) {
	return v.Pages.Show(http.StatusOK, "start", page.Start{
		Frame: v.frame("Connect Lever to "+v.d.Title, 0), Customer: v.link.Customer, Does: v.d.Connect.Does, Guide: v.d.Guide,
	})
}

func (v *visit) postOpen(ctx context.Context) (answer, error) {
	if err := v.open(ctx, v.link, digest(v.browser.Secret)); err != nil {
		return answer{}, err
	}
	return v.again(), nil
}

// show is the page of an open link: where set-up goes on, with what just happened.
func (v *visit) show(ctx context.Context, notes ...string) (answer, error) {
	c, err := v.Table.Connection(ctx, v.link.Connection)
	if errors.Is(err, store.ErrNotFound) || err == nil && (ended(c) || c.LostAt != 0) {
		return v.showConnect(ctx, c, nil, notes...)
	}
	if err != nil {
		return answer{}, err
	}
	if err := v.ensure(ctx, c, v.base); err != nil {
		note, ok := later(err)
		if !ok {
			return answer{}, err
		}
		notes = append(notes, note)
	}
	return v.showSetup(ctx, http.StatusOK, nil, nil, notes...)
}

// later is the note for webhooks that a later visit finishes: Lever does not answer,
// or another visit is at it, or was and died.
func later(err error) (string, bool) {
	switch {
	case lever.Retryable(err):
		return "Lever does not answer at the moment, so not all webhooks are made yet. Reload this page in a moment.", true
	case errors.Is(err, signing.ErrPending), errors.Is(err, context.DeadlineExceeded):
		return "The webhooks are being made. Reload this page in a moment.", true
	}
	return "", false
}

func (v *visit) showConnect(ctx context.Context, c store.Connection, results []permission.Result, notes ...string) (answer, error) {
	p := v.credential(results, notes...)
	if c.LostAt != 0 {
		p.Title, p.Lost = p.Title+" again", document.Time(c.LostAt.Time())
		reasons, _, err := v.Table.ParkedReasons(ctx, c.ID)
		if err != nil {
			return answer{}, err
		}
		for _, r := range reasons {
			if r.Reason == credential.Lost {
				p.Kept = r.Events
			}
		}
	}
	code := http.StatusOK
	if results != nil {
		code = http.StatusUnprocessableEntity
	}
	return v.Pages.Show(code, "connect", p)
}

// credential is what asks for consent, or for an API key.
func (v *visit) credential(results []permission.Result, notes ...string) page.Connect {
	return page.Connect{
		Frame: v.frame("Connect Lever to "+v.d.Title, 1, notes...), Button: v.d.Connect.Button, Does: v.d.Connect.Does,
		ByKey: v.d.Connect.By == definition.APIKey, Results: results, Confidential: len(more(v.d)) > 0, ReturnTo: v.link.ReturnTo,
		Tokens: v.d.Webhooks.TypedTokens && v.d.Connect.By == definition.OAuth,
	}
}

// postConsent sends the browser to Lever, by a page: a browser does not follow a
// form's redirect to another site than the form's policy names.
func (v *visit) postConsent(ctx context.Context) (answer, error) {
	if v.d.Connect.By != definition.OAuth {
		return v.again(), nil
	}
	address, err := v.begin(ctx, v.link, v.secret, v.base, v.form.Get("confidential") == "on")
	if err != nil {
		return answer{}, err
	}
	out, err := v.Pages.Show(http.StatusOK, "leave", page.Leave{Frame: v.frame("Continue to Lever", 1), Address: address})
	if err == nil {
		out.Headers["refresh"] = "0; url=" + address
	}
	return out, err
}

// postKey checks an API key live, permission by permission, and keeps it only if
// it allows all.
func (v *visit) postKey(ctx context.Context) (answer, error) {
	key := strings.TrimSpace(v.form.Get("key"))
	if v.d.Connect.By != definition.APIKey {
		return v.again(), nil
	}
	refused := func(results []permission.Result, note string) (answer, error) {
		return v.showConnect(ctx, store.Connection{}, results, note)
	}
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		return refused([]permission.Result{}, "This is not an API key as Lever shows it. Nothing was saved.")
	}
	client, err := v.stranger(v.link.Environment, lever.APIKey(key))
	if err != nil {
		return answer{}, err
	}
	results, err := permission.Check(ctx, client, v.d.Connect.Permissions)
	if errors.Is(err, permission.ErrKey) {
		return refused([]permission.Result{}, "Lever does not take this API key. It was not saved.")
	}
	if err != nil {
		return answer{}, err
	}
	if !permission.All(results) {
		return refused(results, "The key does not allow everything that is needed, and was not saved. Lever does not let a key's permissions be changed: ask for a new key with all of these.")
	}
	if err := v.join(ctx, v.link, client, granted{secret: store.Secret{APIKey: key}}); err != nil {
		return answer{}, err
	}
	return v.again(), nil
}

// connection is the link's connection, for steps that need one with a credential.
func (v *visit) connection(ctx context.Context) (store.Connection, error) {
	c, err := v.Table.Connection(ctx, v.link.Connection)
	if errors.Is(err, store.ErrNotFound) || err == nil && (ended(c) || c.LostAt != 0) {
		return c, errEnded
	}
	return c, err
}

func (v *visit) postSettings(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	version, err := strconv.ParseInt(v.form.Get("version"), 10, 64)
	if err != nil {
		return answer{}, frame.ErrForged
	}
	in := newSettings{Version: version, Values: page.Values(v.d, v.form)}
	_, wrong, err := v.apply(ctx, c, in, actor(v.link))
	if errors.Is(err, store.ErrMoved) {
		return v.showSetup(ctx, http.StatusConflict, nil, nil, "Somebody else has changed the settings meanwhile. These are theirs; nothing of yours was applied.")
	}
	if err != nil {
		return answer{}, err
	}
	if len(wrong) > 0 {
		return v.showSetup(ctx, http.StatusUnprocessableEntity, in.Values, wrong, "Nothing was applied. "+sentence(v.d, wrong[0]))
	}
	return v.again(), nil
}

func (v *visit) postTokens(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	var in newTokens
	for _, e := range v.d.Webhooks.Events {
		token := strings.TrimSpace(v.form.Get("token." + string(e.Event)))
		if token == "" {
			continue
		}
		t := newToken{Event: e.Event, Token: token}
		if wrong := t.check(v.d, v.Now()); len(wrong) > 0 {
			return v.showSetup(ctx, http.StatusUnprocessableEntity, nil, nil, "Nothing was saved. The token of "+e.Title+" "+wrong[0].Detail+".")
		}
		in.Tokens = append(in.Tokens, t)
	}
	if len(in.Tokens) > 0 {
		err = v.replace(ctx, c, in.Tokens, actor(v.link), v.base)
	}
	if err = unless(err, signing.ErrPending); err != nil {
		return answer{}, err
	}
	return v.again(), nil
}

func (v *visit) postFinish(ctx context.Context) (answer, error) {
	c, err := v.connection(ctx)
	if err != nil {
		return answer{}, err
	}
	missing, err := v.complete(ctx, c, actor(v.link), v.base)
	if err != nil {
		return answer{}, err
	}
	if len(missing) > 0 {
		return v.showSetup(ctx, http.StatusConflict, nil, nil, "Set-up is not complete yet: something is still to be done in Lever.")
	}
	return v.again(), nil
}

// postDisconnect ends the connection, for who has typed the customer's name.
func (v *visit) postDisconnect(ctx context.Context) (answer, error) {
	c, err := v.Table.Connection(ctx, v.link.Connection)
	if err != nil {
		return answer{}, unless(err, store.ErrNotFound)
	}
	if strings.TrimSpace(v.form.Get("customer")) != strings.TrimSpace(v.link.Customer) {
		return v.showSetup(ctx, http.StatusUnprocessableEntity, nil, nil, "Nothing was disconnected: the name that was typed is not the customer's.")
	}
	if c.DisconnectedAt == 0 {
		if err := v.disconnect(ctx, c, actor(v.link), v.base); err != nil {
			return answer{}, err
		}
	}
	return v.Pages.Show(http.StatusOK, "message", page.Message{Frame: v.frame("Disconnected", -1), Text: []string{
		"Lever and " + v.d.Title + " are disconnected, and the access that was kept here is erased.",
		"To connect the same Lever account again, go on with this link, or ask for a new one.",
	}, Again: true})
}

// showSetup is the page of a connection. typed are the values that were just sent
// and refused, nil for those that count; wrong says why.
func (v *visit) showSetup(ctx context.Context, code int, typed definition.Values, wrong []definition.Problem, notes ...string) (answer, error) {
	c, err := v.Table.Connection(ctx, v.link.Connection)
	if err != nil {
		return answer{}, err
	}
	st, err := v.status(ctx, c)
	if err != nil {
		return answer{}, err
	}
	kept, err := v.settings(ctx, c)
	if err != nil {
		return answer{}, err
	}
	if typed == nil {
		typed = kept.Values
	}
	fields, note := v.fields(ctx, c, typed, wrong)
	if note != "" {
		notes = append(notes, note)
	}
	imports, err := v.imported(ctx, c)
	if err != nil {
		return answer{}, err
	}
	awaited := v.webhooks(c, st)
	at := 2
	if awaited.Complete {
		at = 3
	}
	p := page.Setup{
		Frame: v.frame("Lever and "+v.d.Title, at, notes...), Typed: v.d.Webhooks.TypedTokens,
		Settings: fields, Version: kept.Version, Credential: v.credential(nil), Apply: v.d.Apply, ReturnTo: v.link.ReturnTo,
		First: v.d.SettingsFirst && kept.Version == 0 && !awaited.Complete, Customer: v.link.Customer, Webhooks: awaited,
		Guide: v.d.Guide, Match: titles(v.d.Matched()), Imports: imports,
	}
	return v.Pages.Show(code, "setup", p)
}

// webhooks are how the webhooks are, which is shown again and again until nothing
// more is awaited.
func (v *visit) webhooks(c store.Connection, st status.Status) page.Webhooks {
	p := page.Webhooks{
		Frame: v.frame("Webhooks", -1), State: st.State, Missing: toDo(v.d, st.Missing()), ByHand: v.d.Webhooks.MadeBy == definition.Customer,
		Complete: st.State == status.Connected && c.FinishedAt != 0,
		Live:     st.State == status.SettingUp || st.State == status.Waiting,
	}
	for _, e := range st.Events {
		p.Events = append(p.Events, page.Event{
			Name: string(e.Event.Event), Title: e.Title, Required: e.Required, Created: e.Created, Signed: e.Signed, Seen: e.Seen(),
			Tested: e.Seen() && e.VerifiedAt >= e.SignedAt && e.VerifiedAt != 0,
			URL:    e.URL, SeenAt: document.Time(e.SeenAt.Time()), VerifiedAt: document.Time(e.VerifiedAt.Time()),
		})
	}
	return p
}

// part is that part of the page alone. It asks Lever nothing, because a page that
// waits asks for it every other second.
func (v *visit) part(ctx context.Context) (answer, error) {
	c, err := v.Table.Connection(ctx, v.link.Connection)
	if err != nil {
		return answer{}, err
	}
	st, err := v.status(ctx, c)
	if err != nil {
		return answer{}, err
	}
	return v.Pages.Show(http.StatusOK, "webhooks", v.webhooks(c, st))
}

// fields are the settings with what Lever offers now. Where it offers nothing, the
// note says so, and what is chosen stays as it is.
func (v *visit) fields(ctx context.Context, c store.Connection, values definition.Values, wrong []definition.Problem) (fields []page.Field, note string) {
	offered := map[definition.Source][]definition.Choice{}
	client, err := v.client(ctx, c)
	for _, s := range v.d.Settings {
		if s.From == "" || err != nil || offered[s.From] != nil {
			continue
		}
		offered[s.From], err = choice.Of(ctx, client, s.From)
	}
	if err != nil {
		note = "Lever does not show the stages, users and jobs of the account at the moment. Reload this page in a moment."
	}
	for _, s := range v.d.Settings {
		choices := s.Choices
		if s.From != "" && s.Kind == definition.Choose {
			choices = offered[s.From]
		}
		f := page.FieldOf(s, values[s.Name], choices)
		for _, w := range wrong {
			if w.Setting == s.Name {
				f.Wrong = sentence(v.d, w)
			}
		}
		fields = append(fields, f)
	}
	return fields, note
}
