package justworks

import (
	"context"
	"maps"
	"slices"

	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// personKind is the kind of what is known of a contact: all of a person's
// opportunities have the same.
const personKind = "person"

// person are the opportunities for which somebody is hired, with the times of the
// hires. A person cannot join twice: the newest hire counts.
type person struct {
	Hires map[string]string `json:"hires"`
}

// newest is the opportunity that was hired last, empty for none.
func (p person) newest() string {
	newest := ""
	for _, id := range slices.Sorted(maps.Keys(p.Hires)) {
		if newest == "" || p.Hires[id] >= p.Hires[newest] {
			newest = id
		}
	}
	return newest
}

func readPerson(ctx context.Context, w *partner.Work, contactID string) (store.Object, person, error) {
	p := person{}
	o, err := w.Object(ctx, personKind, contactID, &p)
	if p.Hires == nil {
		p.Hires = map[string]string{}
	}
	return o, p, err
}

// readHire reads a pending hire, and its object.
func readHire(ctx context.Context, w *partner.Work, id string) (store.Object, PendingHire, error) {
	var h PendingHire
	o, err := w.Object(ctx, hireKind, id, &h)
	return o, h, err
}

// among finds a hire's place among the others of the same person: the newest
// supersedes those that are still open. Who was invited from another opportunity is
// not invited again without a word.
func (s *sync) among(ctx context.Context, now *PendingHire) error {
	o, p, err := readPerson(ctx, s.Work, now.ContactID)
	if err != nil {
		return err
	}
	p.Hires[now.ID] = now.HiredAt
	if err := s.Put(o, 0, p); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(p.Hires)) {
		if id == now.ID {
			continue
		}
		if err := s.beside(ctx, now, id, p.newest()); err != nil {
			return err
		}
	}
	return nil
}

// beside settles which of two hires of one person counts.
func (s *sync) beside(ctx context.Context, now *PendingHire, otherID, newest string) error {
	o, other, err := readHire(ctx, s.Work, otherID)
	if err != nil {
		return err
	}
	switch {
	case other.Status == Invited && now.Status.Open():
		now.Member = &Known{Reason: InvitedBefore, PendingHireID: otherID}
	case other.Status.Open() && newest == now.ID:
		was := other.clone()
		other.Status, other.SupersededBy = Superseded, now.ID
		return s.Put(o, o.UpdatedAt, other, told(was, other, s.now))
	case other.Status.Open() && newest == otherID && now.Status.Open():
		now.Status, now.SupersededBy = Superseded, otherID
	}
	return nil
}

// leave takes the hire out of its person's. One that it superseded is pending
// again.
func (s *sync) leave(ctx context.Context) error {
	o, p, err := readPerson(ctx, s.Work, s.was.ContactID)
	if err != nil {
		return err
	}
	if _, there := p.Hires[s.was.ID]; !there {
		return nil
	}
	delete(p.Hires, s.was.ID)
	if err := s.Put(o, 0, p); err != nil {
		return err
	}
	id := p.newest()
	if id == "" {
		return nil
	}
	o, was, err := readHire(ctx, s.Work, id)
	if err != nil || was.Status != Superseded || was.SupersededBy != s.was.ID {
		return err
	}
	now := was.clone()
	now.open()
	now.settle(s.roster)
	other := *s
	other.object = o
	return other.put(o.UpdatedAt, was, now)
}
