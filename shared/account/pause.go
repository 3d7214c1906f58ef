package account

import (
	"errors"

	"fulcrum/shared/fault"
)

// Paused is the reason under which events are parked while their connection
// rests.
const Paused fault.Reason = "paused"

// errPaused says that the partner has the connection rest.
var errPaused = errors.New("the connection is paused")
