package dynamodb

import (
	"iter"
	"math/rand/v2"
)

// tree is an ordered map that never changes: put and remove make another one,
// which shares all but the way to the key. So a reader keeps what it began with
// while writers go on. It is a treap: every node has a random rank and stands
// above those of lower ranks, which keeps the ways short without balancing.
type tree struct {
	root *node
	size int
}

type node struct {
	key         string
	record      *record
	rank        uint32
	left, right *node
}

// record is an item in a table or an index, with its size in bytes.
type record struct {
	item document
	size int
}

// find is the record of a key, or nil.
func (t tree) find(key string) *record {
	for n := t.root; n != nil; {
		switch {
		case key < n.key:
			n = n.left
		case key > n.key:
			n = n.right
		default:
			return n.record
		}
	}
	return nil
}

func (t tree) put(key string, r *record) tree {
	if t.find(key) == nil {
		t.size++
	}
	t.root = t.root.put(key, r)
	return t
}

// put copies the way to the key. What it returns is always a copy of its own,
// so that the caller may turn it.
func (n *node) put(key string, r *record) *node {
	if n == nil {
		return &node{key: key, record: r, rank: rand.Uint32()}
	}
	c := *n
	switch {
	case key < n.key:
		c.left = n.left.put(key, r)
		if up := c.left; up.rank > c.rank {
			c.left, up.right = up.right, &c
			return up
		}
	case key > n.key:
		c.right = n.right.put(key, r)
		if up := c.right; up.rank > c.rank {
			c.right, up.left = up.left, &c
			return up
		}
	default:
		c.record = r
	}
	return &c
}

func (t tree) remove(key string) tree {
	if t.find(key) == nil {
		return t
	}
	return tree{root: t.root.remove(key), size: t.size - 1}
}

func (n *node) remove(key string) *node {
	c := *n
	switch {
	case key < n.key:
		c.left = n.left.remove(key)
	case key > n.key:
		c.right = n.right.remove(key)
	default:
		return merge(n.left, n.right)
	}
	return &c
}

// merge joins two trees of which all keys of a come before those of b.
func merge(a, b *node) *node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.rank > b.rank:
		c := *a
		c.right = merge(a.right, b)
		return &c
	}
	c := *b
	c.left = merge(a, b.left)
	return &c
}

// span is a run of keys: from is inside, to is not. An empty to is the end.
type span struct{ from, to string }

func (s span) begins(key string) bool { return key >= s.from }
func (s span) ends(key string) bool   { return s.to == "" || key < s.to }

// records are those within s, in the order of their keys or the reverse.
func (t tree) records(s span, reverse bool) iter.Seq2[string, *record] {
	return func(yield func(string, *record) bool) {
		if reverse {
			t.root.descend(s, yield)
		} else {
			t.root.ascend(s, yield)
		}
	}
}

func (n *node) ascend(s span, yield func(string, *record) bool) bool {
	if n == nil {
		return true
	}
	begins, ends := s.begins(n.key), s.ends(n.key)
	return (!begins || n.left.ascend(s, yield)) &&
		(!begins || !ends || yield(n.key, n.record)) &&
		(!ends || n.right.ascend(s, yield))
}

func (n *node) descend(s span, yield func(string, *record) bool) bool {
	if n == nil {
		return true
	}
	begins, ends := s.begins(n.key), s.ends(n.key)
	return (!ends || n.right.descend(s, yield)) &&
		(!begins || !ends || yield(n.key, n.record)) &&
		(!begins || n.left.descend(s, yield))
}
