package provision_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"fulcrum/local/provision"
)

func TestTheSenderMaySendAfterEveryStart(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		c, e := engine(t, dir)
		if err := c.Sender(t.Context()); err != nil {
			t.Fatal(err)
		}
		from, text := provision.MailFrom, &types.Content{Data: new("x")}
		_, err := c.Mail.SendEmail(t.Context(), &sesv2.SendEmailInput{
			FromEmailAddress: &from, Destination: &types.Destination{ToAddresses: []string{"a@example.org"}},
			Content: &types.EmailContent{Simple: &types.Message{Subject: text, Body: &types.Body{Text: text}}},
		})
		if err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnAWSWithoutSESIsAnError(t *testing.T) {
	if err := clients(http.NotFoundHandler()).Sender(t.Context()); err == nil {
		t.Error("the sender was made nowhere")
	}
}
