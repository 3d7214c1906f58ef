package ordeal_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"fulcrum/local/ordeal"
	"fulcrum/local/rig"
)

// Whatever call of a function goes wrong, in whatever way: the end is the one that
// there is when nothing goes wrong.
func TestWhateverGoesWrongTheEndIsTheSame(t *testing.T) {
	ordeal.All(t, scenes())
}

// scenes are all scenes.
func scenes() []ordeal.Scene {
	return slices.Concat(intakes(), syncs(), hubs(), apis(), setups(), people(), parkings(), outcomes(), screenings(), imports(), waits())
}

// without are the functions that no scene has on trial, and why.
func without() map[string]string {
	return map[string]string{"HubAssets": "reads nothing and writes nothing: its files are in it"}
}

// deployed is a function of the template.
var deployed = regexp.MustCompile(`(?m)^  (\w+):\n    Type: AWS::Serverless::Function$`)

// A function that is new has a scene, or a reason.
func TestEveryFunctionIsOnTrial(t *testing.T) {
	tried := without()
	for _, s := range scenes() {
		for _, f := range s.Functions {
			tried[f] = s.Name
		}
	}
	text, err := os.ReadFile(rig.Root("template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range deployed.FindAllSubmatch(text, -1) {
		if id := string(m[1]); tried[id] == "" {
			t.Errorf("%s is in no scene", id)
		} else {
			delete(tried, id)
		}
	}
	for id := range tried {
		t.Errorf("%s is on trial, and in no template", id)
	}
}

// ways are scenes with every function on the way under trial.
func ways() []ordeal.Scene {
	hired, replayed := []string{"WebhookCandidateHired"}, []string{"HubDeliver", "HubReconcile"}
	return []ordeal.Scene{
		{Name: "a hire on its way to Joinedly", Partner: "joinedly", Functions: slices.Concat(hired, replayed, []string{"PartnerJoinedlySync"}), Person: applicant, Happen: hire},
		{
			Name: "a hire on its way to Justworks", Partner: "justworks", Functions: slices.Concat(hired, replayed, []string{"PartnerJustworksSync"}),
			Prepare: roster, Person: applicant, Happen: hire,
		},
		{
			Name: "a deletion on its way to Evidenced", Partner: "evidenced", Person: applicant, Happen: erase,
			Functions: slices.Concat(replayed, []string{"WebhookCandidateDeleted", "PartnerEvidencedSync"}),
		},
		{
			Name: "an export on its way to Lever", Partner: "interviewing-io", Prepare: interviews, Happen: result, Seen: noted, Lands: soon,
			Functions: slices.Concat(replayed, []string{"PartnerInterviewingIoApi", "PartnerInterviewingIoSync"}),
		},
	}
}

// Three to six mishaps anywhere on the way, of any kind, two sandboxes of a function
// beside each other among them. SEED repeats a search, RUNS is how many plays it has.
func TestWhateverGoesWrongAtRandom(t *testing.T) {
	seed, runs := ordeal.Seed(), runs()
	if testing.Short() {
		runs = min(runs, 2)
	}
	for i, s := range ways() {
		t.Run(s.Name, func(t *testing.T) {
			t.Logf("seed %d", seed)
			ordeal.Random(t, s, seed, runs, len(ways())-i)
		})
	}
}

// runs is RUNS, six where that is not set.
func runs() int {
	n, err := strconv.Atoi(os.Getenv("RUNS"))
	if err != nil {
		return 6
	}
	return n
}

// What a schedule has shown once, of the functions or of the trial itself, is played
// for good.
func TestSchedulesThatWentWrongOnce(t *testing.T) {
	once := map[string][]string{
		"a missed hire is found":          {"56 before, 119 before", "72 error, 81 error"},
		"a missed deletion is found":      {"13 after, 58 after", "24 before, 114 before"},
		"Justworks hears of a hire":       {"30 after", "30 error", "31 before"},
		"Lever tells of candidateDeleted": {"2 frozen", "3 frozen, 7 lost"},
		"Joinedly hears of a hire":        {"20 frozen, 21 error"},

		"Justworks edits and invites who was hired":         {"9 before", "9 after"},
		"the clock tells the contacts of a lost connection": {"6 before", "6 error", "9 before"},
		"a customer connects by consent":                    {"34 late"},
	}
	for _, s := range scenes() {
		if schedules, ok := once[s.Name]; ok {
			t.Run(s.Name, func(t *testing.T) { ordeal.Regress(t, s, schedules...) })
		}
	}
}
