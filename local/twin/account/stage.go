package account

import (
	"slices"
	"strings"
)

// Stage is a step of the pipeline. The ids of built-in stages are words, those
// of the customer's own are UUIDs.
type Stage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// Pipeline is lead, applicant, screen, onsite or offer.
	Pipeline string `json:"-"`
	// Rank orders lists of opportunities.
	Rank         float64 `json:"-"`
	HasInterview bool    `json:"-"`
}

func (s *Stage) key() string { return s.ID }

// Stages are the stages in pipeline order.
func (a *Account) Stages() []*Stage { return slices.Clone(a.stages.All()) }

// Stage is the stage with the id.
func (a *Account) Stage(id string) (*Stage, error) { return found(a.stages.Take(id), "stages", id) }

// StageNamed is the stage with the id, or else with the text, letter case aside.
func (a *Account) StageNamed(name string) (*Stage, error) {
	if s := a.stages.Take(name); s != nil {
		return s, nil
	}
	for _, s := range a.stages.All() {
		if strings.EqualFold(s.Text, name) {
			return a.Stage(s.ID)
		}
	}
	return nil, NotFound("stages", name)
}

// AddStage puts a stage of the customer's before another one, which is named by
// id or text; empty is before the last built-in stage, offer.
func (a *Account) AddStage(text, before string) (*Stage, error) {
	if text == "" {
		return nil, Invalid("a stage needs a text")
	}
	if before == "" {
		before = "offer"
	}
	next, err := a.StageNamed(before)
	if err != nil {
		return nil, err
	}
	at := a.stageIndex(next)
	prev := &Stage{Pipeline: next.Pipeline}
	if at > 0 {
		prev = a.stages.All()[at-1]
	}
	s := &Stage{
		ID: a.newID(), Text: text, Pipeline: prev.Pipeline, Rank: (prev.Rank + next.Rank) / 2,
		HasInterview: prev.HasInterview,
	}
	a.stages.Insert(at, s)
	return s, nil
}

// RenameStage changes a stage's text; its id stays.
func (a *Account) RenameStage(id, text string) (*Stage, error) {
	s, err := a.Stage(id)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, Invalid("a stage needs a text")
	}
	s.Text = text
	return s, nil
}

// RemoveStage takes a stage out of the pipeline. Its candidacies go to another
// stage first, by id or text; a stage that still has some cannot be removed.
func (a *Account) RemoveStage(id, moveTo, by string) error {
	s, err := a.Stage(id)
	if err != nil {
		return err
	}
	left := a.inStage(s)
	if len(left) > 0 && (moveTo == "" || moveTo == s.ID || strings.EqualFold(moveTo, s.Text)) {
		return Invalid("stage %s has %d candidates: name the stage they move to", id, len(left))
	}
	for _, id := range left {
		o, err := a.Opportunity(id)
		if err == nil {
			err = a.Move(o, moveTo, by)
		}
		if err != nil {
			return err
		}
	}
	a.stages.Drop(id)
	return nil
}

// inStage are the ids of the candidacies in a stage.
func (a *Account) inStage(s *Stage) (ids []string) {
	for _, o := range a.order {
		if o.stage == s {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// stageIndex is the position that stage changes record.
func (a *Account) stageIndex(s *Stage) int { return slices.Index(a.stages.All(), s) }

// DispositionStage is a stage as the undocumented list disposition_stages shows it.
type DispositionStage struct {
	ID           string  `json:"id"`
	Text         string  `json:"text"`
	Pipeline     string  `json:"pipeline"`
	Rank         float64 `json:"rank"`
	HasInterview bool    `json:"hasInterview"`
}

// DispositionReason is an archive reason in that list; its type is null or hired.
type DispositionReason struct {
	ID     string  `json:"id"`
	Text   string  `json:"text"`
	Type   *string `json:"type"`
	Status string  `json:"status"`
}

// Dispositions is the undocumented list of stages and reasons.
type Dispositions struct {
	Stages         []DispositionStage  `json:"stages"`
	ArchiveReasons []DispositionReason `json:"archiveReasons"`
}

// Dispositions are the stages and reasons with what the documented lists leave out.
func (a *Account) Dispositions() Dispositions {
	var d Dispositions
	for _, s := range a.stages.All() {
		d.Stages = append(d.Stages, DispositionStage(*s))
	}
	for _, r := range a.reasons.All() {
		row := DispositionReason{ID: r.ID, Text: r.Text, Status: r.Status}
		if r.Type == Hired {
			row.Type = &r.Type
		}
		d.ArchiveReasons = append(d.ArchiveReasons, row)
	}
	return d
}
