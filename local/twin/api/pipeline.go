package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

// pipelineRoutes are the short lists that describe an account.
func pipelineRoutes() []route {
	return []route{
		{"GET", "/stages", "stages:read:admin", optional, listStages},
		{"GET", "/stages/:stage", "stages:read:admin", optional, getStage},
		{"GET", "/disposition_stages", "stages:read:admin", optional, listDispositions},
		{"GET", "/archive_reasons", "archive_reasons:read:admin", optional, listReasons},
		{"GET", "/archive_reasons/:reason", "archive_reasons:read:admin", optional, getReason},
		{"GET", "/sources", "sources:read:admin", optional, listSources},
		{"GET", "/tags", "tags:read:admin", optional, listTags},
	}
}

func listStages(c *call) (answer, error) { return whole(c, c.account.Stages()) }

func getStage(c *call) (answer, error) {
	s, err := c.account.Stage(c.path["stage"])
	return done(c, http.StatusOK, s, err)
}

func listDispositions(c *call) (answer, error) { return data(http.StatusOK, c.account.Dispositions()) }

func listReasons(c *call) (answer, error) {
	kind := c.query.Get("type")
	if kind != "" && kind != account.Hired && kind != account.NonHired {
		return answer{}, account.Invalid("type is hired or non-hired")
	}
	return whole(c, c.account.Reasons(kind))
}

func getReason(c *call) (answer, error) {
	r, err := c.account.Reason(c.path["reason"])
	return done(c, http.StatusOK, r, err)
}

func listSources(c *call) (answer, error) { return whole(c, c.account.Sources()) }

func listTags(c *call) (answer, error) { return whole(c, c.account.Tags()) }
