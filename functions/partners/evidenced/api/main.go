// Command api answers Evidenced's calls.
package main

import (
	"fulcrum/functions/partners/evidenced"
	"fulcrum/shared/boot"
)

func main() { boot.Main(evidenced.APIFromEnv) }
