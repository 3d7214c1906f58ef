package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// envelope is a delivery's body; its members stand in the order of Lever's
// samples. A connection test has no id, as the documented one has none.
type envelope struct {
	ID          string `json:"id,omitempty"`
	TriggeredAt int64  `json:"triggeredAt"`
	Event       string `json:"event"`
	Data        any    `json:"data"`
	Signature   string `json:"signature"`
	Token       string `json:"token"`
}

// Sign is Lever's signature: the HMAC-SHA256 of token and triggeredAt, in this
// order and with nothing between them, under the webhook's signature token as
// it is printed. The data is not covered.
func Sign(signatureToken, token string, triggeredAt int64) string {
	mac := hmac.New(sha256.New, []byte(signatureToken))
	mac.Write([]byte(token + strconv.FormatInt(triggeredAt, 10)))
	return hex.EncodeToString(mac.Sum(nil))
}

// seal makes the compact JSON that goes over the wire.
func (e envelope) seal(signatureToken string) (string, error) {
	e.Signature = Sign(signatureToken, e.Token, e.TriggeredAt)
	body, err := json.Marshal(e)
	return string(body), err
}
