package provision

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// Sender makes MailFrom an identity of SES, as the people who deploy the bundle do
// by hand: it is no resource of the template, because many have verified their
// domain long before. AWS itself would send a link to click; what stands for it on
// one machine verifies at once.
func (c Clients) Sender(ctx context.Context) error {
	from := MailFrom
	_, err := c.Mail.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{EmailIdentity: &from})
	var there *types.AlreadyExistsException
	if err != nil && !errors.As(err, &there) {
		return fmt.Errorf("make the sender of mail: %w", err)
	}
	return nil
}
