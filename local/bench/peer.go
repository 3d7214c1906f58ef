package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// peers are what the same work in another language needs.
func peers() map[string]peer {
	return map[string]peer{
		"node": {
			command: []string{"node", "index.cjs"}, roots: "NODE_EXTRA_CA_CERTS",
			check: []string{"node", "-e", `require("@aws-sdk/client-sqs"); require("@aws-sdk/client-secrets-manager")`},
			lacks: "Node with @aws-sdk/client-sqs and @aws-sdk/client-secrets-manager (npm install -g, or NODE_PATH)",
		},
		"python": {
			command: []string{"python3", "index.py"}, roots: "AWS_CA_BUNDLE",
			check: []string{"python3", "-c", "import boto3"},
			lacks: "Python with boto3",
		},
	}
}

// peer is the webhook function in another language.
type peer struct {
	command []string
	roots   string // the variable with the file of certificates
	check   []string
	lacks   string
}

// ErrMissing says that the other language is not installed here.
var ErrMissing = errors.New("not installed")

// peerRounds is how often all three are started in turn.
const peerRounds = 5

// Beside measures the webhook function, the same work in another language, and hello
// in one run. It fails with ErrMissing where the language is not installed.
func Beside(ctx context.Context, root, language string) (*Report, error) {
	p, ok := peers()[language]
	if !ok {
		return nil, fmt.Errorf("there is no function in %q", language)
	}
	environment := inherited()
	check := exec.CommandContext(ctx, p.check[0], p.check[1:]...)
	check.Env = environment
	if check.Run() != nil {
		return nil, fmt.Errorf("%s: %w", p.lacks, ErrMissing)
	}
	return within(ctx, root, func(ctx context.Context, r *run) error {
		in, err := r.newIntake(ctx)
		if err != nil {
			return err
		}
		other := variant{command: slices.Clone(p.command), env: append(slices.Concat(environment, in.env), p.roots+"="+r.front.roots)}
		other.command[1] = filepath.Join(root, "local", "bench", "peer", other.command[1])
		return in.beside(ctx, language, other)
	})
}

// inherited is what an interpreter finds its modules by.
func inherited() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "NODE_PATH", "PYTHONPATH"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// beside measures in rounds, as against does.
func (i *intake) beside(ctx context.Context, language string, other variant) error {
	all := map[string]variant{"hello": i.of(i.hello), "go": i.of(i.webhook), language: other}
	peak := map[string]int64{}
	for range peerRounds {
		for name, v := range all {
			if err := i.round(ctx, name, v, peak); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for _, name := range []string{"go", language} {
		perEvent, cold, _ := i.ratios(name, peerRounds)
		i.add(
			Row{Metric: name + ": processor time of a warm event ÷ hello's", Value: median(perEvent), Unit: "×"},
			Row{Metric: name + ": processor time of init and first event ÷ hello's", Value: median(cold), Unit: "×"},
			Row{Metric: name + ": peak memory", Value: float64(peak[name]) / 1e6, Unit: "MB"},
		)
		if err := i.firsts(ctx, name, all[name]); err != nil {
			return err
		}
	}
	return nil
}

// firsts shows what a variant asks of AWS in its first event and in later ones, and
// how long a warm one takes beyond SQS.
func (i *intake) firsts(ctx context.Context, name string, v variant) error {
	p, err := start(ctx, v.command, v.env)
	if err != nil {
		return err
	}
	defer p.end() //nolint:errcheck // it is killed
	_, _, m := i.front.since(mark{})
	if _, _, err := p.ask(i.event(false)); err != nil {
		return err
	}
	called, opened, _ := i.front.since(m)
	_, beyond, err := i.timed(p)
	if err != nil {
		return err
	}
	i.add(
		Row{Metric: name + ": AWS requests of the first event after init", Value: float64(len(called))},
		Row{Metric: name + ": new connections in the first event", Value: float64(opened)},
		Row{Metric: name + ": warm event beyond the modelled SQS, p50", Value: median(beyond), Unit: "ms"},
	)
	return nil
}
