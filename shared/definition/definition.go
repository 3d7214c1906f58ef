// Package definition is the form of partner.json: what the set-up of a partner
// consists of, how its customers connect, which webhooks it needs, and what they
// can choose.
package definition

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"fulcrum/shared/lever"
)

// Definition is what the set-up of a partner consists of.
type Definition struct {
	// Name is the partner's folder.
	Name string `json:"-"`
	// Title is the partner's name as people read it.
	Title string `json:"title"`
	// Support is the address for what a set-up page cannot solve.
	Support string `json:"support"`
	// Guide is what is done where, step by step, for who reads before they begin. It
	// may be empty.
	Guide    []string `json:"guide,omitempty"`
	Connect  Connect  `json:"connect"`
	Webhooks Webhooks `json:"webhooks"`
	// Apply is the word on the button that applies settings.
	Apply string `json:"apply"`
	// SettingsFirst says that settings are applied before the webhooks are shown.
	SettingsFirst bool `json:"settingsFirst,omitempty"`
	// Settings are what the customer can choose.
	Settings []Setting `json:"settings"`
	// Imports are what is imported of the partner's own accord.
	Imports Imports `json:"imports,omitzero"`
}

// Imports are kinds of imports of the partner's, each begun when the one before has
// ended; see backfill.Plan.
type Imports struct {
	// First is what is imported right after connecting.
	First []string `json:"first"`
	// Again is what is read again every 15 minutes.
	Again []string `json:"again"`
}

// Method is how a customer connects.
type Method string

// A customer gives consent to the partner's app in Lever, or types in an API key
// that Lever has issued.
const (
	OAuth  Method = "oauth"
	APIKey Method = "apiKey"
)

// Connect is how a customer connects, and to what.
type Connect struct {
	By Method `json:"by"`
	// Button is the word on the button that begins it.
	Button string `json:"button"`
	// Does says in a few lines what is read and written, for who consents.
	Does []string `json:"does"`
	// Scopes are the least that the app needs; see Setting.Scope for more. Only
	// for OAuth.
	Scopes []string `json:"scopes,omitempty"`
	// Permissions are what an API key must allow. Only for APIKey: Lever does not
	// let a key's permissions be changed later.
	Permissions []Permission `json:"permissions,omitempty"`
}

// Permission is something that an API key must allow.
type Permission string

// The permissions that can be checked without leaving anything in Lever.
const (
	ReadOpportunities   Permission = "readOpportunities"
	CreateOpportunities Permission = "createOpportunities"
	UpdateTags          Permission = "updateTags"
	UpdateLinks         Permission = "updateLinks"
	CreateNotes         Permission = "createNotes"
	DeleteNotes         Permission = "deleteNotes"
	ReadStages          Permission = "readStages"
	ReadUsers           Permission = "readUsers"
	ReadPostings        Permission = "readPostings"
	ReadContacts        Permission = "readContacts"
	ReadArchiveReasons  Permission = "readArchiveReasons"
)

// Maker is who makes the webhooks in Lever.
type Maker string

// Webhooks are made by the integration through Lever's API, or by the customer on
// Lever's Webhooks page. Only who made a webhook can change it.
const (
	Integration Maker = "integration"
	Customer    Maker = "customer"
)

// Webhooks are the webhooks of a partner.
type Webhooks struct {
	MadeBy Maker `json:"madeBy"`
	// TypedTokens says that a person can type in a signature token that Lever
	// shows, at any time. Where the customer makes the webhooks there is no other
	// way.
	TypedTokens bool    `json:"typedTokens"`
	Events      []Event `json:"events"`
}

// Event is a webhook event that a partner uses.
type Event struct {
	Event lever.Event `json:"event"`
	// Title is how the event is called where the customer switches it on.
	Title string `json:"title"`
	// Required events must have been seen before a connection is connected.
	Required bool `json:"required"`
}

// Required are the events without which the partner does not work.
func (w Webhooks) Required() []lever.Event {
	var all []lever.Event
	for _, e := range w.Events {
		if e.Required {
			all = append(all, e.Event)
		}
	}
	return all
}

// Setting is the partner's setting of that name.
func (d Definition) Setting(name string) (Setting, bool) {
	for _, s := range d.Settings {
		if s.Name == name {
			return s, true
		}
	}
	return Setting{}, false
}

// Matched are the settings that are matched name by name; see Setting.Match.
func (d Definition) Matched() []Setting {
	var all []Setting
	for _, s := range d.Settings {
		if s.Match != nil {
			all = append(all, s)
		}
	}
	return all
}

// Parse reads a partner.json; name is the partner's. Members that a definition does not have are refused,
// so that a slip of the pen does not pass for a choice.
func Parse(name string, text []byte) (Definition, error) {
	d := Definition{Name: name}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, fmt.Errorf("definition of %s: %w", name, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return d, fmt.Errorf("definition of %s: more than one JSON value", name)
	}
	if err := d.check(); err != nil {
		return d, fmt.Errorf("definition of %s: %w", name, err)
	}
	return d, nil
}
