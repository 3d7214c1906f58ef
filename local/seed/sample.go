package seed

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fulcrum/shared/hook"
	"fulcrum/shared/lever"
)

// SampleTime is when the deliveries of the sample events were signed, in Unix
// milliseconds: 21 November 2026, noon UTC.
const SampleTime = 1795262400000

// SampleToken signs the deliveries of the sample events. The demo connections
// take it beside the token that the twin gave.
func SampleToken() string { return fixed("sample token")[:48] }

// SampleHook is the id in the address of a demo webhook.
func SampleHook(partner string, event lever.Event) (string, error) {
	return mint("con_demo_"+partner, event, 0)
}

func mint(connection string, event lever.Event, shard int) (string, error) {
	return hook.Mint([]byte(fixed("hook key")), shard, bytes.NewReader(digest(connection+string(event))))
}

// Signature is Lever's signature of a delivery.
func Signature(signingToken, token string, triggeredAt int64) string {
	mac := hmac.New(sha256.New, []byte(signingToken))
	fmt.Fprintf(mac, "%s%d", token, triggeredAt)
	return hex.EncodeToString(mac.Sum(nil))
}

// Present brings a sample event to the present: a delivery that was signed at
// SampleTime with the SampleToken is signed anew for now, because the functions
// refuse what is older than 15 days. Every other event stays as it is.
func Present(event []byte, now time.Time) []byte {
	var http struct{ Body string }
	var delivery struct {
		Token, Signature string
		TriggeredAt      int64
	}
	if json.Unmarshal(event, &http) != nil || json.Unmarshal([]byte(http.Body), &delivery) != nil {
		return event
	}
	signed := Signature(SampleToken(), delivery.Token, SampleTime)
	if delivery.TriggeredAt != SampleTime || delivery.Signature != signed {
		return event
	}
	at := now.UnixMilli()
	text := strings.Replace(string(event), fmt.Sprint(SampleTime), fmt.Sprint(at), 1)
	return []byte(strings.Replace(text, signed, Signature(SampleToken(), delivery.Token, at), 1))
}
