package seed_test

// connectSamples are the samples of functions/hub/connect.
func connectSamples() map[string]any {
	const base = "/v1/connections/{c}"
	c := map[string]string{"c": "con_demo_joinedly"}
	return map[string]any{
		"hub/connect/create-link.json":      partnerCall("joinedly", "POST", "/v1/connect-links", nil, `{"customer":{"name":"Acme","reference":"acme"}}`),
		"hub/connect/connection.json":       partnerCall("joinedly", "GET", base, c, ""),
		"hub/connect/apply-settings.json":   partnerCall("joinedly", "PUT", base+"/settings", c, `{"version":0,"values":{"onMismatch":"hold","contacts":["ops@example.com"]}}`),
		"hub/connect/finish-setup.json":     partnerCall("joinedly", "POST", base+"/finish-setup", c, ""),
		"hub/connect/unknown-link.json":     call("GET", "/connect/{link}", map[string]string{"link": "nobody"}, "", nil),
		"hub/connect/foreign-callback.json": call("GET", "/connect/callback/{environment}", map[string]string{"environment": "production"}, "", nil),
		"hub/connect/sign.json":             map[string]string{"task": "sign"},
		"hub/connect/alert.json":            map[string]string{"task": "alert"},
		"hub/connect/end.json":              map[string]string{"task": "end"},
	}
}
