// Package browser goes through the pages of `make up` with a real browser, headless
// Chromium: every partner's set-up, the review, the console. It fails on an error in
// the browser's console, on a page that does not fit a phone, and on what the
// accessibility checker axe-core finds; and it writes docs/screens. It runs by `make
// browser`, because it needs what not every machine has.
package browser

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"fulcrum/local/rig"
	"fulcrum/local/stack"
)

// patience is how long any step may take: the functions start on their first
// request, and the machine may be busy.
const patience = 40 * time.Second

// browser is one window, and the stack that it looks at.
type browser struct {
	*stack.Stack
	t   *testing.T
	ctx context.Context
	axe string

	mu sync.Mutex
	// wrong are the errors in the browser's console since they were last looked at.
	wrong []string
}

// open starts the stack and a browser, or skips the test.
func open(t *testing.T) *browser {
	t.Helper()
	if os.Getenv("BROWSER") == "" {
		t.Skip("skipped: the browser test runs by `make browser`")
	}
	path := chromium()
	if path == "" {
		t.Skip("skipped: no Chromium on this machine; install the package chromium, or name one in CHROMIUM")
	}
	s, err := stack.Up(t.Context(), stack.Options{Root: rig.Root(""), Getenv: os.Getenv, Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1100, 800),
		chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "en-GB"))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(all)
	t.Cleanup(end)
	if err := chromedp.Run(ctx); err != nil { // whose context the browser lives as long as
		t.Fatal(err)
	}
	b := &browser{Stack: s, t: t, ctx: ctx, axe: axe(t)}
	chromedp.ListenTarget(ctx, b.heard)
	return b
}

// chromium is the path of a browser, empty where there is none.
func chromium() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

// axeVersion is the checker's.
const axeVersion = "4.10.3"

// axe is the checker's program: AXE names it, or npm gets it once; empty where
// neither can.
func axe(t *testing.T) string {
	t.Helper()
	path := os.Getenv("AXE")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir()
		}
		path = filepath.Join(cache, "fulcrum", "axe-"+axeVersion, "package", "axe.min.js")
		if _, err := os.Stat(path); err != nil {
			if err := fetch(filepath.Dir(filepath.Dir(path))); err != nil {
				t.Logf("skipped: accessibility is not checked, because axe-core cannot be had: %v", err)
				return ""
			}
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Logf("skipped: accessibility is not checked: %v", err)
	}
	return string(text)
}

// fetch gets axe-core from the registry into a folder.
func fetch(into string) error {
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	out, err := exec.Command("npm", "pack", "--silent", "--pack-destination", into, "axe-core@"+axeVersion).CombinedOutput()
	if err != nil {
		return fmt.Errorf("npm pack: %w: %.200s", err, out)
	}
	out, err = exec.Command("tar", "-xzf", filepath.Join(into, "axe-core-"+axeVersion+".tgz"), "-C", into, "package/axe.min.js").CombinedOutput()
	if err != nil {
		return fmt.Errorf("unpack axe-core: %w: %.200s", err, out)
	}
	return nil
}

// heard notes what goes wrong in the browser.
func (b *browser) heard(event any) {
	what := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		what = e.ExceptionDetails.Error()
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			what = fmt.Sprintf("console.error %s", e.Args[0].Value)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			what = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
	if what != "" {
		b.mu.Lock()
		b.wrong = append(b.wrong, what)
		b.mu.Unlock()
	}
}

// calm fails on errors in the browser's console since the last time. A page whose
// status is expected to be an error's is one that the browser calls an error.
func (b *browser) calm(refused bool) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wrong {
		if !refused || !strings.Contains(w, "Failed to load resource") {
			b.t.Errorf("in the browser's console: %s", w)
		}
	}
	b.wrong = nil
}

// do runs steps, and fails the test when one does not come to its end.
func (b *browser) do(what string, steps ...chromedp.Action) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	if err := chromedp.Run(ctx, steps...); err != nil {
		var at, text string
		_ = chromedp.Run(b.ctx, chromedp.Location(&at), chromedp.Text("body", &text, chromedp.ByQuery)) // for the message only
		b.t.Fatalf("%s: %v\nat %s:\n%s", what, err, at, text)
	}
}

func (b *browser) goTo(address string) {
	b.t.Helper()
	b.do("go to "+address, chromedp.Navigate(address), chromedp.WaitReady("main", chromedp.ByQuery))
}

// press presses the button or follows the link with that text, or that name for
// those who do not see it, and waits for the next page.
func (b *browser) press(text string) {
	b.t.Helper()
	quoted := `"` + text + `"`
	path := `//*[self::button or self::a][normalize-space()=` + quoted + ` or @aria-label=` + quoted + `]`
	b.do("press "+text, chromedp.WaitVisible(path, chromedp.BySearch))
	response, err := chromedp.RunResponse(b.ctx, chromedp.Click(path, chromedp.BySearch, chromedp.NodeVisible))
	if err != nil {
		b.t.Fatalf("press %s: %v", text, err)
	}
	if response == nil {
		b.t.Fatalf("press %s: nothing came", text)
	}
}

// sees waits until the page says something.
func (b *browser) sees(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		for end := time.Now().Add(patience); !b.says(text); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				var page string
				b.do("read the page", chromedp.Text("body", &page, chromedp.ByQuery))
				b.t.Fatalf("%s does not say %q:\n%s", b.path(), text, page)
			}
		}
	}
}

// says reports whether the page says something now.
func (b *browser) says(text string) bool {
	b.t.Helper()
	var found bool
	b.do("look for "+text, chromedp.Evaluate(`!!document.body && document.body.innerText.includes(`+quote(text)+`)`, &found))
	return found
}

func quote(text string) string { return fmt.Sprintf("%q", text) }

// attribute is what an element has, the first that the selector finds.
func (b *browser) attribute(selector, name string) string {
	b.t.Helper()
	var value string
	b.do("read "+selector, chromedp.AttributeValue(selector, name, &value, nil, chromedp.ByQuery))
	return value
}

// path is the address that the browser is at, without the host.
func (b *browser) path() string {
	b.t.Helper()
	var at string
	b.do("read the address", chromedp.Location(&at))
	u, err := url.Parse(at)
	if err != nil {
		b.t.Fatal(err)
	}
	return u.Path
}

// screen checks the page and keeps a picture of it: no error in the console, nothing
// that does not fit a phone, no violation in light or dark.
func (b *browser) screen(name string) { b.t.Helper(); b.look(name, false) }

// refusal is a screen whose status is an error's.
func (b *browser) refusal(name string) { b.t.Helper(); b.look(name, true) }

func (b *browser) look(name string, refused bool) {
	b.t.Helper()
	b.calm(refused)
	var picture []byte
	b.do("picture "+name, chromedp.FullScreenshot(&picture, 100))
	path := rig.Root(filepath.Join("docs", "screens", name+".png"))
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		b.t.Error(err)
	}
	b.narrow(name)
	for _, scheme := range []string{"dark", "light"} {
		b.do("in "+scheme, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
		b.accessible(name + " in " + scheme)
	}
}

// narrow fails where the page is wider than a phone of 360 pixels.
func (b *browser) narrow(name string) {
	b.t.Helper()
	var width int
	b.do("narrow "+name, chromedp.EmulateViewport(360, 740), chromedp.Evaluate(`document.documentElement.scrollWidth`, &width), chromedp.EmulateViewport(1100, 800))
	if width > 360 {
		b.t.Errorf("%s is %d pixels wide on a phone of 360", name, width)
	}
}

// violation is what axe-core finds.
type violation struct {
	ID, Help string
	Nodes    []struct{ HTML string }
}

// awake fails where the checker finds nothing on a page that has something wrong.
func (b *browser) awake() {
	b.t.Helper()
	if b.axe == "" {
		return
	}
	b.do("spoil the page", chromedp.Evaluate(`document.documentElement.removeAttribute("lang"); 0`, nil))
	if len(b.violations("a page without a language")) == 0 {
		b.t.Error("axe-core finds nothing on a page without a language")
	}
	b.do("mend the page", chromedp.Evaluate(`document.documentElement.lang = "en"; 0`, nil))
}

func (b *browser) accessible(name string) {
	b.t.Helper()
	if b.axe == "" {
		return
	}
	for _, v := range b.violations(name) {
		b.t.Errorf("%s: %s (%s), such as %.300s", name, v.ID, v.Help, v.Nodes[0].HTML)
	}
}

// violations are what the checker finds on the page.
func (b *browser) violations(name string) []violation {
	b.t.Helper()
	var found []violation
	b.do("check "+name, chromedp.Evaluate(b.axe+";0", nil), chromedp.Evaluate(
		`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => ({html: n.html}))})))`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return found
}
