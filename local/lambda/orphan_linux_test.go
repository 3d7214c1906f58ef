package lambda_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"fulcrum/local/lambda"
)

// TestRunnerThatIsKilled is no test: it is the process that the next test kills.
func TestRunnerThatIsKilled(t *testing.T) {
	binary := os.Getenv("RUN_ECHO")
	if binary == "" {
		t.Skip("only run by TestNothingIsLeftWhenTheRunnerIsKilled")
	}
	p, err := lambda.New(lambda.Options{Log: os.Stderr, Functions: []lambda.Function{{Name: "Echo", Bootstrap: binary, Timeout: time.Minute, Memory: 128}}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Invoke(t.Context(), "Echo", []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("pid %s\n", a.Payload)
	select {}
}

func TestNothingIsLeftWhenTheRunnerIsKilled(t *testing.T) {
	binary, err := echo()
	if err != nil {
		t.Fatal(err)
	}
	runner := exec.Command(os.Args[0], "-test.run=^TestRunnerThatIsKilled$", "-test.v")
	runner.Env = append(os.Environ(), "RUN_ECHO="+binary)
	out, err := runner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(); err != nil {
		t.Fatal(err)
	}
	function := 0
	for lines := bufio.NewScanner(out); function == 0 && lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "pid "); ok {
			if function, err = strconv.Atoi(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !alive(function) || function == 0 {
		t.Fatal("the function does not run")
	}
	if err := runner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := runner.Wait(); err == nil {
		t.Error("the runner ended well")
	}
	eventually(t, "the function ends", func() bool { return !alive(function) })
}
