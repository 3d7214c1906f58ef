package bench

import (
	"maps"
	"slices"
	"strings"
)

// prices are list prices of us-east-1 in dollars a million, without free tiers, as
// of November 2026; they were read from third parties' pages and are to be looked
// up before anybody relies on them.
func prices() map[string]float64 {
	return map[string]float64{
		"gateway":            1.00, // HTTP API request
		"lambda request":     0.20,
		"lambda GB-second":   13.3334,
		"sqs":                0.40, // up to 64 KB
		"dynamodb write":     0.625,
		"dynamodb read":      0.125, // half a unit: eventually consistent, up to 4 KB
		"dynamodb read sure": 0.25,
		"secretsmanager":     5.00,
		"log kilobyte":       0.50,
	}
}

// units is what one call of DynamoDB counts. A transaction's items count twice, and
// the item that a sparse index holds once more.
func units() map[string]struct {
	price string
	n     float64
} {
	type unit = struct {
		price string
		n     float64
	}
	return map[string]unit{
		"GetItem": {"dynamodb read sure", 1}, "Query": {"dynamodb read sure", 1},
		"PutItem": {"dynamodb write", 2}, "UpdateItem": {"dynamodb write", 1}, "DeleteItem": {"dynamodb write", 1},
		"TransactWriteItems": {"dynamodb write", 2 * 3},
	}
}

// charge prices the calls that a number of hires made, for a million of them, when
// each comes alone: batches make it less.
func (r *run) charge(calls map[string]int, of int) {
	price := prices()
	var total float64
	var requests float64
	for _, what := range slices.Sorted(maps.Keys(calls)) {
		n := float64(calls[what]) / float64(of)
		words := strings.Fields(what) // function, service, action
		if len(words) < 3 || strings.HasPrefix(words[0], "Hub") && words[0] != "HubDeliver" {
			continue // the clock's, which no hire causes
		}
		requests += n
		r.report.Raw["AWS requests of a hire: "+what] = []float64{n}
		switch words[1] {
		case "dynamodb":
			u := units()[words[2]]
			total += n * u.n * price[u.price]
		default:
			total += n * price[words[1]]
		}
	}
	// Three functions are invoked; each receives and deletes its message but the
	// first, which the gateway calls.
	const invocations, received, seconds, gigabytes, logged = 3, 2, 0.05, 0.25, 2.0
	total += price["gateway"] + invocations*price["lambda request"] + 2*received*price["sqs"] +
		invocations*seconds*gigabytes*price["lambda GB-second"] + logged*price["log kilobyte"]
	goal := 20.0
	r.add(
		Row{Metric: "AWS requests of a hire, all functions", Value: requests, Goal: new(24.0), Checked: true},
		Row{Metric: "cost of a million hires, each alone", Value: total, Unit: "$", Goal: &goal, Checked: true,
			Note: "list prices of November 2026; 3 invocations of 50 ms at 256 MB, 2 KB of logs assumed"},
	)
}
