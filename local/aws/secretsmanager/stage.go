package secretsmanager

import "fulcrum/local/aws/wire"

type stageInput struct {
	target
	VersionStage        string
	RemoveFromVersionID string `json:"RemoveFromVersionId"`
	MoveToVersionID     string `json:"MoveToVersionId"`
}

// moveStage moves a label, or takes it away. Who moves a label that is attached
// must say which version has it: that is how two who rotate notice each other.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
func (t *tx) moveStage(s *secret, in stageInput) (any, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if err := s.checkIDs(in); err != nil {
		return nil, err
	}
	if err := s.checkMove(in); err != nil {
		return nil, err
	}
	if in.MoveToVersionID == "" {
		delete(s.Labels, in.VersionStage)
	} else {
		s.attach(in.VersionStage, in.MoveToVersionID)
	}
	s.Changed = t.now
	t.saveSecret(s)
	return reference{ARN: s.ARN, Name: s.Name}, nil
}

func (s *secret) checkIDs(in stageInput) error {
	if in.RemoveFromVersionID == "" && in.MoveToVersionID == "" {
		return invalidParameter("You must specify RemoveFromVersionId, MoveToVersionId, or both.")
	}
	for _, id := range []string{in.RemoveFromVersionID, in.MoveToVersionID} {
		if id != "" && s.versions[id] == nil {
			return notFound("Secrets Manager can't find the specified secret value for VersionId: %s", id)
		}
	}
	return checkLabels([]string{in.VersionStage})
}

func (s *secret) checkMove(in stageInput) error {
	has, from, to := s.Labels[in.VersionStage], in.RemoveFromVersionID, in.MoveToVersionID
	switch {
	case from != "" && from != has:
		return invalidParameter("Staging label %s isn't attached to version %s.", in.VersionStage, from)
	case to == "" && in.VersionStage == current:
		return invalidParameter("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")
	case from == "" && has != "" && has != to:
		return invalidParameter("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", in.VersionStage, has)
	}
	return s.hasRoom(to, in.VersionStage)
}

// hasRoom refuses one label too many.
func (s *secret) hasRoom(id, label string) error {
	if id != "" && s.Labels[label] != id && len(s.labels(id)) >= maxLabels {
		return wire.Errorf("LimitExceededException", "A version can have %d staging labels.", maxLabels)
	}
	return nil
}
