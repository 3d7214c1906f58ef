package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Connect opens a connection of a service's client before the first event, which
// then need not wait for the handshake: to the client's endpoint, else to the host
// of an address of the service's. What is asked for does not exist and needs no
// right; only the connection is wanted.
func Connect(cfg aws.Config, address string) func(context.Context) error {
	return func(ctx context.Context) error {
		if cfg.BaseEndpoint != nil {
			address = *cfg.BaseEndpoint
		}
		at, err := url.Parse(address)
		if err != nil || at.Host == "" {
			return fmt.Errorf("connect: %.40q has no host", address)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, at.Scheme+"://"+at.Host+"/", nil)
		if err != nil {
			return err
		}
		res, err := cfg.HTTPClient.Do(req)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
		return errors.Join(err, res.Body.Close())
	}
}
