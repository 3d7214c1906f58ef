package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"time"

	"fulcrum/local/aws/ses"
	"fulcrum/local/seed"
	"fulcrum/local/twin/desk"
)

// hireTitle is the title of the mail about a hire, to the letter.
const hireTitle = "A candidate has been hired in Lever!"

// justworksRoster has two admins who may manage employees, and one who may not.
const justworksRoster = `{
	"admins": [
		{"id": "adm_1", "name": "Meg", "email": "meg@customer.example", "manageEmployees": true},
		{"id": "adm_2", "name": "Mo", "email": "mo@customer.example", "manageEmployees": true},
		{"id": "adm_3", "name": "Ned", "email": "ned@customer.example"}],
	"offices": [{"id": "off_1", "name": "Lisbon"}], "departments": [{"id": "dep_1", "name": "Product"}],
	"members": [{"id": "mem_1", "name": "Ruben Castell", "emails": ["ruben@customer.example"], "active": true}]}`

// pendingHire takes one hire from Lever to Justworks: the document, the mails, and
// what their link opens.
func (d demonstration) pendingHire(ctx context.Context) error {
	i := slices.IndexFunc(d.stack.Connections, func(c seed.Connection) bool { return c.Partner == "justworks" })
	if i < 0 {
		return fmt.Errorf("there is no demo connection of justworks")
	}
	c := d.stack.Connections[i]
	if err := c.Call(ctx, http.DefaultClient, http.MethodPut, d.stack.Gateway+"/v1/justworks/connections/"+c.ID+"/roster", json.RawMessage(justworksRoster), nil); err != nil {
		return err
	}
	opportunity, err := d.signed(c)
	if err != nil {
		return err
	}
	before := d.stack.Twin.Calls(c.Account)
	if _, err := d.stack.Twin.Hire(c.Account, opportunity, ""); err != nil {
		return err
	}
	arrived, err := d.arrival(ctx, c, opportunity, 1)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nA hire in Lever becomes a pending hire in Justworks, with %d calls of Lever's API:\n\n", d.stack.Twin.Calls(c.Account)-before)
	if err := d.fields(arrived.Body); err != nil {
		return err
	}
	return d.mails(ctx)
}

// signed adds somebody whose offer was signed outside of Lever, with everything in it
// that Justworks takes.
func (d demonstration) signed(c seed.Connection) (string, error) {
	summary, err := d.stack.Twin.Summary(c.Account)
	if err != nil {
		return "", err
	}
	job := summary.Postings[0]
	added, err := d.stack.Twin.AddCandidate(c.Account, desk.Candidate{Name: "Ada Lovelace", Email: "ada@example.com", Posting: job.ID, Stage: "offer"})
	if err != nil {
		return "", err
	}
	terms := offer()
	terms.Fields["direct_manager"], terms.Fields["custom_exemption_status"] = job.HiringManager, "Exempt"
	_, err = d.stack.Twin.AddOffer(c.Account, added.OpportunityID, terms)
	return added.OpportunityID, err
}

// fields prints the fields of a pending hire, and where each comes from or why it is
// empty.
func (d demonstration) fields(document []byte) error {
	var said struct {
		Data struct {
			Fields map[string]struct{ Value, Source, Reason string }
		}
	}
	if err := json.Unmarshal(document, &said); err != nil {
		return err
	}
	var names []string
	for name := range said.Data.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f := said.Data.Fields[name]
		fmt.Fprintf(d.out, "  %-20s %-22s %s%s\n", name, f.Value, f.Source, f.Reason)
	}
	if len(names) != 12 {
		return fmt.Errorf("%d fields instead of twelve", len(names))
	}
	return nil
}

// mails waits for the mail to the two admins who may manage employees, and opens its
// link.
func (d demonstration) mails(ctx context.Context) error {
	found, err := d.sent(ctx, 2)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.out)
	for _, m := range found {
		fmt.Fprintf(d.out, "  mail to %-26s %q\n", m.To[0], m.Subject)
	}
	link := regexp.MustCompile(`https?://\S+/justworks/review/\S+`).FindString(found[0].Text)
	page, err := d.read(ctx, link)
	if err != nil {
		return err
	}
	if !bytes.Contains(page, []byte("Ada Lovelace")) {
		return fmt.Errorf("the mail's link does not show the hire")
	}
	fmt.Fprintf(d.out, "  its link opens the pending hire, and shows nothing of pay\n")
	return nil
}

// sent are the mails about a hire, once there are as many as there have to be.
func (d demonstration) sent(ctx context.Context, want int) ([]ses.Mail, error) {
	for until := time.Now().Add(arrivalTime); ; time.Sleep(10 * time.Millisecond) {
		text, err := d.read(ctx, d.stack.Partner+"/_sandbox/mail")
		if err != nil {
			return nil, err
		}
		var all []ses.Mail
		if err := json.Unmarshal(text, &all); err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(m ses.Mail) bool { return m.Subject != hireTitle })
		switch {
		case len(all) == want:
			return all, nil
		case len(all) > want || time.Now().After(until):
			return nil, fmt.Errorf("%d mails about the hire, want %d", len(all), want)
		}
	}
}

// read is what is at an address that anybody may read.
func (d demonstration) read(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.New("not an address")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET was answered %d", res.StatusCode)
	}
	return answer, err
}
