package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/shared/api"
	"fulcrum/shared/store"
)

func TestAListOfWhatIsKnown(t *testing.T) {
	tests := map[string]struct {
		query   map[string]string
		status  int
		want    string
		further bool
	}{
		"has what is shown":                             {nil, 200, "[o-1=1 o-3=3]", false},
		"may be empty and have a next":                  {map[string]string{"limit": "1"}, 200, "[]", true},
		"may be shorter than asked for and have a next": {map[string]string{"limit": "2"}, 200, "[o-1=1]", true},
		"takes no limit that is none":                   {map[string]string{"limit": "0"}, 422, "", false},
	}
	synctest.Test(t, func(t *testing.T) {
		table := store.FromEnv(rig.New(t, aws.Options{}).Env(t, "HubApi"))
		for n := range 4 {
			o := store.Object{Connection: "con_1", Kind: "thing", ID: fmt.Sprintf("o-%d", n), State: fmt.Append(nil, n)}
			if err := table.Commit(t.Context(), store.Commit{Objects: []store.Object{o}}); err != nil {
				t.Fatal(err)
			}
		}
		for name, tt := range tests {
			r := by("acme")
			r.QueryStringParameters = tt.query
			out := handle(t, r, func(ctx context.Context, r *api.Request) (*api.Answer, error) {
				return api.Known(ctx, table, r, store.Connection{ID: "con_1"}, "thing", func(o store.Object, n int) *string {
					if n%2 == 0 {
						return nil
					}
					return new(fmt.Sprintf("%s=%d", o.ID, n))
				})
			})
			var got struct {
				Items      []string
				NextCursor string
			}
			if err := json.Unmarshal([]byte(out.Body), &got); err != nil || out.StatusCode != tt.status {
				t.Errorf("a list %s: %d, %v", name, out.StatusCode, err)
			}
			if tt.status == 200 && (fmt.Sprint(got.Items) != tt.want || (got.NextCursor != "") != tt.further) {
				t.Errorf("a list %s: got %v, next %q", name, got.Items, got.NextCursor)
			}
		}
	})
}
