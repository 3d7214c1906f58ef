package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

// Offers are read only, and only below their opportunity.
func offerRoutes() []route {
	const read = "offers:read:admin"
	return []route{
		{"GET", "/opportunities/:opportunity/offers", read, optional, under(listOffers)},
		{"GET", "/opportunities/:opportunity/offers/:offer/download", read, optional, under(downloadOffer)},
	}
}

func listOffers(c *call, o *account.Opportunity) (answer, error) {
	return listAll(c, o.Offers(), func(offer *account.Offer) listed {
		return listed{at: offer.CreatedAt, id: offer.ID, object: offer}
	})
}

func downloadOffer(c *call, o *account.Opportunity) (answer, error) {
	offer, err := o.Offer(c.path["offer"])
	if err != nil {
		return answer{}, err
	}
	status := c.query.Get("status")
	if status != "" && status != "sent" && status != "signed" {
		return answer{}, account.Invalid("status is sent or signed")
	}
	name, content, err := offer.Letter(status)
	return answer{status: http.StatusOK, raw: &download{name, content}}, err
}
