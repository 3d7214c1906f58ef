package frame_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/frame"
	"fulcrum/shared/lever"
)

func pages(t *testing.T, page string) *frame.Pages {
	t.Helper()
	p, err := frame.New(fstest.MapFS{"a.html": {Data: []byte(page)}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func show(t *testing.T, page string, data any) events.APIGatewayV2HTTPResponse {
	t.Helper()
	out, err := pages(t, page).Show(200, "a", data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAPageIsKeptFromBeingMisused(t *testing.T) {
	out := show(t, `{{define "a"}}{{template "head" .}}{{template "foot" .}}{{end}}`, frame.Frame{Title: "T", Person: "Ada", Support: "a@b.test"})
	for header, want := range map[string]string{
		"content-security-policy": "default-src 'none'", "cache-control": "no-store", "x-content-type-options": "nosniff",
		"x-frame-options": "DENY", "referrer-policy": "same-origin", "strict-transport-security": "max-age",
	} {
		if got := out.Headers[header]; !strings.Contains(got, want) {
			t.Errorf("%s is %q", header, got)
		}
	}
	if strings.Contains(out.Headers["content-security-policy"], "unsafe") {
		t.Error("the policy allows what is inline")
	}
	for _, never := range []string{"<style", " style=", " onclick", "<script>"} {
		if strings.Contains(out.Body, never) {
			t.Errorf("the page has %s", never)
		}
	}
}

// What a page names is there, is kept for good, and is light.
func TestAPagesFilesAreThere(t *testing.T) {
	out := show(t, `{{define "a"}}{{template "head" .}}{{template "foot" .}}{{end}}`, frame.Frame{})
	assets, err := frame.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	named, size := regexp.MustCompile(`/assets/([^"]+)`).FindAllStringSubmatch(out.Body, -1), 0
	if len(named) != 3 {
		t.Errorf("%d files are named", len(named))
	}
	for _, m := range named {
		got := get(t, assets, m[1])
		if got.StatusCode != 200 || !strings.Contains(got.Headers["cache-control"], "immutable") || strings.HasPrefix(got.Headers["content-type"], "text/plain") {
			t.Errorf("%s: %d %v", m[1], got.StatusCode, got.Headers)
		}
		size += len(got.Body)
	}
	if size > 20_000 {
		t.Errorf("the files have %d bytes", size)
	}
}

func get(t *testing.T, a *frame.Assets, file string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	out, err := a.Handle(t.Context(), events.APIGatewayV2HTTPRequest{PathParameters: map[string]string{"file": file}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAFileOfAnotherVersionIsNotKept(t *testing.T) {
	assets, err := frame.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	if out := get(t, assets, "000000000000.page.css"); out.StatusCode != 200 || out.Headers["cache-control"] != "no-store" {
		t.Errorf("%d %v", out.StatusCode, out.Headers)
	}
	for _, file := range []string{"", "page.css", "a.layout.html", "a.../layout.html", "a.page.txt"} {
		if out := get(t, assets, file); out.StatusCode != 404 {
			t.Errorf("%q: %d", file, out.StatusCode)
		}
	}
}

func TestATimeIsInUTCUntilTheScriptShowsItLocally(t *testing.T) {
	at := time.Date(2026, 11, 21, 13, 30, 5, 0, time.FixedZone("", 3600))
	want := `<time datetime="2026-11-21T12:30:05.000Z" title="2026-11-21 12:30:05 UTC">2026-11-21 12:30:05 UTC</time>`
	for _, v := range []any{at, lever.At(at), at.Format(time.RFC3339)} {
		if got := show(t, `{{define "a"}}{{template "when" when .}}{{end}}`, v).Body; got != want {
			t.Errorf("%T: %s", v, got)
		}
	}
	for _, v := range []any{lever.Time(0), "", "soon", nil, time.Time{}} {
		if got := show(t, `{{define "a"}}{{template "when" when .}}{{end}}`, v).Body; got != "" {
			t.Errorf("%v: %s", v, got)
		}
	}
}

func TestAStateHasASignAndAWord(t *testing.T) {
	for state, want := range map[string]frame.Mark{
		"Connected": {"✓", "Connected", "good"}, "Paused": {"‖", "Paused", "warn"}, "parked": {"▲", "parked", "bad"},
		"in_review": {"◔", "in review", ""}, "ignored": {"–", "ignored", ""}, "Degraded": {"◆", "Degraded", "warn"}, "invited": {"✓", "invited", "good"},
	} {
		if got := frame.MarkOf(state); got != want {
			t.Errorf("%s: %+v", state, got)
		}
	}
}

func TestWhatCannotBeShownIsAnError(t *testing.T) {
	if _, err := frame.New(fstest.MapFS{"a.html": {Data: []byte("{{")}}); err == nil {
		t.Error("a template that is none is taken")
	}
	if _, err := pages(t, `{{define "a"}}{{asset "none.css"}}{{end}}`).Show(200, "a", nil); err == nil {
		t.Error("a file that is not there is named")
	}
	p := pages(t, `{{define "a"}}{{initial .}}{{end}}`)
	if out := p.Redirect("/console"); out.StatusCode != 303 || out.Headers["location"] != "/console" {
		t.Errorf("%+v", out)
	}
	if out := p.Plain(500, "<b>"); out.StatusCode != 500 || !strings.HasPrefix(out.Headers["content-type"], "text/plain") {
		t.Errorf("%+v", out)
	}
	for name, want := range map[string]string{"joinedly": "J", "": "", "\xff": ""} {
		if out, err := p.Show(200, "a", name); err != nil || out.Body != want {
			t.Errorf("%q: %q %v", name, out.Body, err)
		}
	}
}
