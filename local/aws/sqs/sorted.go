package sqs

import "container/heap"

// sorted is a heap whose items know their place in it, so that one can be taken
// out of the middle. The item that comes before all others is on top.
type sorted[T any] struct {
	list   []T
	before func(a, b T) bool
	// place is where an item keeps its index here; absent when it is not in.
	place func(T) *int
}

const absent = -1

func (s *sorted[T]) add(x T)    { heap.Push(s, x) }
func (s *sorted[T]) remove(x T) { heap.Remove(s, *s.place(x)) }

// fix moves x to where it belongs now that its order has changed.
func (s *sorted[T]) fix(x T) { heap.Fix(s, *s.place(x)) }

// top is the first item; there must be one.
func (s *sorted[T]) top() T { return s.list[0] }

// Len, Less, Swap, Push and Pop are for package heap only.

func (s *sorted[T]) Len() int           { return len(s.list) }
func (s *sorted[T]) Less(i, j int) bool { return s.before(s.list[i], s.list[j]) }

func (s *sorted[T]) Swap(i, j int) {
	s.list[i], s.list[j] = s.list[j], s.list[i]
	*s.place(s.list[i]), *s.place(s.list[j]) = i, j
}

func (s *sorted[T]) Push(x any) {
	item := x.(T)
	*s.place(item) = len(s.list)
	s.list = append(s.list, item)
}

func (s *sorted[T]) Pop() any {
	last := len(s.list) - 1
	item := s.list[last]
	clear(s.list[last:])
	s.list = s.list[:last]
	*s.place(item) = absent
	return item
}
