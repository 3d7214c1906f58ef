package history_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"fulcrum/local/rig"
	"fulcrum/shared/history"
	"fulcrum/shared/lever"
)

// missed has a hire whose webhook is lost, and hours pass.
func (p partner) missed(t *testing.T) (opportunity string) {
	t.Helper()
	if _, err := p.Twin.Switch(p.c.Account, map[string]bool{string(lever.CandidateHired): false}); err != nil {
		t.Fatal(err)
	}
	opportunity = p.hire("Ada")
	time.Sleep(3*time.Hour + 3*time.Minute)
	return opportunity
}

// Somebody outside can hash the records, and finds what was repaired named.
func TestReportsAreListedWithTheTextsOfTheirHashes(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		opportunity := p.missed(t)
		var reports list[history.Report]
		p.call("GET", "/completeness/reports?limit=100", "").into(200, &reports)
		var named []string
		for i, r := range reports.Items {
			sum := sha256.Sum256([]byte(r.Record))
			if hex.EncodeToString(sum[:]) != r.Hash || !strings.Contains(r.Record, `"previous":"`+r.Previous+`"`) {
				t.Errorf("report %d does not have the hash of its record", r.Number)
			}
			if i > 0 && reports.Items[i-1].Previous != r.Hash {
				t.Errorf("report %d is not what the next one follows", r.Number)
			}
			for _, m := range r.Missed {
				named = append(named, fmt.Sprint(m.Event, " ", m.Opportunity))
			}
		}
		if got := strings.Join(named, ", "); got != "candidateHired "+opportunity {
			t.Errorf("the reports name %s", got)
		}
		var balance history.Completeness
		p.call("GET", "/completeness", "").into(200, &balance)
		if w := balance.Windows; w == nil || w.Hash != reports.Items[0].Hash || int(w.Reports) != len(reports.Items) {
			t.Errorf("windows %+v", w)
		}
	})
}

func TestAReportThatIsChangedOrTakenOutShows(t *testing.T) {
	rig.Whole(t)
	key := func(p partner, number int64) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "C#" + p.c.ID}, "sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("REPORT#%012d", number)},
		}
	}
	table := aws.String(rig.StackName + "-Table")
	remove := func(p partner, number int64) error {
		_, err := p.Clients.DynamoDB.DeleteItem(p.t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: key(p, number)})
		return err
	}
	tests := map[string]struct {
		do     func(p partner, last int64) error
		broken func(last int64) int64
	}{
		"none is": {func(partner, int64) error { return nil }, func(int64) int64 { return 0 }},
		"one is changed": {func(p partner, _ int64) error {
			_, err := p.Clients.DynamoDB.UpdateItem(p.t.Context(), &dynamodb.UpdateItemInput{
				TableName: table, Key: key(p, 3), UpdateExpression: aws.String("SET accounted = :n"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "7"}},
			})
			return err
		}, func(int64) int64 { return 3 }},
		"one is taken out":      {func(p partner, _ int64) error { return remove(p, 3) }, func(int64) int64 { return 3 }},
		"the last is taken out": {remove, func(last int64) int64 { return last }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			on(t, func(t *testing.T, p partner) {
				time.Sleep(2*time.Hour + 3*time.Minute)
				var before, after history.Chain
				p.call("GET", "/completeness/chain", "").into(200, &before)
				if !before.Whole || before.Checked < 6 || before.First != 1 || before.Last != int64(before.Checked) {
					t.Fatalf("chain %+v", before)
				}
				if err := tt.do(p, before.Last); err != nil {
					t.Fatal(err)
				}
				p.call("GET", "/completeness/chain", "").into(200, &after)
				if want := tt.broken(before.Last); after.BrokenAt != want || after.Whole != (want == 0) {
					t.Errorf("chain %+v, want it broken at %d", after, want)
				}
			})
		})
	}
}

func TestNumbersSayWhatAConnectionDid(t *testing.T) {
	on(t, func(t *testing.T, p partner) {
		before := p.Twin.Calls(p.c.Account)
		for i := range 3 {
			p.hire(fmt.Sprintf("Person%d", i))
		}
		time.Sleep(time.Hour)
		p.missed(t)
		made := p.Twin.Calls(p.c.Account) - before
		var numbers struct{ Days []history.Day }
		p.call("GET", "/numbers?days=2", "").into(200, &numbers)
		if len(numbers.Days) != 2 || numbers.Days[0].Events != 0 || numbers.Days[0].USD != 0 {
			t.Fatalf("numbers %+v", numbers)
		}
		d := numbers.Days[1]
		if d.Day != "2026-11-21" || d.Delivered != 4 || d.Events < 4 || d.Repaired != 1 || d.P50 > 60_000 || d.P99 < d.P50 || d.USD <= 0 {
			t.Errorf("day %+v", d)
		}
		if d.LeverCalls < made || d.LeverCalls > made+made/4+10 {
			t.Errorf("%d calls, Lever was asked %d times", d.LeverCalls, made)
		}
		text := p.call("GET", "/numbers?days=2&format=csv", "").into(200, nil)
		rows, err := csv.NewReader(strings.NewReader(text.body)).ReadAll()
		if err != nil || len(rows) != 3 || rows[0][0] != "day" || rows[2][0] != d.Day || rows[2][2] != "4" || !strings.HasPrefix(text.header.Get("Content-Type"), "text/csv") {
			t.Errorf("rows %v, %v", rows, err)
		}
		for _, wrong := range []string{"days=0", "days=36", "days=x", "format=xml", "day=1"} {
			p.call("GET", "/numbers?"+wrong, "").into(422, nil)
		}
	})
}
