package ordeal_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"fulcrum/local/ordeal"
	"fulcrum/local/rig"
)

// browser is a person's. What is not answered the person sends again.
type browser struct {
	p       *ordeal.Play
	cookies map[string]string
	at      string
	status  int
	page    string
	to      string // where the answer leads
}

func newBrowser(p *ordeal.Play) *browser { return &browser{p: p, cookies: map[string]string{}} }

// open goes to an address and follows where it leads, but not to Lever.
func (b *browser) open(address string) *browser { return b.send(http.MethodGet, address, nil) }

func (b *browser) send(method, address string, form url.Values) *browser {
	for range 6 {
		for range 10 {
			b.p.Do(nil, b.do(method, address, form))
			if b.status < http.StatusInternalServerError {
				break
			}
			time.Sleep(5 * time.Second)
		}
		if b.to == "" || b.away() {
			return b
		}
		method, address, form = http.MethodGet, b.to, nil
	}
	return b
}

// away reports whether the answer leads elsewhere.
func (b *browser) away() bool {
	return strings.HasPrefix(b.to, rig.Lever) || strings.HasPrefix(b.at, rig.Lever)
}

func (b *browser) do(method, address string, form url.Values) error {
	base, err := url.Parse(rig.Public + strings.TrimPrefix(b.at, rig.Public))
	if err != nil {
		return err
	}
	to, err := base.Parse(address)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(context.Background(), method, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", rig.Public)
	}
	for name, value := range b.cookies {
		if strings.HasPrefix(to.String(), rig.Public) {
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	res, err := b.p.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	b.at, b.status, b.page, b.to = to.String(), res.StatusCode, html.UnescapeString(string(text)), res.Header.Get("Location")
	return err
}

var (
	csrf      = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	version   = regexp.MustCompile(`name="version" value="([^"]+)"`)
	leverLink = regexp.MustCompile(`<a href="([^"]+)" rel="noreferrer">Continue to Lever`)
)

// submit sends a form of the page.
func (b *browser) submit(address string, values url.Values) *browser {
	form := url.Values{}
	for name, field := range map[string]*regexp.Regexp{"csrf": csrf, "version": version} {
		if m := field.FindStringSubmatch(b.page); m != nil {
			form.Set(name, m[1])
		}
	}
	for name, all := range values {
		form[name] = all
	}
	return b.send(http.MethodPost, address, form)
}

// says reports whether the page is there and says something.
func (b *browser) says(text string) bool {
	return b.status == http.StatusOK && strings.Contains(b.page, text)
}

// step sends a form of the page of a connect link.
func (b *browser) step(form string, values url.Values) *browser {
	path, _, _ := strings.Cut(strings.TrimPrefix(b.at, rig.Public), "?")
	return b.submit(strings.Join(strings.Split(path, "/")[:3], "/")+"/"+form, values)
}

// consents goes to Lever, accepts there for an account, and comes back.
func (b *browser) consents(account string) *browser {
	b.step("consent", nil)
	m := leverLink.FindStringSubmatch(b.page)
	if m == nil {
		return b
	}
	b.send(http.MethodGet, m[1]+"&account="+account+"&decision=accept", nil)
	if back := b.to; strings.HasPrefix(back, rig.Public) {
		b.open(back)
	}
	return b
}
