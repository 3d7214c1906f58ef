package lambda

import "time"

// SetInitTime has init end sooner than Lambda would.
func (p *Pool) SetInitTime(d time.Duration) { p.initTime = d }

// Environments is how many environments there are.
func (p *Pool) Environments() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.environments)
}
