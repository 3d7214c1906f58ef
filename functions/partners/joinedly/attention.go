package joinedly

import (
	"context"
	"slices"

	"fulcrum/shared/fault"
	"fulcrum/shared/store"
)

// reason is why a joiner needs somebody.
type reason = fault.Reason

// The reasons. A joiner is without an email, or its posting; its office or team has
// no equal in the directory, or more than one, or there is no directory.
const (
	emailMissing     reason = "email_missing"
	noJob            reason = "no_job"
	directoryMissing reason = "directory_missing"
	officeUnmatched  reason = "office_unmatched"
	officeAmbiguous  reason = "office_ambiguous"
	teamUnmatched    reason = "team_unmatched"
	teamAmbiguous    reason = "team_ambiguous"
)

// Problem is something about a joiner that only a person can mend.
type Problem struct {
	Reason reason `json:"reason"`
	// Name is the location or team as Lever spells it, Suggestion the one of
	// Joinedly's that is nearly equal. Either may be empty.
	Name       string `json:"name,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`
	// Holds says that Joinedly is not told of the joiner before it is mended.
	Holds bool `json:"holds,omitempty"`
}

// statusOf is how a joiner with these problems is.
func statusOf(problems []Problem) Status {
	switch {
	case len(problems) == 0:
		return Started
	case firstHolding(problems) != "":
		return Held
	}
	return NeedsAttention
}

func firstHolding(problems []Problem) reason {
	for _, p := range problems {
		if p.Holds {
			return p.Reason
		}
	}
	return ""
}

// step is the one step that mends the problem. Whoever did it has it looked at
// again by the item's retry.
func (p Problem) step() string {
	switch p.Reason {
	case emailMissing:
		return "Add an e-mail address to the candidate in Lever, then retry."
	case noJob:
		return "Choose the job of the candidate in Lever, then retry."
	case directoryMissing:
		return "Joinedly has not given its offices and teams yet. Save them in Joinedly: joiners who wait are completed then."
	case officeUnmatched:
		return "Match the location with an office on the set-up page; or name both exactly alike in Lever and in Joinedly, then retry."
	case teamUnmatched:
		return "Match the team on the set-up page; or name it exactly alike in Lever and in Joinedly, then retry."
	case officeAmbiguous:
		return "Give the offices of this name in Joinedly different names, then retry."
	}
	return "Give the teams of this name in Joinedly different names, then retry."
}

// about is what the item is about: the joiner, or the connection where the problem
// is that of all joiners.
func (p Problem) about(opportunityID string) string {
	if p.Reason == directoryMissing {
		return aboutDirectory
	}
	return joinerKind + "#" + opportunityID
}

const aboutDirectory = "connection"

func (p Problem) details() map[string]string {
	all := map[string]string{}
	for name, value := range map[string]string{"lever": p.Name, "suggestion": p.Suggestion} {
		if value != "" {
			all[name] = value
		}
	}
	return all
}

// attend has an attention item for each problem there is, and for none that was
// mended.
func (s *sync) attend(ctx context.Context, problems []Problem) error {
	for _, p := range problems {
		s.Raise(store.Attention{Reason: p.Reason, About: p.about(s.object.ID), Step: p.step(), Details: p.details()})
	}
	for _, old := range s.was.Problems {
		still := slices.ContainsFunc(problems, func(p Problem) bool { return p.Reason == old.Reason })
		if still || old.Reason == directoryMissing && s.directory.Empty() {
			continue
		}
		if err := s.Clear(ctx, old.Reason, old.about(s.object.ID)); err != nil {
			return err
		}
	}
	return nil
}
