// Command api answers Brainner's calls.
package main

import (
	"fulcrum/functions/partners/brainner"
	"fulcrum/shared/boot"
)

func main() { boot.Main(brainner.APIFromEnv) }
