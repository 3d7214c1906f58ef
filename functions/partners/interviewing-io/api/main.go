// Command api answers interviewing.io's calls.
package main

import (
	interviewingio "fulcrum/functions/partners/interviewing-io"
	"fulcrum/shared/boot"
)

func main() { boot.Main(interviewingio.APIFromEnv) }
