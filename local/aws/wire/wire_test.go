package wire

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

type input struct {
	Name  string
	Count *int
	Inner struct{ Deep string }
}

func TestInput(t *testing.T) {
	tests := map[string]struct {
		body    string
		want    input
		code    string
		message string // a part of it
	}{
		"all members known":       {body: `{"Name":"a"}`, want: input{Name: "a"}},
		"nothing at all":          {body: ``},
		"an empty object":         {body: `{}`},
		"an unknown member":       {body: `{"Name":"a","Color":"red"}`, code: "NotSupportedHere", message: "Color of PutItem"},
		"an unknown one in depth": {body: `{"Inner":{"Shade":1}}`, code: "NotSupportedHere", message: "Shade of PutItem"},
		"another type":            {body: `{"Name":5}`, code: "SerializationException"},
		"no JSON":                 {body: `{`, code: "SerializationException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got input
			err := (&Call{Action: "PutItem", Body: []byte(tt.body)}).Input(&got)
			if tt.code == "" {
				if err != nil || got != tt.want {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != tt.code || !strings.Contains(e.Message, tt.message) {
				t.Errorf("got %v, want %s with %q", err, tt.code, tt.message)
			}
		})
	}
}

func TestDecodePassesOverUnknownMembers(t *testing.T) {
	var got input
	c := &Call{Action: "PutItem", Body: []byte(`{"Name":"a","Color":"red"}`)}
	if err := c.Decode(&got); err != nil || got.Name != "a" {
		t.Errorf("got %+v, %v", got, err)
	}
	c.Body = []byte(`[]`)
	var e *Error
	if err := c.Decode(&got); !errors.As(err, &e) || e.Code != "SerializationException" {
		t.Errorf("got %v", err)
	}
}

func TestErrors(t *testing.T) {
	if got := Errorf("Code", "%d of %s", 1, "a").Error(); got != "Code: 1 of a" {
		t.Error(got)
	}
	if e := NotSupported("TagQueue"); e.Status != http.StatusNotImplemented || !strings.HasPrefix(e.Message, "TagQueue is not supported here") {
		t.Errorf("got %+v", e)
	}
}

func TestNothingRareHappensInCalm(t *testing.T) {
	for _, kind := range []string{Reorder, Twice, StaleIndex, Conflict, Throttle, Fail, LoseAnswer} {
		if (Calm{}).Strikes(kind) {
			t.Errorf("%s strikes", kind)
		}
	}
}
