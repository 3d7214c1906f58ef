package sample_test

import (
	"testing"

	"fulcrum/local/mutation/testdata/sample"
)

func TestAll(t *testing.T) {
	if sample.Over(20) || !sample.Over(21) || sample.Weak(1) || !sample.Weak(30) || sample.Sum([]int{1, 2, 4}) != 7 {
		t.Error("numbers")
	}
	if sample.Both(true, false) || !sample.Both(true, true) || sample.Both(false, true) || sample.Both(false, false) {
		t.Error("conditions")
	}
	if sample.Held(true) != "attribute_not_exists(pk) OR heldUntil < :now" || sample.Held(false) != "pk = :pk" {
		t.Error("expressions")
	}
}
