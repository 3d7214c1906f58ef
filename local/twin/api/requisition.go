package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

// requisitionRoutes read only; people make requisitions.
func requisitionRoutes() []route {
	const read = "requisitions:read:admin"
	return []route{
		{"GET", "/requisitions", read, optional, listRequisitions},
		{"GET", "/requisitions/:requisition", read, optional, getRequisition},
	}
}

func listRequisitions(c *call) (answer, error) {
	f := account.RequisitionFilter{Codes: c.query["requisition_code"], Statuses: c.query["status"]}
	var errs [2]error
	f.Created, errs[0] = c.span("created_at")
	f.Confidential, f.NonConfidential, errs[1] = c.seen()
	if err := first(errs[:]); err != nil {
		return answer{}, err
	}
	return listAll(c, c.account.Requisitions(f), func(r *account.Requisition) listed {
		return listed{at: r.CreatedAt, id: r.ID, object: r}
	})
}

func getRequisition(c *call) (answer, error) {
	r, err := c.account.Requisition(c.path["requisition"])
	if err != nil {
		return answer{}, err
	}
	if r.Confidentiality == "confidential" && !c.who.confidential {
		return answer{}, account.Forbidden("requisition %s is confidential", r.ID)
	}
	return c.object(http.StatusOK, r)
}
