package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"

	"fulcrum/local/elsewhere"
)

// outside deploys the transformed template into moto, and runs the tests of
// local/elsewhere on it, with the table in DynamoDB Local where that is installed, too.
func outside(ctx context.Context, root string, _ []string) error {
	started, stop := foreigners(ctx, root)
	defer stop()
	at := map[string]string{}
	for _, f := range started {
		at[f.name] = f.url
	}
	if at["moto"] == "" {
		return nil // said already: nothing else here has queues and secrets
	}
	names, env := "moto", []string{"AWS_ENDPOINT_URL=" + at["moto"]}
	if local := at["dynamodb-local"]; local != "" {
		older, stop, err := before(local)
		if err != nil {
			return err
		}
		defer stop()
		names, env = names+",dynamodb-local", append(env, "AWS_ENDPOINT_URL_DYNAMODB="+older)
	}
	env = append(env, "ELSEWHERE="+names)
	fmt.Println(strings.Join(env, " "))
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-p=1", "-run=Elsewhere|IntoMoto", "./local/transformed", "./local/elsewhere")
	test.Dir, test.Stdout, test.Stderr = root, os.Stdout, os.Stderr
	test.Env = append(os.Environ(), env...)
	return test.Run()
}

// before serves elsewhere.Older before the DynamoDB Local at an address.
func before(address string) (older string, stop func(), err error) {
	target, err := url.Parse(address)
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: elsewhere.Older(target)} // stop ends it
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "before DynamoDB Local:", err)
		}
	}()
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}
