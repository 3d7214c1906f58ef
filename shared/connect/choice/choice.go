// Package choice offers and checks the settings whose values are a customer's own:
// the stages, archive reasons, users and postings of their Lever account, as they
// are at the moment of choosing.
package choice

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
)

// Of are the choices that a list of the account offers now.
func Of(ctx context.Context, client *lever.Client, from definition.Source) ([]definition.Choice, error) {
	switch from {
	case definition.Stages:
		return each(client.Stages(ctx), func(s lever.Stage) (definition.Choice, bool) {
			return definition.Choice{Value: s.ID, Label: s.Text}, true
		})
	case definition.ArchiveReasons:
		return each(client.ArchiveReasons(ctx, ""), func(r lever.ArchiveReason) (definition.Choice, bool) {
			return definition.Choice{Value: r.ID, Label: r.Text}, r.Status == lever.Active && r.Type != lever.Hired
		})
	case definition.Users:
		return each(client.Users(ctx, lever.UserFilter{}), func(u lever.User) (definition.Choice, bool) {
			return definition.Choice{Value: u.Email, Label: u.Name + " <" + u.Email + ">"}, u.DeactivatedAt == 0
		})
	case definition.Postings:
		return each(client.Postings(ctx, lever.PostingFilter{}), func(p lever.Posting) (definition.Choice, bool) {
			return definition.Choice{Value: p.ID, Label: p.Text}, slices.Contains([]string{"published", "internal", "draft"}, p.State)
		})
	}
	return nil, fmt.Errorf("there is no list %q in lever", from)
}

// each makes choices of a list, of those that may be chosen.
func each[T any](list iter.Seq2[T, error], choice func(T) (definition.Choice, bool)) ([]definition.Choice, error) {
	var all []definition.Choice
	for v, err := range list {
		if err != nil {
			return nil, err
		}
		if c, ok := choice(v); ok {
			all = append(all, c)
		}
	}
	return all, nil
}

// Live are the settings whose values have to be looked up before a document may be
// applied: those that have another value than before, and those that only now have
// to have one.
func Live(d definition.Definition, before, after definition.Values) []definition.Setting {
	var all []definition.Setting
	for _, s := range d.Settings {
		changed := string(before[s.Name]) != string(after[s.Name])
		if s.From != "" && text(after[s.Name]) != "" && (changed || s.Required(after) && !s.Required(before)) {
			all = append(all, s)
		}
	}
	return all
}

// Check says of settings whose values are not, or no longer, in the account.
func Check(ctx context.Context, client *lever.Client, settings []definition.Setting, values definition.Values) ([]definition.Problem, error) {
	var wrong []definition.Problem
	for _, s := range settings {
		ok, err := offered(ctx, client, s.From, text(values[s.Name]))
		if err != nil {
			return nil, fmt.Errorf("look up %s: %w", s.Name, err)
		}
		if !ok {
			wrong = append(wrong, definition.Problem{Setting: s.Name, Detail: none(s.From)})
		}
	}
	return wrong, nil
}

func offered(ctx context.Context, client *lever.Client, from definition.Source, value string) (bool, error) {
	if from == definition.Users {
		return active(ctx, client, value)
	}
	all, err := Of(ctx, client, from)
	return slices.ContainsFunc(all, func(c definition.Choice) bool { return c.Value == value }), err
}

// active reports whether an e-mail address is that of an active user. Lever
// compares addresses as it likes, so its answer is compared again.
func active(ctx context.Context, client *lever.Client, email string) (bool, error) {
	for u, err := range client.Users(ctx, lever.UserFilter{Email: email}) {
		if err != nil {
			return false, err
		}
		if strings.EqualFold(u.Email, email) && u.DeactivatedAt == 0 {
			return true, nil
		}
	}
	return false, nil
}

func none(from definition.Source) string {
	return map[definition.Source]string{
		definition.Stages:         "is none of the stages in Lever; choose one that is there",
		definition.ArchiveReasons: "is none of the active archive reasons in Lever; choose one that is there",
		definition.Users:          "is not the e-mail address of an active Lever user",
		definition.Postings:       "is none of the jobs in Lever; choose one that is there",
	}[from]
}

// text is a value that is a text, empty for any other.
func text(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}
