//go:build race_control

// Package racecontrol holds a mistake, so that a proof can see it found.
package racecontrol

import "testing"

func TestTwoWriteAtOnce(t *testing.T) {
	count, done := 0, make(chan struct{})
	go func() { count++; close(done) }()
	count++
	<-done
	t.Log(count)
}
