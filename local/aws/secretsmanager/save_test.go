package secretsmanager

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"fulcrum/local/keep"
)

func TestARestartLosesNothing(t *testing.T) {
	store := open(t)
	c := openClient(t, store)
	c.must("CreateSecret", in{"Name": "s", "Description": "d", "KmsKeyId": "k", "SecretString": "one", "ClientRequestToken": token(1), "Tags": []in{{"Key": "a", "Value": "b"}}})
	c.put("s", 2, "two")
	c.must("UpdateSecret", in{"SecretId": "s", "SecretBinary": []byte{0, 255}, "ClientRequestToken": token(3)})
	c.create("leaving", "v")
	c.must("DeleteSecret", in{"SecretId": "leaving"})
	c.create("gone", "v")
	c.must("DeleteSecret", in{"SecretId": "gone", "ForceDeleteWithoutRecovery": true})
	c.version("s", token(1))
	describe := func(c client) string {
		t.Helper()
		return fmt.Sprintf("%+v", c.must("ListSecrets", in{"IncludePlannedDeletion": true}))
	}
	again := openClient(t, store)
	if before, after := describe(c), describe(again); before != after {
		t.Errorf("after a restart\n%s\nwant\n%s", after, before)
	}
	again.wantLabels("s", "2 AWSPREVIOUS, 3 AWSCURRENT")
	if got := again.must("GetSecretValue", in{"SecretId": "s"}).SecretBinary; !slices.Equal(got, []byte{0, 255}) {
		t.Errorf("value %v", got)
	}
	if got := again.version("s", token(1)); got != "one" {
		t.Errorf("the deprecated version is %q", got)
	}
	again.must("RestoreSecret", in{"SecretId": "leaving"})
	if got := openClient(t, store).get("leaving"); got != "v" {
		t.Errorf("restored value %q", got)
	}
}

func (c client) version(name, id string) string {
	c.t.Helper()
	return c.must("GetSecretValue", in{"SecretId": name, "VersionId": id}).SecretString
}

func open(t *testing.T) *keep.Store {
	t.Helper()
	store, err := keep.Open(t.TempDir(), "aws.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestAStoreThatCannotBeReadIsAnError(t *testing.T) {
	for name, change := range map[string]keep.Change{
		"a secret that is junk":        {Bucket: bucketSecrets, Key: "s", Value: []byte("junk")},
		"a version that is junk":       {Bucket: bucketVersions, Key: "s\x001", Value: []byte("junk")},
		"a version without its secret": {Bucket: bucketVersions, Key: "t\x001", Value: []byte("{}")},
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t)
			openClient(t, store).create("s", "v")
			if err := store.Save(change); err != nil {
				t.Fatal(err)
			}
			if _, err := New(Options{Now: time.Now, Store: store}); err == nil {
				t.Error("opened")
			}
		})
	}
}

func TestWhatCannotBeSavedIsNotAcknowledged(t *testing.T) {
	store := open(t)
	c := openClient(t, store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := c.try("CreateSecret", in{"Name": "s", "ClientRequestToken": token(1)})
	c.wantCode(err, "InternalServiceError")
}
