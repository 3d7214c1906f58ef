package secretsmanager

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fulcrum/local/aws/wire"
)

// description is what a secret says of itself, without its value.
type description struct {
	ARN, Name        string
	Description      string `json:",omitempty"`
	KmsKeyID         string `json:"KmsKeyId,omitempty"`
	Tags             []tag  `json:",omitempty"`
	CreatedDate      epoch
	LastChangedDate  epoch
	LastAccessedDate epoch `json:",omitzero"`
	DeletedDate      epoch `json:",omitzero"`
	// The two actions name the same thing differently.
	Described map[string][]string `json:"VersionIdsToStages,omitempty"`
	Listed    map[string][]string `json:"SecretVersionsToStages,omitempty"`
}

func (s *secret) description() description {
	return description{
		ARN: s.ARN, Name: s.Name, Description: s.Description, KmsKeyID: s.KmsKeyID, Tags: s.Tags,
		CreatedDate: epoch(s.Created), LastChangedDate: epoch(s.Changed), LastAccessedDate: epoch(s.Accessed), DeletedDate: epoch(s.Deleted),
	}
}

// describe answers for a secret that is marked for deletion, too.
func (t *tx) describe(s *secret, _ target) (any, error) {
	d := s.description()
	d.Described = s.staged()
	return d, nil
}

// filter chooses secrets. Only the key "name" is supported: its values are
// prefixes, of which one must fit; one that begins with "!" must not.
type filter struct {
	Key    string
	Values []string
}

func (f filter) fits(s *secret) bool {
	return slices.ContainsFunc(f.Values, func(prefix string) bool {
		not, isNot := strings.CutPrefix(prefix, "!")
		return isNot != strings.HasPrefix(s.Name, not)
	})
}

func checkFilters(filters []filter) error {
	for _, f := range filters {
		if f.Key != "name" {
			return wire.NotSupported("the filter " + f.Key)
		}
		if len(f.Values) == 0 || len(f.Values) > 10 {
			return invalidParameter("A filter has 1 to 10 values.")
		}
	}
	return nil
}

// page is a part of the secrets that fit all filters, and the token for the
// part that follows.
func (t *tx) page(filters []filter, deleted bool, most int, token string) (part []*secret, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", wire.Errorf("InvalidNextTokenException", "The NextToken value is invalid.")
	}
	for _, s := range t.sorted() {
		if s.place() <= string(after) || !s.Deleted.IsZero() && !deleted ||
			slices.ContainsFunc(filters, func(f filter) bool { return !f.fits(s) }) {
			continue
		}
		if len(part) == most {
			return part, base64.RawURLEncoding.EncodeToString([]byte(part[most-1].place())), nil
		}
		part = append(part, s)
	}
	return part, "", nil
}

// place is where the secret comes in lists, as a string that sorts alike.
func (s *secret) place() string { return fmt.Sprintf("%020d %s", s.Created.UnixNano(), s.Name) }

type listInput struct {
	Filters                []filter
	IncludePlannedDeletion bool
	MaxResults             *int
	NextToken              string
}

type listOutput struct {
	SecretList []description
	NextToken  string `json:",omitempty"`
}

func (t *tx) list(in listInput) (any, error) {
	if err := checkFilters(in.Filters); err != nil {
		return nil, err
	}
	most, err := atMost(in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	part, next, err := t.page(in.Filters, in.IncludePlannedDeletion, most, in.NextToken)
	out := listOutput{SecretList: []description{}, NextToken: next}
	for _, s := range part {
		d := s.description()
		d.Listed = s.staged()
		out.SecretList = append(out.SecretList, d)
	}
	return out, err
}

func atMost(asked *int, limit int) (int, error) {
	if asked == nil {
		return limit, nil
	}
	if *asked < 1 || *asked > limit {
		return 0, invalidParameter("MaxResults must be between 1 and %d.", limit)
	}
	return *asked, nil
}

type batchInput struct {
	SecretIDList []string `json:"SecretIdList"`
	Filters      []filter
	MaxResults   *int
	NextToken    string
}

type batchOutput struct {
	SecretValues []any
	Errors       []batchError
	NextToken    string `json:",omitempty"`
}

type batchError struct {
	SecretID  string `json:"SecretId"`
	ErrorCode string
	Message   string
}

// batchValue reads the current values of secrets that are named or that fit
// filters. What fails for one secret is no matter of another.
func (t *tx) batchValue(in batchInput) (any, error) {
	ids, next, err := t.batch(in)
	if err != nil {
		return nil, err
	}
	out := batchOutput{SecretValues: []any{}, Errors: []batchError{}, NextToken: next}
	for _, id := range ids {
		answer, err := t.readOne(id)
		var known *wire.Error
		switch {
		case err == nil:
			out.SecretValues = append(out.SecretValues, answer)
		case errors.As(err, &known):
			out.Errors = append(out.Errors, batchError{SecretID: id, ErrorCode: known.Code, Message: known.Message})
		default:
			return nil, err
		}
	}
	return out, nil
}

func (t *tx) readOne(id string) (any, error) {
	s := t.find(id)
	if s == nil {
		return nil, notFound("Secrets Manager can't find the specified secret.")
	}
	return t.read(s, "", "")
}

// batch are the ids of the secrets that a batch is about.
func (t *tx) batch(in batchInput) (ids []string, next string, err error) {
	if (len(in.SecretIDList) == 0) == (len(in.Filters) == 0) {
		return nil, "", invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
	}
	if len(in.SecretIDList) > 0 {
		if len(in.SecretIDList) > 20 || in.MaxResults != nil || in.NextToken != "" {
			return nil, "", invalidParameter("'SecretIdList' has up to 20 entries, without 'MaxResults' and 'NextToken'.")
		}
		return in.SecretIDList, "", nil
	}
	if err := checkFilters(in.Filters); err != nil {
		return nil, "", err
	}
	most, err := atMost(in.MaxResults, 20)
	if err != nil {
		return nil, "", err
	}
	part, next, err := t.page(in.Filters, false, most, in.NextToken)
	for _, s := range part {
		ids = append(ids, s.ARN)
	}
	return ids, next, err
}

type tagInput struct {
	target
	Tags []tag
}

func (t *tx) tag(s *secret, in tagInput) (any, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, each := range slices.Concat(s.Tags, in.Tags) {
		values[each.Key] = each.Value
	}
	s.Tags = nil
	for _, key := range slices.Sorted(maps.Keys(values)) {
		s.Tags = append(s.Tags, tag{key, values[key]})
	}
	t.saveSecret(s)
	return nil, nil
}
