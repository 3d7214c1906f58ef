package deploy_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/deploy"
	"fulcrum/local/iam"
	"fulcrum/local/rig"
)

// update writes testdata/calls.txt anew from what all tests noted in the folder
// CALLS; `make calls` does both.
var update = flag.Bool("update", false, "write testdata/calls.txt anew from the folder CALLS")

const calls = "testdata/calls.txt"

// observed is what functions call, over all tests of the project, and what Lambda
// does in their name.
func observed(t *testing.T, b *deploy.Bundle) *iam.Book {
	t.Helper()
	book := &iam.Book{}
	text, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Read(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	book.Platform(b.Wiring, b.Values)
	return book
}

func TestTheCallsAreThoseOfAllTests(t *testing.T) {
	if !*update {
		t.Skip("make calls writes them anew")
	}
	book, functions := &iam.Book{}, read(t, rig.Root("template.yaml"), nil).Wiring.Functions
	files, err := filepath.Glob(filepath.Join(os.Getenv("CALLS"), "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("CALLS names no folder with calls: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.Read(bytes.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	of := &iam.Book{}
	for _, f := range functions {
		for _, call := range book.Of(f.ID) {
			of.Add(f.ID, call)
		}
	}
	var out bytes.Buffer
	if err := of.Write(&out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(calls, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A role allows what its function calls, and nothing that it does not.
func TestRolesAreWhatFunctionsCall(t *testing.T) {
	for _, gap := range gaps(t, rig.Root("template.yaml")) {
		t.Error(gap)
	}
}

// gaps are what roles lack and what they have too much of.
func gaps(t *testing.T, path string) []string {
	t.Helper()
	b := read(t, path, map[string]string{"Environment": "prod", "MailFrom": "fulcrum@example.com"})
	roles, err := iam.New(b.Resources, b.Values)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	book, excused := observed(t, b), unseen()
	for _, f := range b.Wiring.Functions {
		seen := book.Of(f.ID)
		for _, call := range seen {
			if !roles.Allows(f.ID, call) {
				found = append(found, f.ID+" may not "+call.String())
			}
		}
		for _, grant := range roles[f.ID] {
			line := f.ID + " " + grant.String()
			if slices.ContainsFunc(seen, grant.Covers) == (excused[line] != "") {
				found = append(found, fmt.Sprintf("%s: said to be unseen because %q", line, excused[line]))
			}
			delete(excused, line)
		}
	}
	for line := range excused {
		found = append(found, line+" is no grant any more")
	}
	return found
}

func TestARoleWithAFaultIsFound(t *testing.T) {
	const role, send = "  PartnerJoinedlySyncRole:\n", "                Action: sqs:SendMessage\n"
	dir := beside(t)
	for name, tt := range map[string]fault{
		"an action that does not exist": {behind: role, text: send, becomes: "                Action: sqs:SendMessages\n", rule: "may not sqs:SendMessage "},
		"a queue that it forgets":       {behind: role, text: "[!GetAtt DeliveriesQueue.Arn, !GetAtt PartnerJoinedlyQueue.Arn]", becomes: "[!GetAtt DeliveriesQueue.Arn]", rule: "may not sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:fulcrum-partner-joinedly"},
		"a key that it cannot use":      {behind: role, text: ", !Ref SecretKeyPolicy]", becomes: "]", rule: "may not kms:Decrypt@secretsmanager"},
		"the table's key":               {behind: role, text: ", !Ref TableKeyPolicy", rule: "may not kms:DescribeKey"},
		"an action too many":            {behind: role, text: send, becomes: "                Action: [sqs:SendMessage, sqs:PurgeQueue]\n", rule: "sqs:PurgeQueue"},
		"a secret of another partner":   {behind: role, text: "!Ref PartnerJoinedlyApps", becomes: "!Ref PartnerBrainnerApps", rule: "secret:fulcrum/oauth/brainner: said"},
	} {
		t.Run(name, func(t *testing.T) {
			if found := strings.Join(gaps(t, tt.seed(t, dir)), "\n"); !strings.Contains(found, tt.rule) {
				t.Errorf("found %q, want %s", found, tt.rule)
			}
		})
	}
}

// unseen are grants for what no test leads to, and why they are there all the same.
// One that is seen after all has to go from here.
func unseen() map[string]string {
	const (
		apps   = "the demo connection has an API key; a customer's that has OAuth tokens renews them by the code that is seen at PartnerJoinedlySync"
		secret = "secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:000000000000:secret:fulcrum/oauth/"
		set    = "ses:SendEmail arn:aws:ses:us-east-1:000000000000:configuration-set/"
		sets   = "SES asks for the configuration set beside the identity; the embedded one names the identity only"
	)
	all := map[string]string{
		"PartnerJoinedlyApi " + secret + "joinedly":    apps,
		"PartnerJustworksSync " + secret + "justworks": apps,
		"PartnerEvidencedSync " + secret + "evidenced": apps,
		"PartnerBrainnerSync " + secret + "brainner":   apps,
		"PartnerBrainnerApi " + secret + "brainner":    apps,
		"PartnerJustworksSync " + set:                  sets,
		"HubConnect " + set:                            sets,
		"HubConnect secretsmanager:CreateSecret arn:aws:secretsmanager:us-east-1:000000000000:secret:fulcrum/signing/*": "a new shard is begun at 48 KB of signing tokens; shared/signing does it with a smaller one",
		"PartnerEvidencedApi dynamodb:UpdateItem arn:aws:dynamodb:us-east-1:000000000000:table/fulcrum-Table":           "a decision that is parked and asked for again is resumed",
		"PartnerBrainnerApi sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:fulcrum-deliveries":                      "a connection that is found lost while a resume is fetched is told to the partner, as at PartnerJoinedlyApi",
	}
	for _, partner := range []string{"justworks", "interviewing-io", "evidenced", "brainner"} {
		all["HubConsole sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:fulcrum-partner-"+partner] =
			"the console's tests replay Joinedly's events; the others' go the same way"
	}
	return all
}
