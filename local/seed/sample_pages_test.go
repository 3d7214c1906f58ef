package seed_test

// pageSamples are the samples of functions/hub/assets and functions/hub/console.
func pageSamples() map[string]any {
	return map[string]any{
		"hub/console/link.json":      partnerCall("joinedly", "POST", "/v1/console-links", nil, `{"person":"Ada","role":"operator"}`),
		"hub/console/nobody.json":    call("GET", "/console", nil, "", nil),
		"hub/console/used-link.json": call("GET", "/console/{page+}", map[string]string{"page+": "sign-in/used"}, "", nil),
		"hub/assets/style.json":      call("GET", "/assets/{file}", map[string]string{"file": "000000000000.page.css"}, "", nil),
		"hub/assets/none.json":       call("GET", "/assets/{file}", map[string]string{"file": "none"}, "", nil),
	}
}
