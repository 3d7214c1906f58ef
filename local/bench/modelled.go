package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/sandbox"
	"fulcrum/local/twin/api"
)

// far is how long Lever and a partner take to answer, in milliseconds. Nobody publishes
// what they do.
const far = 200

// near are the medians of AWS's answers in milliseconds that the modelled way stands
// on: of SQS until a function has the message, measured by others in 2022; of DynamoDB,
// measured by others in 2020.
func near() []aws.Fault {
	return []aws.Fault{
		{Service: "sqs", Action: "SendMessage", DelayMS: 16, Times: -1},
		{Service: "dynamodb", Action: "TransactWriteItems", DelayMS: 25, Times: -1},
		{Service: "dynamodb", Action: "GetItem", DelayMS: 4, Times: -1},
		{Service: "dynamodb", Action: "Query", DelayMS: 4, Times: -1},
		{Service: "dynamodb", Action: "*Item", DelayMS: 8, Times: -1},
	}
}

// modelled takes hires from Lever to Joinedly while everybody takes as long to answer
// as in the world.
func (r *run) modelled(ctx context.Context) (err error) {
	c := r.stack.Connections[0]
	for _, f := range near() {
		if err := r.inject(ctx, http.MethodPost, f); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, r.inject(ctx, http.MethodDelete, aws.Fault{})) }()
	if err := r.stack.Twin.Inject(api.Fault{Match: "GET /v1/*", DelayMS: far, Times: -1}); err != nil {
		return err
	}
	defer r.stack.Twin.Heal()
	r.stack.Sandbox.Inject(sandbox.Fault{DelayMS: far, Times: -1})
	defer r.stack.Sandbox.ClearFaults()
	for range hires {
		took, err := r.hire(ctx, c)
		if err != nil {
			return err
		}
		end := time.Now()
		r.raw("hire to partner ms, modelled", millis(took))
		r.raw("of it AWS ms", millis(r.watch.during(end.Add(-took), end)))
		time.Sleep(refill)
	}
	took := r.report.Raw["hire to partner ms, modelled"]
	r.add(
		Row{Metric: "hire in Lever → document at the partner, all modelled, p50", Value: median(took), Unit: "ms", Goal: new(500.0),
			Note: fmt.Sprintf("%d of it are Lever and the partner, %.0f AWS: SQS 16, DynamoDB 4, 8, transactions 25", 2*far, median(r.report.Raw["of it AWS ms"]))},
		Row{Metric: "hire in Lever → document at the partner, all modelled, p99", Value: quantile(took, 0.99), Unit: "ms", Goal: new(1500.0)},
	)
	return nil
}

// inject adds a fault to the embedded AWS, or heals it.
func (r *run) inject(ctx context.Context, method string, f aws.Fault) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, r.stack.AWS+"/_aws/faults", bytes.NewReader(text))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("a fault is answered %d (%v)", res.StatusCode, err)
	}
	return nil
}
