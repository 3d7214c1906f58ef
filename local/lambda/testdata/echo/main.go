// Command echo is the function of the tests of package lambda. Its event says
// what it does.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string
	Text string
	MS   int
}

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		fmt.Println("init printed this")
		os.Exit(7)
	case "hang":
		time.Sleep(time.Hour)
	case "report":
		post("/2018-06-01/runtime/init/error", `{"errorType":"Init.Sad","errorMessage":"no table"}`)
		os.Exit(1)
	case "once":
		if _, err := os.Stat(os.Getenv("MARK")); err != nil {
			os.WriteFile(os.Getenv("MARK"), nil, 0o644)
			os.Exit(8)
		}
	}
	lambda.StartWithOptions(handle, lambda.WithEnableSIGTERM(func() {
		if os.Getenv("STUBBORN") == "" {
			os.Exit(0)
		}
	}))
}

func handle(ctx context.Context, e event) (any, error) {
	time.Sleep(time.Duration(e.MS) * time.Millisecond)
	switch e.Do {
	case "print":
		fmt.Print(e.Text)
	case "error":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(3)
	case "leave":
		os.Exit(0)
	case "answer and exit":
		go func() {
			time.Sleep(time.Duration(e.MS) * time.Microsecond)
			os.Exit(4)
		}()
	case "large":
		return strings.Repeat("x", 6<<20+100), nil
	case "child":
		cmd := exec.Command("sleep", "600")
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		return cmd.Process.Pid, nil
	case "call":
		return call(e.Text)
	case "context":
		return about(ctx), nil
	}
	return os.Getpid(), nil
}

func about(ctx context.Context) map[string]string {
	deadline, _ := ctx.Deadline()
	lc, _ := lambdacontext.FromContext(ctx)
	out := map[string]string{
		"remaining": time.Until(deadline).Round(time.Second).String(),
		"request":   lc.AwsRequestID,
		"arn":       lc.InvokedFunctionArn,
	}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		out[name] = value
	}
	out["folder"], _ = os.Getwd()
	return out
}

// call asks the Runtime API for "METHOD path", and tells the status.
func call(what string) (int, error) {
	method, path, _ := strings.Cut(what, " ")
	req, err := http.NewRequest(method, "http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+path, strings.NewReader("{}"))
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func post(path, body string) {
	res, err := http.Post("http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+path, "application/json", strings.NewReader(body))
	if err == nil {
		res.Body.Close()
	}
}
