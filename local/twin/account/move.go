package account

// Move brings the candidacy to the stage, named by id or text. An archived one
// stays archived. A move to where it is changes nothing and tells nobody.
func (a *Account) Move(o *Opportunity, stage, by string) error {
	to, err := a.StageNamed(stage)
	if err != nil {
		return err
	}
	from := o.stage
	if from == to {
		return nil
	}
	now := a.now()
	a.reorder(o, func() {
		o.stage = to
		o.LastAdvancedAt = now
	})
	o.StageChanges = append(
		o.StageChanges, StageChange{ToStageID: to.ID, ToStageIndex: a.stageIndex(to), UpdatedAt: now, UserID: by},
	)
	a.interact(o)
	a.touch(o)
	a.tell(CandidateStageChange, o, stageData{candidacyData: o.ids(), ToStageID: to.ID, FromStageID: from.ID})
	return nil
}

// Removal says how to archive.
type Removal struct {
	// Reason is the archive reason's id or text.
	Reason string
	// CleanInterviews cancels the interviews that are still to come.
	CleanInterviews bool
	// Requisition is the id of the requisition that a hire fills.
	Requisition string
	// By is the user who archives; empty is nobody.
	By string
}

// Archive archives the candidacy. A reason of type hired hires: both
// candidateArchiveChange and candidateHired are told.
func (a *Account) Archive(o *Opportunity, r Removal) error {
	reason, err := a.ReasonNamed(r.Reason)
	if err != nil {
		return err
	}
	need, err := a.requirement(o, reason, r.Requisition)
	if err != nil {
		return err
	}
	from, hired := o.Archived, a.IsHired(o)
	o.Archived = &Archived{Reason: reason.ID, ArchivedAt: a.now()}
	a.archiveApplication(o, need)
	if from == nil {
		a.reorder(o, func() { o.LastAdvancedAt = a.now() })
	}
	if r.CleanInterviews {
		a.cancelComing(o)
	}
	a.interact(o)
	a.touch(o)
	a.tell(CandidateArchiveChange, o, archiveData{candidacyData: o.ids(), ToArchived: o.Archived, FromArchived: from})
	if reason.Type == Hired && !hired {
		a.tell(CandidateHired, o, o.ids())
	}
	return nil
}

// archiveApplication archives the application with its candidacy. One that is
// archived keeps the time and the reason of the first time.
func (a *Account) archiveApplication(o *Opportunity, need *Requirement) {
	if o.Application == nil {
		return
	}
	if o.Application.Archived == nil {
		o.Application.Archived = o.Archived
	}
	if need != nil {
		o.Application.RequisitionForHire = need
	}
}

// IsHired reports whether the candidacy is archived with a reason that hires.
func (a *Account) IsHired(o *Opportunity) bool {
	if o.Archived == nil {
		return false
	}
	r := a.reasons.See(o.Archived.Reason)
	return r != nil && r.Type == Hired
}

// Unarchive brings the candidacy back to its stage; a hire is undone this way.
func (a *Account) Unarchive(o *Opportunity) {
	from := o.Archived
	if from == nil {
		return
	}
	o.Archived = nil
	if o.Application != nil {
		o.Application.Archived, o.Application.RequisitionForHire = nil, nil
	}
	a.interact(o)
	a.touch(o)
	a.tell(CandidateArchiveChange, o, archiveData{candidacyData: o.ids(), FromArchived: from})
}
