package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"fulcrum/local/transformed"
)

// validate holds the template, as it is written and as SAM transforms it, to what
// others have written for that, and says which of them is not installed.
func validate(ctx context.Context, root string, _ []string) error {
	v := validation{ctx: ctx, root: root, plain: filepath.Join(root, ".local", "transformed.json")}
	var all sync.WaitGroup
	all.Go(func() {
		v.say("cfn-lint of the template")(transformed.Lint(ctx, root, filepath.Join(root, "template.yaml")))
	})
	if v.transform() {
		all.Go(func() {
			v.say("cfn-lint of the transformed template")(transformed.Lint(ctx, root, v.plain, sams()...))
		})
		v.say("cdk-nag of the transformed template")(v.nag())
	}
	all.Wait()
	return v.err
}

// sams are checks of cfn-lint that SAM itself breaks: the condition of a function
// written twice around its routes, and a partition in the authorizer's address.
func sams() []string { return []string{"W1028", "I3042"} }

// nag installs cdk-nag before it validates.
func nag(ctx context.Context, root string, args []string) error {
	if err := transformed.Install(ctx, root); err != nil {
		return err
	}
	return validate(ctx, root, args)
}

// validation is several checks, which may run at once. It goes on when one fails.
type validation struct {
	ctx         context.Context
	root, plain string

	mu  sync.Mutex
	err error
}

// transform writes the transformed template, if that can be made here.
func (v *validation) transform() bool {
	text, err := transformed.Of(v.ctx, v.root)
	if err == nil {
		if err = os.MkdirAll(filepath.Dir(v.plain), 0o755); err == nil {
			err = os.WriteFile(v.plain, text, 0o600)
		}
	}
	if err != nil {
		v.say("SAM's transform")(nil, err)
	}
	return err == nil
}

func (v *validation) nag() ([]string, error) {
	found, err := transformed.Nag(v.ctx, v.root, v.plain)
	if err != nil {
		return nil, err
	}
	acknowledged, err := transformed.Acknowledged(v.root)
	return transformed.Open(found, acknowledged), err
}

// say prints what a check came to.
func (v *validation) say(check string) func(findings []string, err error) {
	return func(findings []string, err error) {
		v.mu.Lock()
		defer v.mu.Unlock()
		switch {
		case errors.Is(err, transformed.ErrMissing):
			fmt.Printf("skipped: %s: %v\n", check, err)
		case err != nil:
			v.err = errors.Join(v.err, fmt.Errorf("%s: %w", check, err))
		case len(findings) == 0:
			fmt.Printf("%s: no findings\n", check)
		default:
			for _, f := range findings {
				fmt.Printf("%s: %s\n", check, f)
			}
			v.err = errors.Join(v.err, fmt.Errorf("%s: %d findings", check, len(findings)))
		}
	}
}
