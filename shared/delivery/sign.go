package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// prefix stands before a signing secret of Standard Webhooks.
const prefix = "whsec_"

// sign sets the headers of Standard Webhooks (github.com/standard-webhooks/
// standard-webhooks, spec/standard-webhooks.md): the id, which is the same in
// every attempt, the time of this attempt, and a signature per secret, so that a
// partner can change secrets without losing a delivery.
func sign(h http.Header, id string, at time.Time, body []byte, secrets []string) error {
	if len(secrets) == 0 {
		return errors.New("the endpoint has no signing secret")
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, prefix))
		if err != nil || len(key) < 24 || len(key) > 64 {
			return errors.New("a signing secret of the endpoint is not whsec_ and 24 to 64 bytes in base64")
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.", id, stamp)
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", strings.Join(signatures, " "))
	return nil
}
