package dynamodb

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fulcrum/local/aws/wire"
)

const expiring = `{"TableName":"tab","TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}`

func TestTimeToLiveIsSwitched(t *testing.T) {
	const off = `{"TableName":"tab","TimeToLiveSpecification":{"AttributeName":"until","Enabled":false}}`
	b := newBench(t)
	b.table("tab", "p")
	b.answers("DescribeTimeToLive", `{"TableName":"tab"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`)
	b.refuses("UpdateTimeToLive", off, "ValidationException", "TimeToLive is already disabled")
	b.answers("UpdateTimeToLive", expiring, `{"TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}`)
	b.answers("DescribeTimeToLive", `{"TableName":"tab"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"until"}}`)
	b.refuses("UpdateTimeToLive", expiring, "ValidationException", "TimeToLive is already enabled")
	b.refuses("UpdateTimeToLive", off, "ValidationException", "Time to live has been modified multiple times within a fixed interval")
	b.refuses("UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"AttributeName":"end","Enabled":false}}`, "ValidationException",
		"TimeToLive is active on a different AttributeName: current AttributeName is until")
	b.clock.pass(time.Hour)
	b.answers("UpdateTimeToLive", off, `{"TimeToLiveSpecification":{"AttributeName":"until","Enabled":false}}`)
	b.answers("DescribeTimeToLive", `{"TableName":"tab"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`)
}

func TestTimeToLiveThatIsRefused(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	for name, tt := range map[string]struct{ spec, problem string }{
		"without what to do":   {`{"AttributeName":"until"}`, "'timeToLiveSpecification.enabled'"},
		"without an attribute": {`{"Enabled":true}`, "'timeToLiveSpecification.attributeName'"},
		"without anything":     {`null`, "'timeToLiveSpecification'"},
		"of a long name":       {fmt.Sprintf(`{"AttributeName":"%0256d","Enabled":true}`, 1), "'timeToLiveSpecification.attributeName'"},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.refuses("UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":`+tt.spec+`}`, "ValidationException", tt.problem)
		})
	}
	b.t = t
	b.refuses("UpdateTimeToLive", `{"TableName":"gone","TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}`, "ResourceNotFoundException", "Table: gone not found")
}

func TestItemsGoSomeTimeAfterTheirTime(t *testing.T) {
	start := newClock().Now().Unix()
	tests := map[string]struct {
		until string
		after time.Duration
		gone  bool
	}{
		"not before their time":                {fmt.Sprintf(`{"N":"%d"}`, start+7200), time.Hour, false},
		"not at their time":                    {fmt.Sprintf(`{"N":"%d"}`, start+60), 30 * time.Minute, false},
		"an hour after it":                     {fmt.Sprintf(`{"N":"%d"}`, start+60), 2 * time.Hour, true},
		"with a part of a second":              {fmt.Sprintf(`{"N":"%d.75"}`, start+60), 2 * time.Hour, true},
		"at the latest just before five years": {fmt.Sprintf(`{"N":"%d"}`, start+7200-5*365*24*3600+1), 2 * time.Hour, true},
		"never five years after it":            {fmt.Sprintf(`{"N":"%d"}`, start+7200-5*365*24*3600), 2 * time.Hour, false},
		"exactly an hour after it":             {fmt.Sprintf(`{"N":"%d"}`, start+3600), 2 * time.Hour, true},
		"not a second less after it":           {fmt.Sprintf(`{"N":"%d"}`, start+3601), 2 * time.Hour, false},
		"never without a time":                 {`{"NULL":true}`, 1000 * time.Hour, false},
		"never with the time in text":          {fmt.Sprintf(`{"S":"%d"}`, start+60), 1000 * time.Hour, false},
		"never by a time long ago":             {`{"N":"1"}`, 1000 * time.Hour, false},
		"never by milliseconds":                {fmt.Sprintf(`{"N":"%d000"}`, start+60), 1000 * time.Hour, false},
		"never by a time beyond all":           {`{"N":"1` + strings.Repeat("0", 30) + `"}`, 1000 * time.Hour, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.tableWithIndex("tab", "x", everything)
			b.do("UpdateTimeToLive", expiring)
			whole := `{"p":{"S":"a"},"x":{"S":"1"},"until":` + tt.until + `}`
			b.put("tab", whole)
			b.clock.pass(tt.after)
			if tt.gone {
				whole = ""
			}
			b.holds("tab", `{"p":{"S":"a"}}`, whole)
			if found, _ := b.readAll("Scan", `{"TableName":"tab","IndexName":"idx"`, "p"); (len(found) == 0) != tt.gone {
				t.Errorf("the index has %v", found)
			}
		})
	}
}

func TestNothingGoesWithoutTimeToLive(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	b.put("tab", `{"p":{"S":"a"},"until":{"N":"1700000000"}}`)
	b.clock.pass(1000 * time.Hour)
	b.holds("tab", `{"p":{"S":"a"}}`, `{"p":{"S":"a"},"until":{"N":"1700000000"}}`)
}

func TestWhatHasExpiredIsGoneAfterARestart(t *testing.T) {
	dir := t.TempDir()
	b := openBench(t, dir, wire.Calm{}, newClock())
	b.table("tab", "p")
	b.do("UpdateTimeToLive", expiring)
	b.put("tab", fmt.Sprintf(`{"p":{"S":"a"},"until":{"N":"%d"}}`, b.clock.Now().Unix()), `{"p":{"S":"b"}}`)
	b.clock.pass(2 * time.Hour)
	b.holds("tab", `{"p":{"S":"a"}}`, "")
	b = b.restart(dir)
	b.holds("tab", `{"p":{"S":"a"}}`, "")
	b.holds("tab", `{"p":{"S":"b"}}`, `{"p":{"S":"b"}}`)
}

func TestASweepThatIsNotSavedFails(t *testing.T) {
	b := openBench(t, t.TempDir(), wire.Calm{}, newClock())
	b.table("tab", "p")
	b.do("UpdateTimeToLive", expiring)
	b.put("tab", fmt.Sprintf(`{"p":{"S":"a"},"until":{"N":"%d"}}`, b.clock.Now().Unix()))
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.clock.pass(2 * time.Hour)
	if answer, err := b.try("ListTables", `{}`); err == nil {
		t.Errorf("answered %s", answer)
	}
	b.holds("tab", `{"p":{"S":"a"}}`, fmt.Sprintf(`{"p":{"S":"a"},"until":{"N":"%d"}}`, newClock().Now().Unix()))
}
