package partner_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

func TestWhyAnObjectIsNotToBeSeen(t *testing.T) {
	answer := func(status int) error { return fmt.Errorf("read: %w", &lever.Error{Status: status}) }
	missing, refused, broken := answer(http.StatusNotFound), answer(http.StatusForbidden), answer(http.StatusBadGateway)
	tests := map[string]struct {
		answer, may error
		asks        int
		because     string
		want        error
	}{
		"what is there is to be seen":                            {nil, nil, 0, "", nil},
		"what is not there was deleted":                          {missing, nil, 0, partner.Deleted, nil},
		"what alone is refused is confidential":                  {refused, nil, 1, partner.Confidential, nil},
		"what is refused to who may read nothing is not known":   {refused, refused, 1, "", refused},
		"what is refused is not known while Lever does not tell": {refused, broken, 1, "", broken},
		"another answer says nothing of the object":              {broken, nil, 0, "", broken},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asked := 0
			may := func(context.Context) error { asked++; return tt.may }
			because, err := partner.Unseen(t.Context(), tt.answer, may)
			if because != tt.because || !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) || asked != tt.asks {
				t.Errorf("got %q, %v after asking %d times", because, err, asked)
			}
		})
	}
}
