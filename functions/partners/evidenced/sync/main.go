// Command sync works off Evidenced's queue.
package main

import (
	"fulcrum/functions/partners/evidenced"
	"fulcrum/shared/boot"
)

func main() { boot.Main(evidenced.SyncFromEnv) }
