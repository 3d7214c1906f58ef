package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"fulcrum/local/seed"
)

const (
	// rounds is how often hello and the webhook function are started in turn, so
	// that what slows this machine slows both.
	rounds = 15
	// warm is how many events a process gets whose use per event is measured.
	warm = 400
	// slowed is how many events are timed against an SQS that takes its time.
	slowed = 120
)

const intakeFunction, intakeFolder = "WebhookCandidateHired", "functions/webhooks/candidate-hired"

// intake measures the function that takes Lever's webhooks, as a process over a
// Runtime API, against hello.
type intake struct {
	*run
	webhook, hello string
	env            []string
	c              seed.Connection
	sent           int
}

func (r *run) newIntake(ctx context.Context) (*intake, error) {
	i := &intake{run: r, c: r.stack.Connections[0]}
	var err error
	trusting, err := r.front.overlay(r.root, r.dir)
	if err != nil {
		return nil, err
	}
	if i.webhook, err = compile(ctx, r.root, intakeFolder, r.arch, r.dir, trusting); err != nil {
		return nil, err
	}
	if i.hello, err = compile(ctx, r.root, "local/bench/testdata/hello", r.arch, r.dir); err != nil {
		return nil, err
	}
	i.env = r.environment(intakeFunction)
	return i, nil
}

// event is the next of Lever's deliveries, as the gateway hands it over; forged
// spoils its signature.
func (i *intake) event(forged bool) []byte {
	i.sent++
	w, at, token := i.c.Webhooks[0], time.Now().UnixMilli(), fmt.Sprintf("%048d", i.sent)
	signature := seed.Signature(w.SigningToken, token, at)
	if forged {
		signature = strings.Repeat("0", len(signature))
	}
	body := fmt.Sprintf(`{"triggeredAt":%d,"event":%q,"data":{"opportunityId":"none"},"signature":%q,"token":%q}`, at, w.Event, signature, token)
	hook := path.Base(w.URL)
	route := "POST /webhooks/" + w.Event.Slug() + "/{hook}"
	text, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": route, "rawPath": "/webhooks/" + w.Event.Slug() + "/" + hook, "rawQueryString": "",
		"headers": map[string]string{"content-type": "application/json"}, "pathParameters": map[string]string{"hook": hook},
		"requestContext": map[string]any{"routeKey": route, "stage": "$default", "http": map[string]string{"method": "POST"}},
		"body":           body, "isBase64Encoded": false,
	})
	if err != nil {
		panic(err) // strings and numbers
	}
	return text
}

// variant is a function that takes the intake's events.
type variant struct{ command, env []string }

// of is a binary in the intake's environment.
func (i *intake) of(binary string) variant { return variant{[]string{binary}, i.env} }

// spend starts a function, has it work on n events and ends it.
func (i *intake) spend(ctx context.Context, v variant, n int, forged bool) (used, error) {
	p, err := start(ctx, v.command, v.env)
	if err != nil {
		return used{}, err
	}
	for range n {
		if _, _, err := p.ask(i.event(forged)); err != nil {
			_, endErr := p.end()
			return used{}, fmt.Errorf("%w (%v)", err, endErr)
		}
	}
	return p.end()
}

// calls counts what the function asks of AWS in its first event and in later ones.
func (i *intake) calls(ctx context.Context) error {
	p, err := start(ctx, []string{i.webhook}, i.env)
	if err != nil {
		return err
	}
	defer p.end() //nolint:errcheck // it is killed
	_, _, m := i.front.since(mark{})
	figure := func(events int, forged bool) (calls, connections float64, err error) {
		for range events {
			answer, _, err := p.ask(i.event(forged))
			if err != nil {
				return 0, 0, err
			}
			if accepted := strings.Contains(string(answer), `"statusCode":200`); accepted == forged {
				return 0, 0, fmt.Errorf("an event (forged: %v) is answered %s", forged, answer)
			}
		}
		called, opened, next := i.front.since(m)
		m = next
		return float64(len(called)) / float64(events), float64(opened), nil
	}
	first, opened, err := figure(1, false)
	if err != nil {
		return err
	}
	later, openedLater, err := figure(50, false)
	if err != nil {
		return err
	}
	again, _, err := figure(50, true)
	i.add(
		count("AWS requests of the first event after init", first, 1),
		count("AWS requests of a warm event", later, 1),
		count("new connections in the first event", opened, 0),
		count("new connections in 50 warm events", openedLater, 0),
		Row{Metric: "AWS requests of 50 forged events at a true address", Value: 50 * again, Goal: new(1.0), Checked: true,
			Note: "one look whether the key is new, once a minute"},
	)
	return err
}

// against measures processor time in rounds: hello and the function in turn, each
// without an event, with one and with many.
func (i *intake) against(ctx context.Context) error {
	peak := map[string]int64{}
	for range rounds {
		for name, binary := range map[string]string{"hello": i.hello, "webhook": i.webhook} {
			if err := i.round(ctx, name, i.of(binary), peak); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	u, err := i.spend(ctx, i.of(i.webhook), warm, true)
	if err != nil {
		return err
	}
	i.raw("cpu ms, webhook, forged", millis(u.cpu))
	i.compare(peak["webhook"])
	return nil
}

// round measures a function without an event, with one and with many.
func (i *intake) round(ctx context.Context, name string, v variant, peak map[string]int64) error {
	for _, n := range []int{0, 1, warm} {
		u, err := i.spend(ctx, v, n, false)
		if err != nil {
			return err
		}
		i.raw(spent(name, n), millis(u.cpu))
		peak[name] = max(peak[name], u.peak)
	}
	return nil
}

// spent names the processor time of a function with so many events.
func spent(name string, events int) string { return fmt.Sprintf("cpu ms, %s, %d events", name, events) }

// ratios compares a function with hello, paired by round, and gives the milliseconds
// of an event.
func (i *intake) ratios(name string, rounds int) (perEvent, cold, event []float64) {
	raw := i.report.Raw
	for n := range rounds {
		mine := (raw[spent(name, warm)][n] - raw[spent(name, 1)][n]) / (warm - 1)
		its := (raw[spent("hello", warm)][n] - raw[spent("hello", 1)][n]) / (warm - 1)
		event = append(event, mine)
		perEvent = append(perEvent, mine/its)
		cold = append(cold, raw[spent(name, 1)][n]/raw[spent("hello", 1)][n])
	}
	return perEvent, cold, event
}

// compare shows the ratios.
func (i *intake) compare(peak int64) {
	perEvent, cold, good := i.ratios("webhook", rounds)
	i.report.Raw["cpu per event ÷ hello"], i.report.Raw["cold cpu ÷ hello"] = perEvent, cold
	forged := (i.report.Raw["cpu ms, webhook, forged"][0] - median(i.report.Raw[spent("webhook", 0)])) / warm
	i.add(
		ratio("processor time of a warm event ÷ hello's", median(perEvent), 3),
		Row{Metric: "processor time of init and first event ÷ hello's", Value: median(cold), Unit: "×", Goal: new(3.0),
			Note: "two secrets are read side by side, by a connection each: one after the other takes longer"},
		ratio("processor time of a forged event ÷ a good one's", forged/median(good), 1),
		shown("processor time of a warm event", median(good), "ms"),
		Row{Metric: "peak memory, webhook", Value: float64(peak) / 1e6, Unit: "MB", Goal: new(20.0), Note: "resident, the binary's pages included"},
	)
}

// waits times events against an SQS that takes its time.
func (i *intake) waits(ctx context.Context) error {
	p, err := start(ctx, []string{i.webhook}, i.env)
	if err != nil {
		return err
	}
	defer p.end() //nolint:errcheck // it is killed
	warm, beyond, err := i.timed(p)
	if err != nil {
		return err
	}
	empty, err := start(ctx, []string{i.hello}, i.env)
	if err != nil {
		return err
	}
	defer empty.end() //nolint:errcheck // it is killed
	_, its, err := i.timed(empty)
	if err != nil {
		return err
	}
	model := typical()["sqs"]
	i.report.Raw["warm ms, SQS modelled"], i.report.Raw["warm ms beyond SQS"], i.report.Raw["warm ms, hello"] = warm, beyond, its
	i.add(
		Row{Metric: "warm event beyond the modelled SQS, p50", Value: median(beyond), Unit: "ms", Goal: new(2.0),
			Note: fmt.Sprintf("hello, which calls nobody: %.2f; SQS modelled: p50 %v, p99 %v", median(its), model.p50, model.p99)},
		shown("warm event, p99", quantile(warm, 0.99), "ms"),
	)
	return nil
}

// timed is how long warm events take in milliseconds, in all and but for what SQS took
// of each: of what is taken by chance two medians differ more than what is measured.
func (i *intake) timed(p *process) (all, beyond []float64, err error) {
	i.front.takes(typical())
	defer i.front.takes(nil)
	for n := range slowed {
		i.front.waited()
		_, took, err := p.ask(i.event(false))
		if err != nil {
			return nil, nil, err
		}
		if n > 0 {
			all = append(all, millis(took))
			beyond = append(beyond, millis(took-i.front.waited()))
		}
	}
	return all, beyond, nil
}

// starts measures what happens before main.
func (i *intake) starts(ctx context.Context) error {
	for range rounds {
		for name, binary := range map[string]string{", hello": i.hello, "": i.webhook} {
			in, err := inits(ctx, binary, i.env)
			if err != nil {
				return err
			}
			i.raw("package init ms"+name, millis(in.took))
			i.raw("package init kB"+name, float64(in.bytes)/1000)
			i.raw("package init ms, AWS services"+name, millis(in.services))
		}
	}
	raw := i.report.Raw
	i.add(
		Row{Metric: "package init, webhook", Value: median(raw["package init ms"]), Unit: "ms", Goal: new(1.5),
			Note: fmt.Sprintf("%.1f of it are the SDK's tables of SQS and Secrets Manager; hello's %.1f; the least in %d starts %.1f",
				median(raw["package init ms, AWS services"]), median(raw["package init ms, hello"]), rounds, quantile(raw["package init ms"], 0))},
		Row{Metric: "package init allocates, webhook", Value: median(i.report.Raw["package init kB"]), Unit: "kB", Goal: new(700.0), Checked: true},
	)
	return nil
}

// environment is what a function finds when it starts, with the front as its AWS.
func (r *run) environment(function string) []string {
	all := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": function, "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
		"AWS_LAMBDA_FUNCTION_NAME": function, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "_HANDLER": "bootstrap",
		"LAMBDA_TASK_ROOT": filepath.Dir(r.dir), "TZ": ":UTC",
	}
	for _, f := range r.stack.Wiring.Functions {
		if f.ID == function {
			for name, value := range f.Environment {
				all[name] = value
			}
		}
	}
	// What does not have the front's root built in finds it as the system's only one.
	all["AWS_ENDPOINT_URL"], all["SSL_CERT_FILE"], all["SSL_CERT_DIR"] = r.front.URL, r.front.roots, "/nonexistent"
	var env []string
	for name, value := range all {
		env = append(env, name+"="+value)
	}
	return env
}
