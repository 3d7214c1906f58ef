package justworks

import (
	"fmt"
	"slices"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// The letters about a hire, by their names in the table. The reminders after some
// days are reminder-3 and so on.
const (
	letterHired   = "hired"
	letterStart   = "reminder-start"
	letterChanged = "changed"
	letterUnhired = "unhired"
	// letterEnded is about the connection.
	letterEnded     = "ended"
	aboutConnection = "connection"
)

// unhiredAfter is how long admins are not told that Lever un-hired somebody who is
// invited: to un-hire and to hire again is how an offer is changed in Lever, and
// then one letter about the change is enough.
const unhiredAfter = time.Hour

// reminderHour is when reminders before the start date go out, in UTC: the morning
// in all of the United States, Justworks' country.
const reminderHour = 15

// letters are those that the change needs.
func (c change) letters() []store.Letter {
	var all []store.Letter
	add := func(name string, number int64, due time.Time) {
		all = append(all, store.Letter{About: c.now.ID, Name: name, Number: number, DueAt: lever.At(due)})
	}
	opened := c.now.Status.Open() && (!c.was.Status.Open() || c.was.Hire != c.now.Hire)
	if opened {
		add(letterHired, int64(c.now.Hire), c.at)
		for _, days := range c.settings.ReminderDays {
			add(reminder(days), int64(c.now.Hire), c.at.AddDate(0, 0, days))
		}
	}
	due, ok := c.now.startReminder(c.settings)
	before, _ := c.was.startReminder(c.settings)
	if c.now.Status.Open() && ok && due.After(c.at) && (opened || due != before) {
		add(letterStart, int64(c.now.Hire), due)
	}
	switch {
	case c.unhires():
		add(letterUnhired, c.at.UnixMilli(), c.at.Add(unhiredAfter))
	case c.changesInvited():
		add(letterChanged, c.at.UnixMilli(), c.at)
	}
	return all
}

// unhires reports whether who was invited is newly not hired any more.
func (c change) unhires() bool {
	before, late := c.was.AfterInvitation, c.now.AfterInvitation
	return late != nil && late.Unhired && (before == nil || !before.Unhired)
}

// changesInvited reports whether Lever has newly changed values of who was invited.
func (c change) changesInvited() bool {
	before, late := c.was.AfterInvitation, c.now.AfterInvitation
	return late != nil && len(late.Fields) > 0 && (before == nil || before.At != late.At)
}

func reminder(days int) string { return fmt.Sprintf("reminder-%d", days) }

// wants reports whether a letter that is due still says something that holds.
func (h PendingHire) wants(l store.Letter, s Settings) bool {
	switch l.Name {
	case letterChanged:
		return len(h.late().Fields) > 0 && !h.late().Unhired
	case letterUnhired:
		return h.late().Unhired
	}
	return l.Number == int64(h.Hire) && h.remindable(l, s)
}

// late is what Lever did to a hire after it was invited, nothing for nothing.
func (h PendingHire) late() Late {
	if h.Status != Invited || h.AfterInvitation == nil {
		return Late{}
	}
	return *h.AfterInvitation
}

// remindable reports whether a letter about this very hire has its reason still.
func (h PendingHire) remindable(l store.Letter, s Settings) bool {
	switch l.Name {
	case letterHired:
		return h.Status.Open()
	case letterStart:
		due, ok := h.startReminder(s)
		return h.Status.Open() && ok && lever.At(due) == l.DueAt
	}
	return h.Status == Pending && slices.ContainsFunc(s.ReminderDays, func(days int) bool { return reminder(days) == l.Name })
}

// startReminder is when to remind of the start date; ok is false where there is
// none, or nobody wants to be reminded.
func (h PendingHire) startReminder(s Settings) (at time.Time, ok bool) {
	start, err := time.Parse(time.DateOnly, h.Field(StartDate).Value)
	if err != nil || s.ReminderDaysBeforeStart <= 0 {
		return time.Time{}, false
	}
	for left := s.ReminderDaysBeforeStart; left > 0; {
		start = start.AddDate(0, 0, -1)
		if d := start.Weekday(); d != time.Saturday && d != time.Sunday {
			left--
		}
	}
	return start.Add(reminderHour * time.Hour), true
}

// daysLeft is how many days are left until the start date, zero where there is none.
func (h PendingHire) daysLeft(now time.Time) int {
	start, err := time.Parse(time.DateOnly, h.Field(StartDate).Value)
	if err != nil {
		return 0
	}
	return int(start.Sub(now.UTC().Truncate(24*time.Hour)) / (24 * time.Hour))
}
