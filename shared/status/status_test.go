package status_test

import (
	"testing"

	"fulcrum/shared/definition"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/status"
	"fulcrum/shared/store"
)

// two is a partner with a required event and an optional one.
func two() definition.Definition {
	return definition.Definition{Webhooks: definition.Webhooks{Events: []definition.Event{
		{Event: lever.CandidateStageChange, Title: "Candidate Stage Change", Required: true},
		{Event: lever.CandidateHired, Title: "Candidate Hired"},
	}}}
}

// made is a webhook of the required event whose key was given at 100.
func made(seen, verified lever.Time) store.Webhook {
	return store.Webhook{
		Event: lever.CandidateStageChange, Made: store.ByAPI, SeenAt: seen, VerifiedAt: verified,
		Current: store.Address{LeverID: "w-1", SignedAt: 100, URL: "https://x.example/"},
	}
}

func TestAStateIsTheFirstWhoseSentenceIsTrue(t *testing.T) {
	seen := []store.Webhook{made(150, 0)}
	raised := func(about string, cleared lever.Time) []store.Attention {
		return []store.Attention{{About: about, Reason: "mend_it", RaisedAt: 170, ClearedAt: cleared}}
	}
	tests := map[string]struct {
		facts   status.Facts
		want    status.State
		because fault.Reason
		since   lever.Time
	}{
		"it has ended":                           {status.Facts{Connection: store.Connection{DisconnectedAt: 9, DisconnectingAt: 8, LostAt: 7}, Webhooks: seen}, status.Disconnected, status.Ended, 9},
		"its end was begun":                      {status.Facts{Connection: store.Connection{DisconnectingAt: 8, PausedAt: 7}, Webhooks: seen}, status.Disconnected, status.Ending, 8},
		"it is lost":                             {status.Facts{Connection: store.Connection{LostAt: 7, LostBecause: "consent_gone", PausedAt: 6}, Webhooks: seen}, status.Disconnected, "consent_gone", 7},
		"it is paused":                           {status.Facts{Connection: store.Connection{PausedAt: 6}}, status.Paused, "", 6},
		"no webhook is made":                     {status.Facts{Connection: store.Connection{ConnectedAt: 5}}, status.SettingUp, "", 5},
		"a webhook without a key":                {status.Facts{Webhooks: []store.Webhook{{Event: lever.CandidateStageChange, Made: store.ByHand}}}, status.SettingUp, "", 0},
		"a webhook that is reserved only":        {status.Facts{Webhooks: []store.Webhook{{Event: lever.CandidateStageChange, Made: store.ByAPI, Current: store.Address{SignedAt: 100}}}}, status.SettingUp, "", 0},
		"nothing was seen":                       {status.Facts{Webhooks: []store.Webhook{made(0, 0)}}, status.Waiting, "", 0},
		"nothing was seen with the key there is": {status.Facts{Webhooks: []store.Webhook{made(99, 98)}}, status.Waiting, "", 0},
		"an event was seen":                      {status.Facts{Connection: store.Connection{ConnectedAt: 5}, Webhooks: seen}, status.Connected, "", 5},
		"Lever's test was seen":                  {status.Facts{Connection: store.Connection{ConnectedAt: 5, FinishedAt: 6}, Webhooks: []store.Webhook{made(0, 100)}}, status.Connected, "", 6},
		"a person has to act on it":              {status.Facts{Webhooks: seen, Attention: raised("webhook#candidateStageChange", 0), Parked: true}, status.ActionNeeded, "mend_it", 170},
		"a person has acted":                     {status.Facts{Webhooks: seen, Attention: raised("connection", 180)}, status.Connected, "", 0},
		"a person has to act on a hire":          {status.Facts{Webhooks: seen, Attention: raised("joiner#o-1", 0)}, status.Connected, "", 0},
		"the endpoint rests":                     {status.Facts{Webhooks: seen, RestsSince: 160, Parked: true}, status.Degraded, status.EndpointRests, 160},
		"something is parked":                    {status.Facts{Webhooks: seen, Parked: true}, status.Degraded, status.Parked, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.facts.Definition = two()
			got := status.Of(tt.facts)
			if got.State != tt.want || got.Because != tt.because || got.Since != tt.since {
				t.Errorf("%q because %q since %d, want %q, %q, %d", got.State, got.Because, got.Since, tt.want, tt.because, tt.since)
			}
		})
	}
}

func TestWhatIsMissing(t *testing.T) {
	tests := map[string]struct {
		webhooks []store.Webhook
		missing  int
		last     lever.Time
	}{
		"all of what is required":       {nil, 1, 0},
		"nothing, whatever is optional": {[]store.Webhook{made(150, 0)}, 0, 150},
		"to be seen":                    {[]store.Webhook{made(50, 0)}, 1, 50},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := status.Of(status.Facts{Definition: two(), Webhooks: tt.webhooks})
			if len(got.Missing()) != tt.missing || got.LastSeen() != tt.last || len(got.Events) != 2 {
				t.Errorf("missing %+v, last seen %d", got.Missing(), got.LastSeen())
			}
		})
	}
}

func TestOnlyTheCustomersOwnWebhooksShowTheirAddress(t *testing.T) {
	byHand := made(0, 0)
	byHand.Made, byHand.Current.LeverID, byHand.Next = store.ByHand, "", &store.Address{}
	for want, w := range map[string]store.Webhook{"https://x.example/": byHand, "": made(0, 0)} {
		e := status.Of(status.Facts{Definition: two(), Webhooks: []store.Webhook{w}}).Events[0]
		if e.URL != want || !e.Created || !e.Signed || e.Rotating != (want != "") {
			t.Errorf("%+v", e)
		}
	}
}
