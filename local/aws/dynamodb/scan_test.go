package dynamodb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSegmentsShareATable(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	var all []string
	for i := range 60 {
		id := fmt.Sprintf("%02d", i)
		all = append(all, id)
		b.put("tab", `{"p":{"S":"`+id+`"}}`)
	}
	for _, total := range []int{1, 2, 3, 7} {
		var found []string
		for segment := range total {
			some, _ := b.readAll("Scan", fmt.Sprintf(`{"TableName":"tab","Limit":4,"Segment":%d,"TotalSegments":%d`, segment, total), "p")
			found = append(found, some...)
		}
		if slices.Sort(found); !slices.Equal(found, all) {
			t.Errorf("%d segments have %v", total, found)
		}
	}
}

func TestAStartKeyBelongsToItsSegment(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	refused := 0
	for segment := range 2 {
		_, err := b.try("Scan", fmt.Sprintf(`{"TableName":"tab","Segment":%d,"TotalSegments":2,"ExclusiveStartKey":{"p":{"S":"a"}}}`, segment))
		if err != nil && strings.Contains(err.Error(), "Please use ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: ") {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("refused in %d of two segments", refused)
	}
}

func TestTheMostSegments(t *testing.T) {
	b := newBench(t)
	b.table("tab", "p")
	b.answers("Scan", `{"TableName":"tab","Segment":999999,"TotalSegments":1000000}`, `{"Count":0,"ScannedCount":0,"Items":[]}`)
}

func TestSegmentsMeet(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 1000, maxSegments} {
		for i := range min(n-1, 1000) {
			if a, b := segment(i, n), segment(i+1, n); a.to != b.from || a.from >= a.to {
				t.Fatalf("of %d, segment %d is %q and the next %q", n, i, a, b)
			}
		}
		if first, last := segment(0, n), segment(n-1, n); first.from != "\x00\x00\x00\x00\x00\x00\x00\x00" || last.to != "" {
			t.Errorf("of %d, the first is %q and the last %q", n, first, last)
		}
	}
}
