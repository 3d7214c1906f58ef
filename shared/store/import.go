package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// ImportState says how far an import is.
type ImportState string

// The states of an import. One that is parked goes on where it stopped when it is
// resumed, and anew when it is begun again.
const (
	Importing    ImportState = "importing"
	Imported     ImportState = "imported"
	ImportParked ImportState = "parked"
)

// Import is a long walk through what a customer has in Lever, as far as it has
// come. It names nobody.
type Import struct {
	Key
	// ID is the import's name among the connection's.
	ID         string `dynamodbav:"id"`
	Connection string `dynamodbav:"connection"`
	Partner    string `dynamodbav:"partner"`
	// Kind says what is walked through, in a word of the partner's; Params narrow
	// it, with ids and dates only.
	Kind   string            `dynamodbav:"kind"`
	Params map[string]string `dynamodbav:"params,omitempty"`
	// Then are the ids of the imports that are begun, one after the other, when this
	// one ends.
	Then []string `dynamodbav:"then,omitempty"`
	// Every is how long after its beginning the import is begun again once it has
	// ended, in milliseconds; zero is never.
	Every  lever.Time   `dynamodbav:"every,omitempty"`
	State  ImportState  `dynamodbav:"state"`
	Reason fault.Reason `dynamodbav:"reason,omitempty"`
	// Parts are what the walk is cut into, nil until somebody has cut it.
	Parts []ImportPart `dynamodbav:"parts,omitempty"`
	// Read counts the objects that were read, Changed those of them that were new
	// or other than before.
	Read    int `dynamodbav:"read"`
	Changed int `dynamodbav:"changed"`
	// Turn counts the changes of the item: each names the turn that it read, so
	// that who comes late changes nothing.
	Turn int64 `dynamodbav:"turn"`
	// Holder works on the import until HeldUntil.
	Holder    string     `dynamodbav:"holder,omitempty"`
	HeldUntil lever.Time `dynamodbav:"heldUntil"`
	// Tries counts the runs in a row that brought nothing; NextAt is when the next
	// one is to be.
	Tries     int        `dynamodbav:"tries"`
	NextAt    lever.Time `dynamodbav:"nextAt"`
	StartedAt lever.Time `dynamodbav:"startedAt"`
	// MovedAt is when a page was last done, or when somebody had the import begun
	// or resumed.
	MovedAt lever.Time `dynamodbav:"movedAt"`
	EndedAt lever.Time `dynamodbav:"endedAt"`

	DPK string `dynamodbav:"dpk,omitempty"`
	DSK string `dynamodbav:"dsk,omitempty"`
}

// ImportPart is a part of an import that is walked through page by page. Parts are
// walked through side by side.
type ImportPart struct {
	// Window is the span of time that the part is about, open at both ends where it
	// is about none.
	Window lever.Window `dynamodbav:"window"`
	// Offset is where the part goes on, empty at its beginning.
	Offset string `dynamodbav:"offset,omitempty"`
	Pages  int    `dynamodbav:"pages"`
	Done   bool   `dynamodbav:"done"`
}

// Done reports whether every part has been walked through.
func (i Import) Done() bool {
	for _, p := range i.Parts {
		if !p.Done {
			return false
		}
	}
	return i.Parts != nil
}

const importPrefix = "IMPORT#"

func importKey(connectionID, id string) Key { return ofConnection(connectionID, importPrefix+id) }

// Import reads an import. It fails with ErrNotFound.
func (t *Table) Import(ctx context.Context, connectionID, id string) (Import, error) {
	i, err := read[Import](ctx, t, importKey(connectionID, id))
	if err != nil {
		return i, fmt.Errorf("import: %w", err)
	}
	return i, nil
}

// Imports are a connection's imports, in the order of their ids.
func (t *Table) Imports(ctx context.Context, connectionID string, p Paging) (Listed[Import], error) {
	return list[Import](ctx, t, "C#"+connectionID, importPrefix, p)
}

// BeginImport has an import walked through from its beginning, whatever came of an
// earlier one of its name. Where that one is on its way still, it is given as it
// is, and began is false. Connection, Partner, ID, Kind, Params, Then and Every are
// what i has to hold.
func (t *Table) BeginImport(ctx context.Context, i Import) (begun Import, began bool, err error) {
	there, err := t.Import(ctx, i.Connection, i.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return i, false, err
	}
	if there.State == Importing {
		return there, false, nil
	}
	i.Key, i.State, i.Turn = importKey(i.Connection, i.ID), Importing, there.Turn
	i.StartedAt = t.now()
	i.MovedAt = i.StartedAt
	i, err = t.SaveImport(ctx, i)
	if errors.Is(err, ErrMoved) {
		there, err = t.Import(ctx, i.Connection, i.ID)
		return there, false, err
	}
	return i, err == nil, err
}

// ResumeImport has an import that is parked gone on with where it stopped. It fails
// with ErrMoved when somebody else has changed it since it was read.
func (t *Table) ResumeImport(ctx context.Context, i Import) (Import, error) {
	i.State, i.Reason, i.Tries, i.NextAt, i.EndedAt = Importing, "", 0, 0, 0
	i.Holder, i.HeldUntil, i.MovedAt = "", 0, t.now()
	return t.SaveImport(ctx, i)
}

// HoldImport gives holder the import for a while. It fails with ErrMoved when the
// import is no longer as i has it, or when another holds it.
func (t *Table) HoldImport(ctx context.Context, i Import, holder string, d time.Duration) (Import, error) {
	if i.HeldUntil >= t.now() && i.Holder != holder {
		return i, ErrMoved
	}
	i.Holder, i.HeldUntil = holder, t.now()+millis(d)
	return t.SaveImport(ctx, i)
}

// SaveImport writes what has become of an import. It fails with ErrMoved when
// somebody else has changed it since it was read; a repeat of this very write,
// whose answer was lost, succeeds.
func (t *Table) SaveImport(ctx context.Context, i Import) (Import, error) {
	before := i.Turn
	i.Turn++
	i.DPK, i.DSK = dueImport(i, t.now())
	item, err := encode(i)
	if err != nil {
		return i, err
	}
	put := &dynamodb.PutItemInput{
		TableName: &t.name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if before > 0 {
		put.ConditionExpression = aws.String("turn = :before")
		if put.ExpressionAttributeValues, err = encode(map[string]any{":before": before}); err != nil {
			return i, err
		}
	}
	_, err = t.db.PutItem(ctx, put)
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		there, err := decode[Import](refused.Item)
		if err == nil && there.Turn == i.Turn && there.Holder == i.Holder && there.StartedAt == i.StartedAt && i.Holder != "" {
			return i, nil
		}
		return i, ErrMoved
	case err != nil:
		return i, fmt.Errorf("write import: %w", err)
	}
	return i, nil
}

// dueImports is the partition of the index due that has the imports on their way,
// and those to be begun again, by when somebody has to look at them.
const dueImports = "DUE#import"

// dueImport is an import's place in the index, none where it has ended and is not
// begun again. The partner is in it, because the index has nothing else of the item.
func dueImport(i Import, now lever.Time) (dpk, dsk string) {
	due := max(now, i.HeldUntil, i.NextAt) + millis(Grace)
	switch {
	case i.State == Imported && i.Every > 0:
		due = i.StartedAt + i.Every
	case i.State != Importing:
		return "", ""
	}
	return dueImports, stamp(due) + "#" + i.Partner + "#" + i.ID
}

// DueImport is an import that nobody has gone on with for too long, or that is to
// be begun again.
type DueImport struct {
	Due
	Partner string
	Import  string
}

// DueImports are the imports that are due by now, at most limit, the longest due
// first. Whoever looks after one takes it with Look.
func (t *Table) DueImports(ctx context.Context, limit int) ([]DueImport, error) {
	due, err := t.due(ctx, dueImports, t.now(), limit)
	if err != nil {
		return nil, err
	}
	all := make([]DueImport, len(due))
	for i, d := range due {
		parts := strings.SplitN(d.DSK, "#", 3)
		if len(parts) != 3 {
			return nil, fmt.Errorf("entry %s of the index is no import's", d.SK)
		}
		all[i] = DueImport{Due: d, Partner: parts[1], Import: parts[2]}
	}
	return all, nil
}
