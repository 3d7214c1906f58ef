package store

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// ActionState says how far an action is, or one of its steps.
type ActionState string

// The states of an action and of a step. Of a step that is posting, a request is
// on its way to Lever, or was when its worker died; of one that is ambiguous, it
// is not known whether Lever has done it. An action is what its steps come to.
const (
	ActionPlanned    ActionState = "planned"
	ActionPosting    ActionState = "posting"
	ActionAmbiguous  ActionState = "ambiguous"
	ActionDone       ActionState = "done"
	ActionSuperseded ActionState = "superseded" // somebody did otherwise meanwhile
	ActionParked     ActionState = "parked"     // with a reason; it can be resumed
)

// Ended reports whether the state is an end.
func (s ActionState) Ended() bool {
	return s == ActionDone || s == ActionSuperseded || s == ActionParked
}

// Action is something that a partner wants written in Lever.
type Action struct {
	Key
	ID         string `dynamodbav:"id"`
	Connection string `dynamodbav:"connection"`
	Partner    string `dynamodbav:"partner"`
	// Kind is the partner's word for what it wants; Ref is the partner's own id
	// of it.
	Kind  string       `dynamodbav:"kind"`
	Ref   string       `dynamodbav:"ref"`
	State ActionState  `dynamodbav:"state"`
	Steps []ActionStep `dynamodbav:"steps"`
	// Reason is why the action is parked or superseded, or what is wrong with it
	// though it is done.
	Reason fault.Reason `dynamodbav:"reason,omitempty"`
	// RequestHash tells two requests under one id apart.
	RequestHash string `dynamodbav:"requestHash"`
	// Turn counts the changes of the item: each names the turn that it read, so
	// that who comes late changes nothing. WrittenBy made the last one.
	Turn      int64  `dynamodbav:"turn"`
	WrittenBy string `dynamodbav:"writtenBy,omitempty"`
	// Holder works on the action until HeldUntil.
	Holder    string     `dynamodbav:"holder,omitempty"`
	HeldUntil lever.Time `dynamodbav:"heldUntil"`
	// LookAt is when somebody has to look at the action next, zero for never.
	LookAt lever.Time `dynamodbav:"lookAt"`
	// Tries counts the looks in a row that brought nothing.
	Tries     int        `dynamodbav:"tries"`
	CreatedAt lever.Time `dynamodbav:"createdAt"`
	EndedAt   lever.Time `dynamodbav:"endedAt"`
	// Told counts the documents about the action; LastTold is the newest one's
	// delivery, for which the next one waits.
	Told     int64  `dynamodbav:"told"`
	LastTold string `dynamodbav:"lastTold,omitempty"`
	Sealed   []byte `dynamodbav:"sealed,omitempty"`

	// Request is what the partner sent. It is sealed, and forgotten when the
	// action is done.
	Request []byte `dynamodbav:"-"`

	TPK string `dynamodbav:"tpk"`
	TSK string `dynamodbav:"tsk"`
	DPK string `dynamodbav:"dpk,omitempty"`
	DSK string `dynamodbav:"dsk,omitempty"`
	TTL int64  `dynamodbav:"ttl,omitempty"`
}

// ActionStep is one write of an action.
type ActionStep struct {
	Name string `dynamodbav:"name"`
	// Kind is what is written: note, stage, ….
	Kind   string       `dynamodbav:"kind"`
	State  ActionState  `dynamodbav:"state"`
	Reason fault.Reason `dynamodbav:"reason,omitempty"`
	// Opportunity is Lever's id of what is written to, LeverID of what was
	// written, As of the user in whose name.
	Opportunity string `dynamodbav:"opportunity,omitempty"`
	LeverID     string `dynamodbav:"leverId,omitempty"`
	As          string `dynamodbav:"as,omitempty"`
	// Tries counts the requests; Unsure is how many of them Lever may have done,
	// or may still do.
	Tries  int `dynamodbav:"tries"`
	Unsure int `dynamodbav:"unsure"`
	// PostedAt is when the last request was noted, right before it was made.
	PostedAt lever.Time `dynamodbav:"postedAt"`
	// LookAt is when to look at the step next; Looks is how often its request was
	// looked for in vain.
	LookAt lever.Time `dynamodbav:"lookAt"`
	Looks  int        `dynamodbav:"looks"`
	// Doubles are Lever's ids of what was written a second time and cannot be
	// removed.
	Doubles []string `dynamodbav:"doubles,omitempty"`
}

func actionKey(connectionID, id string) Key { return ofConnection(connectionID, "ACTION#"+id) }

// ActionID is the id of an action: what a partner asks for again under the id that
// it has for it is the same action.
func ActionID(connectionID, partner, kind, ref string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", connectionID, partner, kind, ref))
	return "act_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// requestHash tells requests apart: those of other kinds, or of other ids of the
// partner's, too.
func requestHash(a Action) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", a.Kind, a.Ref, a.Request))
	return hex.EncodeToString(sum[:])
}

// Action reads an action. It fails with ErrNotFound.
func (t *Table) Action(ctx context.Context, connectionID, id string) (Action, error) {
	a, err := read[Action](ctx, t, actionKey(connectionID, id))
	if err != nil {
		return a, fmt.Errorf("action: %w", err)
	}
	return a, t.openAction(ctx, &a)
}

func (t *Table) openAction(ctx context.Context, a *Action) (err error) {
	if a.Sealed == nil {
		return nil
	}
	if a.Request, err = t.vault.Open(ctx, a.Sealed, a.about(0)); err != nil {
		return fmt.Errorf("action: %w", err)
	}
	return nil
}
