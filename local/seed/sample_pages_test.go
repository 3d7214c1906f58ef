package seed_test

// pageSamples are the samples of functions/hub/assets.
func pageSamples() map[string]any {
	return map[string]any{
		"hub/assets/style.json": call("GET", "/assets/{file}", map[string]string{"file": "000000000000.page.css"}, "", nil),
		"hub/assets/none.json":  call("GET", "/assets/{file}", map[string]string{"file": "none"}, "", nil),
	}
}
