package interviewingio

import (
	"context"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/lever"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Clients makes the Lever client of a connection; see account.Accounts.
type Clients interface {
	Client(ctx context.Context, c store.Connection, class rate.Class) (*lever.Client, error)
}

// Routes are interviewing.io's part of /v1: results on their way to Lever, and the
// stages to choose the default from.
//
//	POST /v1/interviewing-io/connections/{c}/interviews
//	GET  /v1/interviewing-io/connections/{c}/interviews/{i}
//	GET  /v1/interviewing-io/connections/{c}/stages
func Routes(table *store.Table, actions *action.Intake, clients Clients) api.Routes {
	const base = "/v1/interviewing-io/connections/{c}/"
	n := intake{table: table, actions: actions}
	return api.Routes{
		"POST " + base + "interviews":    api.Of(table, n.take),
		"GET " + base + "interviews/{i}": api.Of(table, n.show),
		"GET " + base + "stages":         api.Of(table, stages(clients)),
	}
}

// stages lists Lever's stages in the order of the pipeline, as they are now.
func stages(clients Clients) func(context.Context, *api.Request, store.Connection) (*api.Answer, error) {
	return func(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
		if err := api.Only(r); err != nil {
			return nil, err
		}
		client, err := clients.Client(ctx, c, rate.Interactive)
		if err != nil {
			return nil, err
		}
		all, err := lever.Collect(client.Stages(ctx))
		if err != nil {
			return nil, err
		}
		items := make([]Stage, 0, len(all))
		for _, s := range all {
			items = append(items, Stage{ID: s.ID, Text: s.Text})
		}
		return api.List(items, "")
	}
}
