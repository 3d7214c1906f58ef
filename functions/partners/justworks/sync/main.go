// Command sync works off Justworks' queue, and sends the mails of it.
package main

import (
	"fulcrum/functions/partners/justworks"
	"fulcrum/shared/boot"
)

func main() { boot.Main(justworks.SyncFromEnv) }
