package secretsmanager

import "time"

type removeInput struct {
	target
	RecoveryWindowInDays       *int
	ForceDeleteWithoutRecovery bool
}

type removeOutput struct {
	ARN, Name    string
	DeletionDate epoch
}

// remove marks a secret for deletion, or deletes it at once. By force, a secret
// that is not there is deleted too.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
func (t *tx) remove(in removeInput) (any, error) {
	days := 30
	if in.RecoveryWindowInDays != nil {
		days = *in.RecoveryWindowInDays
		switch {
		case in.ForceDeleteWithoutRecovery:
			return nil, invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
		case days < 7 || days > 30:
			return nil, invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
		}
	}
	s := t.find(in.SecretID)
	if s != nil {
		t.call.Resource = s.ARN
	}
	switch {
	case s == nil && in.ForceDeleteWithoutRecovery:
		return removeOutput{ARN: t.plainARN(in.SecretID), Name: in.SecretID, DeletionDate: epoch(t.now)}, nil
	case s == nil:
		return nil, notFound("Secrets Manager can't find the specified secret.")
	case in.ForceDeleteWithoutRecovery:
		t.drop(s)
		return removeOutput{ARN: s.ARN, Name: s.Name, DeletionDate: epoch(t.now)}, nil
	}
	if err := s.alive(); err != nil {
		return nil, err
	}
	s.Deleted = t.now.Add(time.Duration(days) * 24 * time.Hour)
	t.saveSecret(s)
	return removeOutput{ARN: s.ARN, Name: s.Name, DeletionDate: epoch(s.Deleted)}, nil
}

func (t *tx) restore(s *secret, _ target) (any, error) {
	s.Deleted = time.Time{}
	t.saveSecret(s)
	return reference{ARN: s.ARN, Name: s.Name}, nil
}
