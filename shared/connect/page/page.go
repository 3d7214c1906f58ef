// Package page is what the customer's set-up pages show: plain HTML that works
// without scripts. It decides nothing; whoever fills a page in does.
package page

import (
	"embed"

	"fulcrum/shared/connect/permission"
	"fulcrum/shared/frame"
	"fulcrum/shared/status"
)

// Frame is what all set-up pages have.
type Frame struct {
	frame.Frame
	// Partner is the partner's name, empty where the partner is not known.
	Partner string
	// Action is the address of the link, below which forms post.
	Action string
	// Steps are the steps of set-up, none on a page that is no step.
	Steps []Step
}

// Step is one step of set-up. Here says that the page is it.
type Step struct {
	Name string
	Here bool
}

// Start is the page of a link that is not open yet.
type Start struct {
	Frame
	Customer string
	Does     []string
	Guide    []string
}

// Connect is the page on which a customer gives consent or an API key.
type Connect struct {
	Frame
	Button string
	Does   []string
	// ByKey asks for an API key; Results say what the last one allows.
	ByKey   bool
	Results []permission.Result
	// Confidential offers to include confidential postings.
	Confidential bool
	// Tokens offers to type in a signature token, after consent.
	Tokens bool
	// Lost says since when the connection is lost, empty where it never was there,
	// and Kept how many events wait for it.
	Lost string
	Kept int
	// ReturnTo is where set-up began, and may be empty.
	ReturnTo string
}

// Leave is the page from which a browser goes to Lever.
type Leave struct {
	Frame
	Address string
}

// Setup is the page of a connection that has its credential.
type Setup struct {
	Frame
	Webhooks Webhooks
	Typed    bool
	// Settings are what can be chosen, and Version the one that they take the place
	// of. First says that they come before anything else is shown.
	Settings []Field
	Version  int64
	First    bool
	// Credential is how the connection is given another credential.
	Credential Connect
	Apply      string
	ReturnTo   string
	// Customer is the name that is typed to disconnect.
	Customer string
	Guide    []string
	// Match is what can be matched, such as offices and teams, empty for nothing.
	Match string
	// Imports are those that begin with the connection.
	Imports Imports
}

// Imports is the part of the page that says how far they are. It renews itself while
// it is Live.
type Imports struct {
	Frame
	Rows []Import
	Live bool
}

// Import is one import.
type Import struct {
	Name, State string
	// Read is how many objects were read so far.
	Read int
	// Calls and Minutes are what is left, about; zero where nobody can say.
	Calls, Minutes int
	Done, Stopped  bool
}

// Webhooks is the part of the page that renews itself while something is awaited.
type Webhooks struct {
	Frame
	State   status.State
	Events  []Event
	Missing []string
	ByHand  bool
	// Complete says that set-up is finished, and Live that something from Lever is
	// awaited.
	Complete, Live bool
}

// Event is a row of the webhooks.
type Event struct {
	Name, Title           string
	Required              bool
	Created, Signed, Seen bool
	// Tested says that Lever's test request was seen.
	Tested                  bool
	URL, SeenAt, VerifiedAt string
}

// Message is a page that says what happened and how to go on.
type Message struct {
	Frame
	Text []string
	// Again leads back to the link, where that is this browser's.
	Again bool
}

//go:embed *.html
var files embed.FS

// New reads the templates.
func New() (*frame.Pages, error) { return frame.New(files) }
