// Command api is Justworks' own part of /v1, and the page that its mails' links
// open.
package main

import (
	"fulcrum/functions/partners/justworks"
	"fulcrum/shared/boot"
)

func main() { boot.Main(justworks.APIFromEnv) }
