package decode

import (
	"sort"
	"time"
)

// timeline says when the bytes of a stream went over the wire, in the order of
// the stream. It is empty where that is not known.
type timeline []arrival

// arrival says that the bytes before end, and after those of the arrival before
// it, went at one time.
type arrival struct {
	end int
	at  time.Time
}

// mark adds that the stream reached end at a time.
func (t timeline) mark(end int, at time.Time) timeline {
	before := 0
	if n := len(t); n > 0 {
		before = t[n-1].end
	}
	if at.IsZero() || end <= before {
		return t
	}
	return append(t, arrival{end, at})
}

// at finds the arrival of the byte at an offset.
func (t timeline) at(offset int) (arrival, bool) {
	i := sort.Search(len(t), func(i int) bool { return t[i].end > offset })
	if i == len(t) {
		return arrival{}, false
	}
	return t[i], true
}

// clock is the time of a log, which begins when the first byte went.
type clock struct {
	began time.Time
	now   time.Duration
}

// start lets the clock begin with the earliest of the conversations.
func (c *clock) start(list []Conversation) {
	for _, v := range list {
		for _, t := range []timeline{v.SentAt, v.ReceivedAt} {
			if len(t) > 0 && (c.began.IsZero() || t[0].at.Before(c.began)) {
				c.began = t[0].at
			}
		}
	}
}

// set goes on to a time; within a conversation the clock does not go back, also
// where an answer was seen before the end of its request.
func (c *clock) set(at time.Time) { c.now = max(c.now, at.Sub(c.began)) }

// rewind begins another conversation, which may have been at the same time.
func (c *clock) rewind() { c.now = 0 }

func (c *clock) elapsed() time.Duration { return c.now }
