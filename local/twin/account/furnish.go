package account

// furnish fills a new account with what a company usually has.
func (a *Account) furnish() {
	a.furnishPipeline()
	a.furnishReasons()
	a.furnishUsers()
	a.furnishPostings()
	a.furnishTemplates()
}

// furnishPipeline makes the built-in stages, whose ids are words, and three of
// the customer's own. The ranks are those of recorded accounts.
func (a *Account) furnishPipeline() {
	own := func() string { return a.newID() }
	for _, s := range []*Stage{
		{ID: "lead-new", Text: "New lead", Pipeline: "lead", Rank: 1},
		{ID: "lead-reached-out", Text: "Reached out", Pipeline: "lead", Rank: 3},
		{ID: "lead-responded", Text: "Responded", Pipeline: "lead", Rank: 5},
		{ID: "applicant-new", Text: "New applicant", Pipeline: "applicant", Rank: 101},
		{ID: own(), Text: "Recruiter screen", Pipeline: "screen", Rank: 201, HasInterview: true},
		{ID: own(), Text: "On-site interview", Pipeline: "onsite", Rank: 231, HasInterview: true},
		{ID: "offer", Text: "Offer", Pipeline: "offer", Rank: 261},
		{ID: own(), Text: "Background check", Pipeline: "offer", Rank: 265.5},
	} {
		a.stages.Add(s)
	}
}

func (a *Account) furnishReasons() {
	for _, text := range []string{"Underqualified", "Withdrew", "Offer declined", "Position closed", "Timing"} {
		a.reasons.Add(&Reason{ID: a.newID(), Text: text, Status: "active", Type: NonHired})
	}
	a.reasons.Add(&Reason{ID: a.newID(), Text: "No response - old", Status: "inactive", Type: NonHired})
	a.reasons.Add(&Reason{ID: a.newID(), Text: "Hired", Status: "active", Type: Hired})
}

func (a *Account) furnishUsers() {
	user := func(name, username, role string) {
		a.users.Add(&User{
			ID: a.newID(), Name: name, Username: username, Email: username + "@" + a.slug() + ".example",
			AccessRole: role, CreatedAt: a.now(),
		})
	}
	user("Olive Ashby", "olive", "super admin")
	user("Ruben Castell", "ruben", "admin")
	user("Ines Moreau", "ines", "interviewer")
}

func (a *Account) furnishPostings() {
	owner, manager := &a.users.All()[0].ID, &a.users.All()[1].ID
	add := func(text string, c Categories, manager *string) {
		p := &Posting{
			ID: a.newID(), Text: text, State: statePublished, DistributionChannels: []string{"internal", "public"},
			User: owner, Owner: owner,
			HiringManager: manager, Categories: c, Country: new("US"), Confidentiality: nonConfidential, WorkplaceType: "hybrid",
			CreatedAt: a.now(), UpdatedAt: a.now(), Followers: []string{*owner},
			Content: Content{Description: text, DescriptionHTML: "<div>" + text + "</div>", Lists: []ContentList{}},
		}
		p.Categories.AllLocations = []string{c.Location}
		a.postings.Add(p)
	}
	add(
		"Backend Engineer",
		Categories{Commitment: "Full-time", Department: "Product", Location: "Lisbon", Team: "Engineering"}, manager,
	)
	add("Account Manager", Categories{Commitment: "Full-time", Department: "Revenue", Location: "Chicago", Team: "Sales"}, manager)
	add("Support Intern", Categories{Commitment: "Intern", Department: "Revenue", Location: "Chicago", Team: "Support"}, nil)
}

func (a *Account) furnishTemplates() {
	a.templates.Add(&FeedbackTemplate{
		ID: a.newID(), Text: "Interview feedback", CreatedAt: a.now(), UpdatedAt: a.now(),
		Fields: []Field{
			{ID: a.newID(), Text: "Rating", Type: scoreSystem, Required: true, Prompt: "Select one", Options: scores()},
			{ID: a.newID(), Text: "Comments", Type: "textarea"},
		},
	})
}
