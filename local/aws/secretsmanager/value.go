package secretsmanager

import (
	"slices"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

// content is the part of an input that brings a value.
type content struct {
	ClientRequestToken string
	SecretString       *string
	SecretBinary       []byte
}

func (c content) empty() bool { return c.SecretString == nil && len(c.SecretBinary) == 0 }

// version is the version that the content makes. It is nil where there is no
// value.
func (c content) version(now time.Time) (*version, error) {
	switch n := len(c.ClientRequestToken); {
	case n == 0:
		return nil, invalidRequest("You must provide a ClientRequestToken value. We recommend a UUID-type value.")
	case n < 32 || n > 64:
		return nil, invalidParameter("ClientRequestToken must be 32-64 characters long.")
	case c.empty():
		return nil, nil
	case c.SecretString != nil && len(c.SecretBinary) > 0:
		return nil, invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
	case c.SecretString != nil && (*c.SecretString == "" || len(*c.SecretString) > maxValue):
		return nil, invalidMember("Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to %d and greater than or equal to 1", maxValue)
	case len(c.SecretBinary) > maxValue:
		return nil, invalidMember("Value at 'secretBinary' failed to satisfy constraint: Member must have length less than or equal to %d", maxValue)
	}
	return &version{ID: c.ClientRequestToken, String: c.SecretString, Binary: c.SecretBinary, Created: now}, nil
}

// reference is how most answers name the secret.
type reference struct {
	ARN, Name     string
	VersionID     string   `json:"VersionId,omitempty"`
	VersionStages []string `json:",omitempty"`
}

type createInput struct {
	content
	Name        string
	Description string
	KmsKeyID    string `json:"KmsKeyId"`
	Tags        []tag
}

func (t *tx) create(in createInput) (any, error) {
	if in.Name == "" || len(in.Name) > 512 || strings.Trim(in.Name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/_+=.@!") != "" {
		return nil, invalidMember("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	v, err := in.version(t.now)
	if err != nil {
		return nil, err
	}
	if s := t.secrets[in.Name]; s != nil {
		t.call.Resource = s.ARN
		return s.createdBefore(v)
	}
	s := &secret{
		Name: in.Name, ARN: t.newARN(in.Name), Description: in.Description, KmsKeyID: in.KmsKeyID, Tags: in.Tags,
		Created: t.now, Changed: t.now, Labels: map[string]string{}, versions: map[string]*version{},
	}
	t.call.Resource = s.ARN
	t.secrets[s.Name] = s
	t.saveSecret(s)
	if v == nil {
		return reference{ARN: s.ARN, Name: s.Name}, nil
	}
	return reference{ARN: s.ARN, Name: s.Name, VersionID: v.ID}, t.accept(s, v, nil)
}

// createdBefore answers a CreateSecret for a secret that is there: fine if it is
// the same request once more.
func (s *secret) createdBefore(v *version) (any, error) {
	if !s.Deleted.IsZero() {
		return nil, invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
	}
	if v != nil && s.versions[v.ID] != nil && s.versions[v.ID].equals(v) {
		return reference{ARN: s.ARN, Name: s.Name, VersionID: v.ID}, nil
	}
	return nil, wire.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", s.Name)
}

type putInput struct {
	target
	content
	VersionStages []string
}

func (t *tx) putValue(s *secret, in putInput) (any, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	v, err := in.version(t.now)
	if err == nil {
		err = checkLabels(in.VersionStages)
	}
	switch {
	case err != nil:
		return nil, err
	case v == nil:
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	case in.VersionStages == nil:
		in.VersionStages = []string{current}
	}
	if err := t.accept(s, v, in.VersionStages); err != nil {
		return nil, err
	}
	return reference{ARN: s.ARN, Name: s.Name, VersionID: v.ID, VersionStages: s.labels(v.ID)}, nil
}

func checkLabels(labels []string) error {
	if labels != nil && len(labels) == 0 || len(labels) > maxLabels {
		return invalidMember("Value at 'versionStages' failed to satisfy constraint: Member must have length less than or equal to %d and greater than or equal to 1", maxLabels)
	}
	if slices.ContainsFunc(labels, func(l string) bool { return l == "" || len(l) > 256 }) {
		return invalidMember("Value at 'versionStages' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 256 and greater than or equal to 1]")
	}
	return nil
}

type updateInput struct {
	target
	content
	Description *string
	KmsKeyID    *string `json:"KmsKeyId"`
}

func (t *tx) update(s *secret, in updateInput) (any, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	v, err := in.version(t.now)
	if err != nil {
		return nil, err
	}
	out := reference{ARN: s.ARN, Name: s.Name}
	if v != nil {
		if err := t.accept(s, v, []string{current}); err != nil {
			return nil, err
		}
		out.VersionID = v.ID
	}
	if in.Description != nil {
		s.Description, s.Changed = *in.Description, t.now
	}
	if in.KmsKeyID != nil {
		s.KmsKeyID, s.Changed = *in.KmsKeyID, t.now
	}
	t.saveSecret(s)
	return out, nil
}

// valueOutput is a version with its value.
type valueOutput struct {
	reference
	SecretString *string `json:",omitempty"`
	SecretBinary []byte  `json:",omitempty"`
	CreatedDate  epoch
}

type valueInput struct {
	target
	VersionID    string `json:"VersionId"`
	VersionStage string
}

func (t *tx) value(s *secret, in valueInput) (any, error) {
	return t.read(s, in.VersionID, in.VersionStage)
}

// read is the value of the version that has the id, the label, or both; without
// either, of the current one.
func (t *tx) read(s *secret, id, label string) (any, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if label == "" && id == "" {
		label = current
	}
	if label != "" {
		of := s.Labels[label]
		switch {
		case of == "":
			return nil, notFound("Secrets Manager can't find the specified secret value for staging label: %s", label)
		case id != "" && id != of:
			return nil, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
		}
		id = of
	}
	v := s.versions[id]
	if v == nil {
		return nil, notFound("Secrets Manager can't find the specified secret value for VersionId: %s", id)
	}
	if day := t.now.UTC().Truncate(24 * time.Hour); !s.Accessed.Equal(day) {
		s.Accessed = day
		t.saveSecret(s)
	}
	return valueOutput{
		reference:    reference{ARN: s.ARN, Name: s.Name, VersionID: v.ID, VersionStages: s.labels(v.ID)},
		SecretString: v.String, SecretBinary: v.Binary, CreatedDate: epoch(v.Created),
	}, nil
}
