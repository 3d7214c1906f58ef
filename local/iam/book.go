package iam

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"fulcrum/local/aws"
	"fulcrum/local/template"
)

// Book notes which function has asked for what. The zero Book is empty. It is safe
// for concurrent use.
type Book struct {
	mu   sync.Mutex
	seen map[string]map[Permission]bool
}

// Note notes a call. One that named nothing that is there asks for nothing.
func (b *Book) Note(r aws.Record) {
	for _, p := range Calls(r) {
		b.Add(r.Caller, p)
	}
}

// Add notes a permission that a function needs.
func (b *Book) Add(function string, p Permission) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen == nil {
		b.seen = map[string]map[Permission]bool{}
	}
	if b.seen[function] == nil {
		b.seen[function] = map[Permission]bool{}
	}
	b.seen[function][p] = true
}

// Of are the permissions that a function has asked for.
func (b *Book) Of(function string) []Permission {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Keys(b.seen[function]), compare)
}

// Functions are those that have asked for anything.
func (b *Book) Functions() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.seen))
}

func compare(a, b Permission) int { return strings.Compare(a.String(), b.String()) }

// Platform notes what Lambda does in the name of a function without any call of it:
// logs and traces, taking messages from its queue, keeping records of runs in vain,
// and the use of the key under which table and secrets are. Lambda developer guide,
// "Execution role permissions"; DynamoDB developer guide, "DynamoDB encryption at rest
// usage notes"; Secrets Manager user guide, "Secret encryption and decryption".
func (b *Book) Platform(w template.Wiring, values template.Values) {
	for _, f := range w.Functions {
		for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
			b.Add(f.ID, Permission{action, values[f.ID+"Logs"]["Arn"]})
		}
		for _, action := range []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"} {
			b.Add(f.ID, Permission{action, "*"})
		}
		if f.Failed != "" {
			b.Add(f.ID, Permission{"sqs:SendMessage", f.Failed})
		}
		for _, p := range b.Of(f.ID) {
			for _, action := range underKey(p.Action) {
				b.Add(f.ID, Permission{action, values["Key"]["Arn"]})
			}
		}
	}
	for _, source := range w.Queues {
		for _, action := range []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"} {
			b.Add(source.Function, Permission{action, source.Queue})
		}
	}
}

// underKey are the uses of the customer's key that a call leads to.
func underKey(action string) []string {
	service, name, _ := strings.Cut(action, ":")
	switch {
	case service == "dynamodb":
		return []string{"kms:Decrypt@dynamodb", "kms:DescribeKey@dynamodb"}
	case service == "secretsmanager" && name == "GetSecretValue":
		return []string{"kms:Decrypt@secretsmanager"}
	case service == "secretsmanager":
		return []string{"kms:Decrypt@secretsmanager", "kms:GenerateDataKey@secretsmanager"}
	}
	return nil
}

// Write writes one line for each permission: function, action, resource.
func (b *Book) Write(w io.Writer) error {
	for _, function := range b.Functions() {
		for _, p := range b.Of(function) {
			if _, err := fmt.Fprintln(w, function, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// Read adds the lines that Write has written.
func (b *Book) Read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		part := strings.Fields(lines.Text())
		if len(part) != 3 {
			return fmt.Errorf("%q is not function, action and resource", lines.Text())
		}
		b.Add(part[0], Permission{part[1], part[2]})
	}
	return lines.Err()
}
