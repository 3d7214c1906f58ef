package partnertest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"fulcrum/shared/worker"
)

// previewed asks the sync function of all events that there were: with the mapping
// that they were worked off with nothing is news, until Lever says otherwise. Nothing
// is written but the rate's buckets, and nothing delivered.
func (k kit) previewed() {
	p := k.somebody()
	time.Sleep(time.Minute)
	k.Stop()
	before, arrived := k.keys(), len(k.Arrived(""))
	same := k.preview()
	if len(same.News) > 0 || same.Outcomes["unstated"] > 0 || len(same.Outcomes) == 0 {
		k.t.Errorf("with the same mapping: %+v", same)
	}
	off := map[string]bool{}
	for _, w := range k.C.Webhooks {
		off[string(w.Event)] = false
	}
	k.Do(k.Twin.Switch(k.Account, off))
	k.Do(k.Twin.Delete(k.Account, p.OpportunityID))
	if gone := k.preview(); len(gone.News) == 0 {
		k.t.Errorf("with somebody gone: %+v", gone)
	}
	if after := k.keys(); !slices.Equal(before, after) || len(k.Arrived("")) != arrived {
		k.t.Errorf("a preview leaves %q", slices.DeleteFunc(after, func(key string) bool { return slices.Contains(before, key) }))
	}
}

// preview is what all the connection's events would lead to.
func (k kit) preview() (out worker.Preview) {
	k.t.Helper()
	q := worker.Question{Connection: k.C.ID}
	for _, e := range k.Events(k.t, k.C.ID) {
		q.Events = append(q.Events, e.ID)
	}
	event, err := json.Marshal(map[string]any{"preview": q})
	k.Do(nil, err)
	answer, err := k.Invoke(k.t.Context(), k.sync(), event)
	k.Do(nil, err)
	k.Do(nil, json.Unmarshal(answer.Payload, &out))
	return out
}

// sync is the partner's sync function by its logical id, such as
// PartnerInterviewingIoSync.
func (k kit) sync() string {
	id := "Partner"
	for part := range strings.SplitSeq(k.Name, "-") {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id + "Sync"
}

// keys are the keys of all that is kept, but those of the rate.
func (k kit) keys() []string {
	k.t.Helper()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(k.Kept(k.t))), func(key string) bool { return strings.Contains(key, "RATE") })
}
