// Package sample is changed by the tests of mutation.
package sample

const limit = 10 * 2

// Over is tried at its edge.
func Over(n int) bool { return n > limit }

// Weak is not tried at its edge.
func Weak(n int) bool { return n >= limit }

// Sum has a loop without end when it is changed.
func Sum(ns []int) (sum int) {
	for i := 0; i < len(ns); i++ {
		sum += ns[i]
	}
	return sum
}

// Both is tried with all four.
func Both(a, b bool) bool {
	if a && !b {
		return false
	}
	return a
}

// Held is an expression that is asked with.
func Held(free bool) string {
	if free {
		return "attribute_not_exists(pk) OR heldUntil < :now"
	}
	return "pk = :pk"
}

// Unseen is not tried.
func Unseen(a, b float64) float64 {
	if a*b == 0 {
		a--
	}
	return -a / b
}
