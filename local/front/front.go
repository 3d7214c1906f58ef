// Package front is the first page of `make up`, before the gateway: what runs, and
// where to try it. What a partner's backend does in life, such as making a link for
// one of its staff, it does here at the press of a button, with the demo's API keys.
// Nothing of it is deployed.
package front

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/functions/partners"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/definition"
	"fulcrum/shared/frame"
)

// Options are what a Front shows. All are needed.
type Options struct {
	// Gateway, Lever, Partner and AWS are the addresses of the servers.
	Gateway, Lever, Partner, AWS string
	// Mounts are the lines that say which function is where.
	Mounts      []string
	Connections []seed.Connection
	Desk        *desk.Desk
	// Client reaches the gateway.
	Client *http.Client
	// Behind answers all that is not the first page's.
	Behind http.Handler
}

//go:embed pages/*.html
var files embed.FS

// Front is an http.Handler.
type Front struct {
	Options
	pages *frame.Pages
	mux   http.ServeMux
}

// New makes the first page. Its forms count only from itself.
func New(o Options) (http.Handler, error) {
	room, err := fs.Sub(files, "pages")
	if err != nil {
		return nil, err
	}
	f := &Front{Options: o}
	if f.pages, err = frame.New(room); err != nil {
		return nil, err
	}
	own := http.NewCrossOriginProtection()
	f.mux.Handle("GET /{$}", f.page(f.home))
	f.mux.Handle("POST /_local/setup/{partner}", own.Handler(f.page(f.setup)))
	f.mux.Handle("POST /_local/console/{partner}", own.Handler(f.page(f.console)))
	f.mux.Handle("POST /_local/review", own.Handler(f.page(f.review)))
	f.mux.Handle("/", o.Behind)
	return &f.mux, nil
}

type answer = events.APIGatewayV2HTTPResponse

// page makes a handler of what gives a page.
func (f *Front) page(show func(*http.Request) (answer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := show(r)
		if err != nil {
			slog.Error("first page", "error", err.Error())
			out = f.pages.Plain(http.StatusInternalServerError, "This did not work: "+err.Error())
		}
		for name, value := range out.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(out.StatusCode)
		if _, err := io.WriteString(w, out.Body); err != nil {
			slog.Debug("the browser has gone", "error", err.Error())
		}
	})
}

// home is what the first page shows.
type home struct {
	frame.Frame
	Options
	Partners []definition.Definition
}

func (f *Front) home(*http.Request) (answer, error) {
	all, err := partners.All()
	if err != nil {
		return answer{}, err
	}
	all = slices.DeleteFunc(all, func(d definition.Definition) bool { return !f.runs(d.Name) })
	h := home{frame.Frame{Title: "Fulcrum is up", Owner: "On this machine"}, f.Options, all}
	h.Mounts = slices.DeleteFunc(slices.Clone(f.Mounts), func(line string) bool { return strings.TrimSpace(line) == "" })
	return f.pages.Show(http.StatusOK, "home", h)
}

// runs reports whether a partner was chosen: it has a demo connection then.
func (f *Front) runs(partner string) bool {
	return slices.ContainsFunc(f.Connections, func(c seed.Connection) bool { return c.Partner == partner })
}

// setup makes a customer who wants to connect: an account in Lever's twin, and a
// connect link.
func (f *Front) setup(r *http.Request) (answer, error) {
	d, err := partners.Named(r.PathValue("partner"))
	if err != nil {
		return answer{}, err
	}
	reference := strings.ToLower(rand.Text()[:8])
	customer := "Customer " + reference
	account, key, err := seed.Trial(f.Desk, customer)
	if err != nil {
		return answer{}, err
	}
	url, err := f.link(r.Context(), d.Name, "/v1/connect-links", map[string]any{"customer": map[string]string{"name": customer, "reference": reference}})
	if err != nil {
		return answer{}, err
	}
	return f.pages.Show(http.StatusOK, "setup", struct {
		frame.Frame
		Partner                    definition.Definition
		Customer, Lever, Key, Link string
		ByKey                      bool
	}{frame.Frame{Title: "A set-up to try", Owner: d.Title}, d, customer, f.Lever + "/accounts/" + account, key, url, d.Connect.By == definition.APIKey})
}

// console signs an admin of the partner's in.
func (f *Front) console(r *http.Request) (answer, error) {
	url, err := f.link(r.Context(), r.PathValue("partner"), "/v1/console-links", map[string]string{"person": "You", "role": "admin"})
	if err != nil {
		return answer{}, err
	}
	return f.pages.Redirect(url), nil
}

// review signs an admin of Justworks' demo customer in, whom it names first.
func (f *Front) review(r *http.Request) (answer, error) {
	const admin = "adm_demo"
	c, err := f.demo("justworks")
	if err != nil {
		return answer{}, err
	}
	var known struct {
		Admins, Offices, Departments, Members []json.RawMessage
	}
	base := "/v1/justworks/connections/" + c.ID
	if err := f.call(r.Context(), c, http.MethodGet, base+"/roster", nil, &known); err != nil {
		return answer{}, err
	}
	if !slices.ContainsFunc(known.Admins, func(a json.RawMessage) bool { return bytes.Contains(a, []byte(admin)) }) {
		you := json.RawMessage(`{"id":"` + admin + `","name":"You","email":"you@example.com","manageEmployees":true}`)
		known.Admins = append(known.Admins, you)
		if len(known.Offices)+len(known.Departments) == 0 { // what the twin's postings name
			known.Offices = []json.RawMessage{json.RawMessage(`{"id":"off_demo_1","name":"Lisbon"}`), json.RawMessage(`{"id":"off_demo_2","name":"Chicago"}`)}
			known.Departments = []json.RawMessage{json.RawMessage(`{"id":"dep_demo_1","name":"Product"}`)}
		}
		body := map[string]any{"admins": known.Admins, "offices": known.Offices, "departments": known.Departments, "members": known.Members}
		if err := f.call(r.Context(), c, http.MethodPut, base+"/roster", body, nil); err != nil {
			return answer{}, err
		}
	}
	url, err := f.link(r.Context(), "justworks", base+"/review-links", map[string]string{"admin": admin})
	if err != nil {
		return answer{}, err
	}
	return f.pages.Redirect(url), nil
}

func (f *Front) demo(partner string) (seed.Connection, error) {
	for _, c := range f.Connections {
		if c.Partner == partner {
			return c, nil
		}
	}
	return seed.Connection{}, fmt.Errorf("there is no demo connection of %.40q", partner)
}

// link has the partner's backend make a link.
func (f *Front) link(ctx context.Context, partner, path string, body any) (string, error) {
	c, err := f.demo(partner)
	if err != nil {
		return "", err
	}
	var made struct{ URL string }
	return made.URL, f.call(ctx, c, http.MethodPost, path, body, &made)
}

// call makes a request as the partner's backend does.
func (f *Front) call(ctx context.Context, c seed.Connection, method, path string, body, into any) error {
	return c.Call(ctx, f.Client, method, f.Gateway+path, body, into)
}
