package dynamodb

import (
	bigendian "encoding/binary"
	"math/bits"

	"fulcrum/local/aws/wire"
)

type scanInput struct {
	readInput
	Segment       *int
	TotalSegments *int
}

// maxSegments is how many parts a parallel scan may have.
const maxSegments = 1_000_000

func (db *DB) scan(c *wire.Call, in *scanInput) (any, error) {
	db.touchSource(c, &in.readInput)
	if err := in.checkSegments(); err != nil {
		return nil, err
	}
	r, refs, err := in.read()
	if err != nil {
		return nil, err
	}
	if err := r.finish(&in.readInput, refs); err != nil {
		return nil, err
	}
	s, err := db.source(&in.readInput)
	if err != nil {
		return nil, err
	}
	if err := r.check(s); err != nil {
		return nil, err
	}
	if in.TotalSegments != nil {
		r.span = segment(*in.Segment, *in.TotalSegments)
	}
	if err := r.startScan(s, in); err != nil {
		return nil, err
	}
	return r.page(s), nil
}

func (r *itemsRead) startScan(s *source, in *scanInput) error {
	if r.start == nil {
		return nil
	}
	key, err := s.startKey(r.start)
	if err != nil {
		return err
	}
	if !r.span.begins(key) || !r.span.ends(key) {
		return invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", *in.TotalSegments, *in.Segment)
	}
	r.resume(key)
	return nil
}

func (in *scanInput) checkSegments() error {
	switch {
	case in.Segment == nil && in.TotalSegments == nil:
		return nil
	case in.TotalSegments == nil:
		return invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.Segment == nil:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *in.TotalSegments < 1 || *in.TotalSegments > maxSegments:
		return constraint(*in.TotalSegments, "totalSegments", "Member must have value between 1 and %d", maxSegments)
	case *in.Segment < 0:
		return constraint(*in.Segment, "segment", "Member must have value greater than or equal to 0")
	case *in.Segment >= *in.TotalSegments:
		return invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
	}
	return nil
}

// segment is a part of all keys, cut by the hash that they begin with.
func segment(i, n int) span {
	s := span{from: hashAt(i, n)}
	if i+1 < n {
		s.to = hashAt(i+1, n)
	}
	return s
}

// hashAt is where the i-th of n parts begins: i × 2^64 / n.
func hashAt(i, n int) string {
	hash, _ := bits.Div64(uint64(i), 0, uint64(n))
	return string(bigendian.BigEndian.AppendUint64(nil, hash))
}
