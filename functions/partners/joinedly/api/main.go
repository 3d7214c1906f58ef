// Command api is Joinedly's own part of /v1.
package main

import (
	"fulcrum/functions/partners/joinedly"
	"fulcrum/shared/boot"
)

func main() { boot.Main(joinedly.APIFromEnv) }
