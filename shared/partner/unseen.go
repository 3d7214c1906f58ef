package partner

import (
	"context"

	"fulcrum/shared/lever"
)

// Confidential is the reason for which somebody, or something, is out of sight: it
// may be seen again, and then comes back.
const Confidential = "confidential"

// Unseen says why an object is not to be seen, by the error with which Lever's
// answer to its reading came: it is Deleted, or never was, or it is Confidential.
// Lever refuses what is confidential with the same answer as what the credential may
// not read at all; which of the two it is, may asks:
//
//	p, err := client.Posting(ctx, id)
//	because, err := partner.Unseen(ctx, err, client.MayReadPostings)
//
// because is empty where there was no error. Every other error, of answer or of may,
// says nothing of the object, and is given as it is.
func Unseen(ctx context.Context, answer error, may func(context.Context) error) (because string, err error) {
	switch {
	case lever.NotFound(answer):
		return Deleted, nil
	case lever.Forbidden(answer):
		if err := may(ctx); err != nil {
			return "", err
		}
		return Confidential, nil
	}
	return "", answer
}
