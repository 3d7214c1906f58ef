// Package ordeal puts the functions as they are deployed through schedules of
// mishaps: the whole stack runs in this process and in virtual time, and each call
// that the functions under trial make to AWS, to Lever and to the partner is
// numbered and can go wrong. A test describes what happens and what is to be seen
// of it in the end:
//
//	ordeal.All(t, []ordeal.Scene{{
//		Name: "a hire", Partner: "joinedly", Functions: []string{"PartnerJoinedlySync"},
//		Happen: func(p *ordeal.Play) { p.Do(p.Twin.Hire(p.Account, p.Ada.OpportunityID, "")) },
//	}})
//
// A play is one schedule of one scene. It goes on until everything is quiet, as
// often as queues, clocks and callers repeat what failed. Then all events that the
// functions were given come once more; then what was late lands, and whatever clocks
// find due then is done. What is to be seen then has to be what is seen when nothing goes
// wrong: the documents at the partner, the mails, what people have to mend, and
// what the scene adds, such as the notes in Lever. Beside it, in every play:
//
//   - every event and every delivery has ended, nothing is parked that is not
//     parked when all goes well, and no message is a dead letter;
//   - no credential of one customer has asked for another's object;
//   - no name, address or number of a person was sent to a queue, to the table in
//     clear, or to a log (package partnertest watches for it);
//   - the functions made no more calls than their mishaps explain;
//   - their roles allow what they called, and openapi.yaml what they answered
//     (package rig watches for it).
//
// What a bundle like this has to promise, and what holds it to it:
//
//	I1  accepted is durable      acknowledged, in every play of an intake
//	I2  nothing is lost          check and expectBalance: every event has ended, nothing
//	                             is a dead letter
//	I3  once at the partner      seen: the documents are those of an undisturbed play
//	I4  one object in Lever      seen by scenes that write: notes, forms, archives
//	I5  the latest wins          seen, against what Lever's twin says; rig's histories
//	I6  customers are apart      check: Twin.Violations; the naive scene that shares
//	I7  tokens only renew        the scenes of tokens; shared/credential's races
//	I8  erased stays erased      the scenes of deletions; partnertest's receipts
//	I9  nothing personal outside partnertest's watch, on every stack
//	I10 calls are bounded        most, in every play; local/bench counts requests
//	I11 nobody starves others    rig: TestANoisyCustomerDoesNotSlowOthers
//	I12 repeats change nothing   again: all that the functions were given comes twice
//	I13 failure does not amplify most; rig's outages; shared/delivery's resting endpoint
//
// Four limits. A request that AWS or Lever applies twenty minutes late is late for
// people, too: where they ask one thing after the other the one that lands last holds
// (see Scene.Asked). Where Lever kills a used refresh token at once, a lost answer
// with its successor is the end of a consent. What is given once more hides what was
// accepted and lost, so that a scene of an API looks at what came of it before that, too.
// And clocks and queues of a play move in steps, so that what is seen of a play is what
// is there when it is quiet.
package ordeal

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/mishap"
	"fulcrum/local/partnertest"
	"fulcrum/local/poller"
	"fulcrum/local/template"
	"fulcrum/shared/boot"
)

const (
	// lateness is how late a late call lands and how long a frozen function stands
	// still: more than any lease, and more than an action waits before it repeats
	// a write.
	lateness = 20 * time.Minute
	// plays is how many plays a stack is used for.
	plays = 60
	// beat is the pause between two looks at queues and clocks that have nothing
	// to do.
	beat = 2 * time.Minute
	// patience is how many of them may pass until everything is quiet.
	patience = 120
	// window is longer than the time between two looks at what Lever has changed.
	window = 40 * time.Minute
	// horizon is how far ahead something due is waited for.
	horizon = 2 * time.Hour
	// recent is how many events and deliveries a play has at most.
	recent = 10
)

// Scene is one thing that happens, and which functions it puts under trial.
type Scene struct {
	Name string
	// Partner is whose demo customer it happens to.
	Partner string
	// Functions are those under trial, by their logical ids in template.yaml.
	Functions []string
	// Wire wires the function under trial in another way than its command does, so
	// that a trial can be seen to fail. It may be nil.
	Wire boot.Wire
	// Only says which events the functions are on trial for: others they handle
	// undisturbed. It may be nil.
	Only func(event []byte) bool
	// Aside are reasons of attention items that tell what is true, but of which it
	// depends on the time that passes whether they are raised.
	Aside []string
	// Asked says that people ask one thing after the other, of which the last holds:
	// nobody gives the functions again what they were given, and nothing lands after
	// what was asked later. Of two such acts the one that lands last would hold.
	Asked bool
	// Pairs has all schedules of two mishaps played in `make test`, not only in `make
	// soak`: for functions that make few calls.
	Pairs bool
	// Lands is how late a late call is applied at most, where the scene writes to Lever
	// what nobody can take away again: within the time that an action waits before it
	// writes once more. What lands later is there twice, and told as double_in_lever; see
	// package action. It is lateness where it is zero.
	Lands time.Duration
	// Prepare is done once on every stack. It may be nil.
	Prepare func(s *partnertest.Stage)
	// Person is how somebody is before it happens. It may be nil, then the person
	// is nobody in particular.
	Person func(p *Play) partnertest.Person
	// Begin is done before anything goes wrong, and settles. It may be nil.
	Begin func(p *Play)
	// Happen is what happens.
	Happen func(p *Play)
	// Seen is what is to be seen of it beside what is always looked at. It may be
	// nil.
	Seen func(p *Play) []string
}

// Play is one schedule of a scene, played on a stage.
type Play struct {
	*partnertest.Stage
	// Ada is the person of this play, and Number tells it from others on its stage.
	Ada    partnertest.Person
	Number int

	t        testing.TB
	scene    Scene
	schedule mishap.Schedule
	world    *mishap.World
	trial    []*function
	queues   *poller.Poller
	clock    *clock
	table    string
	since    time.Time
	wrong    []string
	// working is how many events the functions under trial are working on, alive how
	// many of them have not come back yet, also where nobody waits for them any more.
	working, alive atomic.Int64
	aside          bool
}

// Aside does something for which the functions are not on trial, such as a look at how
// far a scene has come.
func (p *Play) Aside(do func()) {
	p.aside = true
	defer func() { p.aside = false }()
	do()
}

// Word is a word that only this play has.
func (p *Play) Word() string { return fmt.Sprintf("play%dx", p.Number) }

// Since is when the play began.
func (p *Play) Since() time.Time { return p.since }

// Errorf says that something is not as it should be after this schedule.
func (p *Play) Errorf(format string, args ...any) {
	p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
}

// outcome is what became of a play.
type outcome struct {
	calls []mishap.Call
	seen  []string
	wrong []string
}

// stage is a stack whose queues and clocks only move when a play says so.
func (s Scene) stage(t testing.TB, on *partnertest.Stage) (*poller.Poller, error) {
	t.Helper()
	if s.Prepare != nil {
		s.Prepare(on)
		time.Sleep(time.Minute)
	}
	on.Stop()
	for _, c := range on.Connections {
		if c.ID == on.C.ID {
			continue
		}
		if err := on.Table.StopWindows(t.Context(), c.ID); err != nil { // nothing happens to them
			return nil, err
		}
	}
	return poller.New(t.Context(), poller.Options{
		Sources: queues(on), SQS: on.Clients.SQS, Invoke: on.Invoke, Region: aws.Region, Log: slog.New(slog.DiscardHandler),
	})
}

// queues are those that the customer's documents go through.
func queues(on *partnertest.Stage) []template.QueueSource {
	return slices.DeleteFunc(slices.Clone(on.Wiring.Queues), func(q template.QueueSource) bool {
		return strings.Contains(q.Queue, "-partner-") && !strings.HasSuffix(q.Queue, "-partner-"+on.C.Partner)
	})
}

// play plays one schedule to its end and beyond.
func (p *Play) play() outcome {
	p.t.Helper()
	p.ready()
	p.since = time.Now()
	if p.scene.Person != nil {
		p.Ada = p.scene.Person(p)
		p.Settle()
	}
	if p.scene.Begin != nil {
		p.scene.Begin(p)
		p.Settle()
	}
	p.begin()
	p.scene.Happen(p)
	p.Settle()
	if !p.scene.Asked {
		p.again()
		p.Settle()
	}
	calls := p.world.Calls()
	p.land()
	p.Settle()
	p.end()
	p.over()
	p.Settle()
	p.check()
	return outcome{calls: calls, seen: p.seen(), wrong: p.wrong}
}

// begin puts the functions on trial, each of them cold.
func (p *Play) begin() {
	p.world = mishap.New(p.Live, p.schedule, lateness, nil)
	p.world.Land(cmp.Or(p.scene.Lands, lateness))
	for _, id := range p.scene.Functions {
		f := &function{play: p, id: id, timeout: timeout(p.Wiring.Functions, id)}
		p.trial = append(p.trial, f)
		p.Instead(id, f.invoke)
	}
}

func timeout(all []template.Function, id string) time.Duration {
	for _, f := range all {
		if f.ID == id {
			return f.Timeout
		}
	}
	return 0
}

// end takes the trial back.
func (p *Play) end() {
	for _, f := range p.trial {
		p.Instead(f.id, nil)
	}
}

// over waits until no function does anything any more, and then for what they have left
// behind: one that nobody waits for, or that a clock began, may have met a mishap last.
func (p *Play) over() {
	for p.alive.Load() > 0 {
		time.Sleep(beat)
	}
	if p.world != nil { // none where the test has ended before anything could go wrong
		p.world.Wait()
	}
}

// again gives the functions all events once more that they were given.
func (p *Play) again() {
	for _, f := range p.trial {
		for _, event := range f.given() {
			if _, err := p.Invoke(p.t.Context(), f.id, event); err != nil {
				p.Errorf("%s, given an event again: %v", f.id, err)
			}
		}
	}
}
