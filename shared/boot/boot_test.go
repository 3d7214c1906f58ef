package boot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/boot"
)

func environment(values map[string]string) *boot.Env {
	return boot.NewEnv(func(name string) string { return values[name] })
}

func TestEverythingMissingIsNamedAtOnce(t *testing.T) {
	env := environment(map[string]string{"B": "set"})
	_, err := boot.Start(t.Context(), env, func(env *boot.Env) any {
		env.Need("A")
		env.Need("B")
		env.Need("C")
		env.Need("A")
		env.Optional("D")
		return nil
	})
	if err == nil || err.Error() != "not set in the environment: A, C" {
		t.Errorf("error %v", err)
	}
}

func TestNothingIsWarmedInAnIncompleteEnvironment(t *testing.T) {
	_, err := boot.Start(t.Context(), environment(nil), func(env *boot.Env) any {
		env.Need("A")
		env.Warm(func(context.Context) error { t.Error("warmed"); return nil })
		return nil
	})
	if err == nil {
		t.Error("the function starts")
	}
}

func TestWarmUpsRunSideBySideAndMayFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		slow := func(context.Context) error { time.Sleep(time.Second); return errors.New("away") }
		handler, err := boot.Start(t.Context(), environment(nil), func(env *boot.Env) any {
			env.Warm(slow)
			env.Warm(slow)
			return "handler"
		})
		if err != nil || handler != "handler" {
			t.Errorf("Start = %v, %v", handler, err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("two warm-ups of a second took %v", took)
		}
	})
}

func TestAWarmUpThatHangsEndsBeforeInitDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if _, err := boot.Start(t.Context(), environment(nil), func(env *boot.Env) any {
			env.Warm(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
			return nil
		}); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took >= 10*time.Second {
			t.Errorf("start took %v; Lambda gives init ten seconds", took)
		}
	})
}

func TestTheServicesEndpointComesBeforeTheCommonOne(t *testing.T) {
	env := environment(map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://common", "AWS_ENDPOINT_URL_SQS": "http://queues",
	})
	for service, want := range map[string]string{"SQS": "http://queues", "DYNAMODB": "http://common"} {
		if got := env.AWS(service, boot.Working).BaseEndpoint; got == nil || *got != want {
			t.Errorf("endpoint of %s is %v, want %s", service, got, want)
		}
	}
	if cfg := environment(map[string]string{"AWS_REGION": "eu-west-1"}).AWS("SQS", boot.Working); cfg.BaseEndpoint != nil || cfg.Region != "eu-west-1" {
		t.Errorf("without a variable the endpoint is %v in %s", cfg.BaseEndpoint, cfg.Region)
	}
}
