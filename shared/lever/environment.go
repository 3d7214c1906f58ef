package lever

import (
	"fmt"
	"strings"
)

// Environment is one of Lever's installations: accounts, apps and tokens of one
// are unknown to the others.
type Environment struct {
	Name string
	// API is the address of the Data API with its version.
	API string
	// Auth is where authorize and oauth/token are.
	Auth string
	// Audience has to be named at authorization, with its last slash; without it
	// the consent grants nothing.
	Audience string
}

// The environments. Accounts in the EU have hosts of their own for the API;
// consent is routed to their region.
const (
	Production = "production"
	Sandbox    = "sandbox"
	EU         = "eu"
)

// EnvironmentOf is the environment of that name. override, where it is not empty,
// is the address of a Lever twin that stands for all of them.
func EnvironmentOf(name, override string) (Environment, error) {
	known := map[string]Environment{
		Production: {Production, "https://api.lever.co/v1", "https://auth.lever.co", "https://api.lever.co/v1/"},
		Sandbox:    {Sandbox, "https://api.sandbox.lever.co/v1", "https://sandbox-lever.auth0.com", "https://api.sandbox.lever.co/v1/"},
		EU:         {EU, "https://api.eu.lever.co/v1", "https://auth.lever.co", "https://api.lever.co/v1/"},
	}
	e, ok := known[name]
	if !ok {
		return e, fmt.Errorf("lever: there is no environment %.20q; there are production, sandbox and eu", name)
	}
	if override != "" {
		base := strings.TrimSuffix(override, "/")
		e.API, e.Auth, e.Audience = base+"/v1", base, base+"/v1/"
	}
	return e, nil
}
