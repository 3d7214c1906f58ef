package secretsmanager

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

// The staging labels that Secrets Manager moves by itself.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// The quotas of
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const (
	maxValue    = 65536 // bytes
	maxVersions = 100
	maxLabels   = 20 // of a version
)

// secret is a secret and its versions.
type secret struct {
	Name, ARN, Description, KmsKeyID string
	Tags                             []tag
	Created, Changed                 time.Time
	// Accessed is the day when a value was last read, zero if none was.
	Accessed time.Time
	// Deleted is when the secret is to be gone, zero if it is to stay.
	Deleted time.Time
	// Labels tell the version that each staging label is attached to. A version
	// without any is deprecated.
	Labels map[string]string

	versions map[string]*version // by id
}

// version is one value of a secret. Exactly one of String and Binary is there.
type version struct {
	ID      string
	String  *string `json:",omitempty"`
	Binary  []byte  `json:",omitempty"`
	Created time.Time
}

func (v *version) equals(w *version) bool {
	sameText := v.String == nil && w.String == nil || v.String != nil && w.String != nil && *v.String == *w.String
	return sameText && string(v.Binary) == string(w.Binary)
}

type tag struct{ Key, Value string }

// epoch is a time as AWS JSON writes it: seconds since 1970.
type epoch time.Time

// IsZero has a time that never was left out of answers.
func (e epoch) IsZero() bool { return time.Time(e).IsZero() }

// MarshalJSON writes milliseconds behind the point.
func (e epoch) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(e).UnixMilli())/1000, 'f', 3, 64), nil
}

// newARN is the ARN of a secret created now. Its six characters are random in
// AWS; here they follow from the name and the time, so that a secret that is
// deleted and created again has other ones, and a repeated test the same.
func (t *tx) newARN(name string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, t.now.UnixNano()))
	suffix := make([]byte, 6)
	for i := range suffix {
		suffix[i] = letters[int(sum[i])%len(letters)]
	}
	return t.plainARN(name) + "-" + string(suffix)
}

func (t *tx) plainARN(name string) string {
	return fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s", t.options.Region, t.options.Account, name)
}

// find is the secret of a name, an ARN, or an ARN without its suffix; nil if
// there is none.
func (t *tx) find(id string) *secret {
	if s := t.secrets[id]; s != nil {
		return s
	}
	name, isARN := strings.CutPrefix(id, t.plainARN(""))
	if !isARN {
		return nil
	}
	if s := t.secrets[name]; s != nil {
		return s
	}
	const suffix = len("-XXXXXX")
	if len(name) <= suffix {
		return nil
	}
	if s := t.secrets[name[:len(name)-suffix]]; s != nil && s.ARN == id {
		return s
	}
	return nil
}

// expire removes the secrets whose recovery window is over.
func (t *tx) expire() {
	for _, s := range t.secrets {
		if !s.Deleted.IsZero() && !t.now.Before(s.Deleted) {
			t.drop(s)
		}
	}
}

// alive refuses a secret that is marked for deletion.
func (s *secret) alive() error {
	if !s.Deleted.IsZero() {
		return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
	}
	return nil
}

// labels are the staging labels of a version, in order.
func (s *secret) labels(id string) []string {
	var all []string
	for label, of := range s.Labels {
		if of == id {
			all = append(all, label)
		}
	}
	slices.Sort(all)
	return all
}

// staged are the versions that have labels, with them.
func (s *secret) staged() map[string][]string {
	all := map[string][]string{}
	for _, id := range s.Labels {
		all[id] = s.labels(id)
	}
	return all
}

// attach gives a version a label, which the version that had it loses. The
// version that loses AWSCURRENT becomes AWSPREVIOUS.
func (s *secret) attach(label, id string) {
	if before := s.Labels[current]; label == current && before != "" && before != id {
		s.Labels[previous] = before
	}
	s.Labels[label] = id
}

// accept adds a version and gives it its labels. The request token is the id of
// the version: once more with the same value changes nothing.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func (t *tx) accept(s *secret, v *version, labels []string) error {
	if known := s.versions[v.ID]; known != nil {
		if known.equals(v) {
			return nil
		}
		return wire.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", v.ID, s.ARN)
	}
	if err := t.makeRoom(s); err != nil {
		return err
	}
	if len(s.versions) == 0 {
		s.attach(current, v.ID)
	}
	for _, label := range labels {
		s.attach(label, v.ID)
	}
	s.versions[v.ID] = v
	s.Changed = t.now
	t.saveVersion(s, v)
	t.saveSecret(s)
	return nil
}

// makeRoom forgets the oldest deprecated version where there are too many. One
// that is younger than a day stays, and the new one is refused.
func (t *tx) makeRoom(s *secret) error {
	if len(s.versions) < maxVersions {
		return nil
	}
	staged := s.staged()
	var oldest *version
	for _, v := range s.versions {
		if staged[v.ID] == nil && (oldest == nil || v.Created.Before(oldest.Created)) {
			oldest = v
		}
	}
	if oldest == nil || t.now.Before(oldest.Created.Add(24*time.Hour)) {
		return wire.Errorf("LimitExceededException", "The secret has %d versions, and none that is deprecated and older than a day.", len(s.versions))
	}
	delete(s.versions, oldest.ID)
	t.forgetVersion(s, oldest.ID)
	return nil
}

// sorted are the secrets in the order of their creation.
func (t *tx) sorted() []*secret {
	return slices.SortedFunc(maps.Values(t.secrets), func(a, b *secret) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}
