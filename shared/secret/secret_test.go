package secret_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/secret"
)

var errAway = errors.New("away")

// source is a secret whose value is a number that the test may change.
type source struct {
	mu    sync.Mutex
	value string
	err   error
	reads int
}

func (s *source) read(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return s.value, s.err
}

func (s *source) set(value string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value, s.err = value, err
}

func (s *source) expectReads(t *testing.T, want int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads != want {
		t.Errorf("%d reads, want %d", s.reads, want)
	}
}

func cached(s *source) *secret.Cached[int] {
	return secret.NewCached(s.read, strconv.Atoi, time.Now)
}

func expect(t *testing.T, want int) func(got int, err error) {
	t.Helper()
	return func(got int, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("value %d, %v; want %d", got, err, want)
		}
	}
}

func TestValueIsReadOnceAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "1"}
		c := cached(s)
		if !c.Stale() {
			t.Error("a value that was never read is not called stale")
		}
		expect(t, 1)(c.Value(t.Context()))
		s.set("2", nil)
		time.Sleep(time.Hour)
		expect(t, 1)(c.Value(t.Context()))
		s.expectReads(t, 1)
		if !c.Stale() {
			t.Error("a value of an hour ago is not called stale")
		}
	})
}

func TestValueIsTriedAgainAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{err: errAway}
		c := cached(s)
		if _, err := c.Value(t.Context()); !errors.Is(err, errAway) {
			t.Errorf("error %v, want away", err)
		}
		s.set("7", nil)
		expect(t, 7)(c.Value(t.Context()))
	})
}

func TestFreshReadsAgainWhenOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "1"}
		c := cached(s)
		expect(t, 1)(c.Fresh(t.Context()))
		s.set("2", nil)
		time.Sleep(secret.MaxAge - time.Second)
		expect(t, 1)(c.Fresh(t.Context()))
		time.Sleep(2 * time.Second)
		expect(t, 2)(c.Fresh(t.Context()))
		s.expectReads(t, 2)
	})
}

func TestFreshServesTheOldValueWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "1"}
		c := cached(s)
		expect(t, 1)(c.Fresh(t.Context()))
		s.set("", errAway)
		time.Sleep(secret.MaxAge + time.Second)
		for range 5 {
			expect(t, 1)(c.Fresh(t.Context()))
		}
		s.expectReads(t, 2)
		s.set("2", nil)
		time.Sleep(time.Minute)
		expect(t, 2)(c.Fresh(t.Context()))
	})
}

func TestAValueThatCannotBeParsedIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "1"}
		c := cached(s)
		expect(t, 1)(c.Fresh(t.Context()))
		s.set("not a number", nil)
		time.Sleep(secret.MaxAge + time.Second)
		expect(t, 1)(c.Fresh(t.Context()))
	})
}

func TestRereadIsBoundedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "1"}
		c := cached(s)
		expect(t, 1)(c.Value(t.Context()))
		s.set("2", nil)
		reread := func(want int, read bool) {
			t.Helper()
			if got, did, err := c.Reread(t.Context(), time.Minute); did != read || err != nil || got != want {
				t.Fatalf("Reread = %d, %v, %v; want %d, %v", got, did, err, want, read)
			}
		}
		reread(2, true)
		s.set("3", nil)
		for range 100 {
			reread(2, false)
		}
		time.Sleep(time.Minute)
		reread(3, true)
		s.expectReads(t, 3)
	})
}

func TestManyCallersCauseOneRead(t *testing.T) {
	s := &source{value: "1"}
	c := cached(s)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { expect(t, 1)(c.Value(t.Context())) })
	}
	all.Wait()
	s.expectReads(t, 1)
}
