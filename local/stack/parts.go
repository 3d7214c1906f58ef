package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/local/aws"
	"fulcrum/local/keep"
	"fulcrum/local/provision"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/twin"
	"fulcrum/shared/boot"
	"fulcrum/shared/store"
)

// The places of the servers behind the gateway's port.
const (
	portGateway = iota
	portLever
	portPartner
	portAWS
	ports
)

// listen takes all ports before anything else is done, so that a taken one costs
// nothing.
func (s *Stack) listen() error {
	for i := range ports {
		address := "127.0.0.1:0"
		if s.options.Port != 0 {
			address = fmt.Sprintf("127.0.0.1:%d", s.options.Port+i)
		}
		l, err := net.Listen("tcp", address)
		if err != nil && i != portGateway {
			l, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			return fmt.Errorf("port %d is taken; choose another with PORT=…", s.options.Port)
		}
		s.listeners = append(s.listeners, l)
	}
	at := func(i int) string { return "http://" + s.listeners[i].Addr().String() }
	s.Gateway, s.Lever, s.Partner, s.AWS = at(portGateway), at(portLever), at(portPartner), at(portAWS)
	return nil
}

func (s *Stack) serve(port int, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	s.servers = append(s.servers, server)
	l := s.listeners[port]
	s.serving.Go(func() {
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			slog.Error("server ended", "address", l.Addr().String(), "error", err.Error())
		}
	})
}

// services are the names that AWS_ENDPOINT_URL_<service> ends with.
var services = [...]string{"DYNAMODB", "SQS", "SECRETS_MANAGER", "SESV2"}

// elsewhere is the endpoint that the environment names for a service.
func (s *Stack) elsewhere(service string) string {
	if url := s.options.Getenv("AWS_ENDPOINT_URL_" + service); url != "" {
		return url
	}
	return s.options.Getenv("AWS_ENDPOINT_URL")
}

// endpoints are the variables by which functions find AWS.
func (s *Stack) endpoints() map[string]string {
	variables := map[string]string{}
	for _, service := range services {
		url := s.elsewhere(service)
		if url == "" {
			url = s.AWS
		}
		variables["AWS_ENDPOINT_URL_"+service] = url
	}
	return variables
}

// openStores opens the files in which Lever and the partner keep their state.
func (s *Stack) openStores() error {
	var err error
	if s.keepLever, err = keep.Open(s.options.DataDir, "lever.db"); err != nil {
		return err
	}
	s.keepPartner, err = keep.Open(s.options.DataDir, "partner.db")
	return err
}

// openAWS opens the embedded engine unless every service is elsewhere, and the
// runner's own clients.
func (s *Stack) openAWS() error {
	engine, err := aws.New(aws.Options{Dir: s.options.DataDir, Landed: true, Observe: s.sawAWS})
	if err != nil {
		return err
	}
	s.engine = engine
	mux := http.NewServeMux()
	mux.HandleFunc("/_aws/faults", engine.ServeFaults)
	mux.Handle("/", engine)
	s.serve(portAWS, mux)
	// A long poll takes 20 seconds.
	patience := boot.Patience{Attempt: 30 * time.Second, Attempts: 3, Backoff: time.Second}
	env := s.env(nil)
	s.clients = provision.Clients{
		DynamoDB: dynamodb.NewFromConfig(env.AWS("DYNAMODB", patience)),
		SQS:      sqs.NewFromConfig(env.AWS("SQS", patience)),
		Secrets:  secretsmanager.NewFromConfig(env.AWS("SECRETS_MANAGER", patience)),
		Mail:     sesv2.NewFromConfig(env.AWS("SESV2", patience)),
	}
	return nil
}

// openMail makes the sender of mail. Another AWS may not have SES at all: then all
// but the mail goes on.
func (s *Stack) openMail(ctx context.Context) {
	if err := s.clients.Sender(ctx); err != nil {
		logger(s.options.Log).Warn("no mail is sent", "error", err.Error())
	}
}

// env is an environment in this process, with a function's variables.
func (s *Stack) env(variables map[string]string) *boot.Env {
	common := s.endpoints()
	common["AWS_REGION"], common["AWS_ACCESS_KEY_ID"], common["AWS_SECRET_ACCESS_KEY"] = aws.Region, "runner", "local"
	return boot.NewEnv(func(name string) string {
		if v, ok := variables[name]; ok {
			return v
		}
		return common[name]
	})
}

// connect opens Lever and the sandbox, and makes the demo connections.
func (s *Stack) connect(ctx context.Context) error {
	var err error
	if s.Twin, err = twin.New(twin.Options{BaseURL: s.Lever, Store: s.keepLever}); err != nil {
		return err
	}
	s.serve(portLever, s.Twin)
	receives := sandbox.Options{Secrets: seed.EndpointSecrets(), Observe: s.sawDelivery, Store: s.keepPartner}
	if s.elsewhere("SESV2") == "" {
		receives.Mail = s.engine.Mails
	}
	if s.Sandbox, err = sandbox.New(receives); err != nil {
		return err
	}
	s.serve(portPartner, s.Sandbox)

	hooks, sync, apps := map[string]string{}, map[string]string{}, ""
	for _, f := range s.Wiring.Functions {
		if strings.HasPrefix(f.ID, "Webhook") {
			hooks = f.Environment
		}
		if strings.HasSuffix(f.ID, "Sync") {
			sync = f.Environment
		}
		if prefix := f.Environment["OAUTH_SECRET_PREFIX"]; prefix != "" {
			apps = prefix
		}
	}
	place := seed.Stack{
		Desk: s.Twin.Desk, Table: store.FromEnv(s.env(sync)), Secrets: s.clients.Secrets,
		HookKey: hooks["HOOK_KEY_SECRET"], SigningPrefix: hooks["SIGNING_SECRET_PREFIX"],
		Gateway: s.Gateway, Lever: s.Lever, Partner: s.Partner, Now: time.Now, Partners: s.options.Partners,
	}
	if s.Connections, err = seed.Demo(ctx, place); err != nil {
		return err
	}
	if err := seed.Apps(ctx, place, apps); err != nil {
		return err
	}
	return s.fill()
}

// fill gives every account as many candidates as LEVER_OPPORTUNITIES says.
func (s *Stack) fill() error {
	text := s.options.Getenv("LEVER_OPPORTUNITIES")
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return fmt.Errorf("LEVER_OPPORTUNITIES=%s is not a number", text)
	}
	for _, c := range s.Connections {
		if err := s.Twin.Seed(c.Account, n); err != nil {
			return fmt.Errorf("fill Lever: %w", err)
		}
	}
	return nil
}

func logger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
