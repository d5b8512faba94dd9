package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// settle places one order and goes on with it until nobody waits for anything.
func settle(t *testing.T, s *saga, queue *list, id string) *Order {
	t.Helper()
	order := &Order{ID: id, User: "ada", Lines: []Line{{"rope", 1}}, State: pending}
	if there, err := s.store.insert(t.Context(), order, s.lease()); err != nil || there != nil {
		t.Fatal(there, err)
	}
	if err := s.advance(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	for turns := 0; len(queue.due) > 0; turns++ {
		if turns > 1000 {
			t.Fatal("it never ends")
		}
		next := queue.due[0]
		queue.due = queue.due[1:]
		if err := s.again(t.Context(), next); err != nil {
			t.Fatal(err)
		}
	}
	order, err := s.store.get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return order
}

// balanced says that everything was done once for a completed order, and nothing is left of a cancelled one.
func balanced(order *Order, partners []*partner) error {
	var faults []error
	for _, one := range partners {
		left := one.done - one.undone
		want := 0
		if order.State == completed {
			want = 1
		}
		if left != want || one.done > 1 {
			faults = append(faults, fmt.Errorf("%s: done %d times, undone %d times, order %s", one.name, one.done, one.undone, order.State))
		}
	}
	return errors.Join(faults...)
}

func TestAnOrderEndsWhollyOrNotAtAll(t *testing.T) {
	for _, row := range []struct {
		what  string
		fault func(bool) outcome
		// ends of an order whose reserve, pay, ship or sell is so.
		ends [4]string
	}{
		{"works", always(works), [4]string{completed, completed, completed, completed}},
		{"refuses", forth(refuses), [4]string{cancelled, cancelled, cancelled, "dead"}},
		{"fails once", first(1, fails), [4]string{completed, completed, completed, completed}},
		{"fails three times", first(3, fails), [4]string{completed, completed, completed, completed}},
		{"fails four times", first(4, fails), [4]string{cancelled, cancelled, cancelled, completed}},
		{"fails on the way there", forth(fails), [4]string{cancelled, cancelled, cancelled, "dead"}},
		{"loses one answer", first(1, losesAnswer), [4]string{completed, completed, completed, completed}},
		{"loses every answer on the way there", forth(losesAnswer), [4]string{cancelled, cancelled, cancelled, "dead"}},
		{"fails for ever", always(fails), [4]string{"dead", "dead", "dead", "dead"}},
	} {
		for index, name := range []string{"reserve", "pay", "ship", "sell"} {
			t.Run(name+" "+row.what, func(t *testing.T) {
				// The closures count, so each case has its own.
				s, queue, partners := sagaOf(settings(3, 10), nil)
				calls := row.fault
				if row.what == "fails once" || row.what == "fails three times" || row.what == "fails four times" || row.what == "loses one answer" {
					times := map[string]int{"fails once": 1, "fails three times": 3, "fails four times": 4, "loses one answer": 1}[row.what]
					what := fails
					if row.what == "loses one answer" {
						what = losesAnswer
					}
					calls = first(times, what)
				}
				partners[index].failing = calls
				order := settle(t, s, queue, "one")
				if row.ends[index] == "dead" {
					if order.final() || !order.dead || !slices.Equal(queue.buried, []string{"one"}) {
						t.Fatalf("%+v, buried %v", order, queue.buried)
					}
					return
				}
				if order.State != row.ends[index] {
					t.Fatalf("%s: %s", order.State, order.Reason)
				}
				if err := balanced(order, partners); err != nil {
					t.Fatal(err)
				}
				if (order.State == cancelled) != (order.Reason != "") {
					t.Fatalf("reason %q", order.Reason)
				}
			})
		}
	}
}

func TestBooksOfManyOrdersBalanceWhateverFails(t *testing.T) {
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 7))
		faulty := map[string]func(bool) outcome{}
		for _, name := range []string{"reserve", "pay", "ship", "sell"} {
			faulty[name] = func(back bool) outcome {
				what := outcome(dice.IntN(4))
				// What follows a parcel cannot be refused, nor can giving back.
				if what == refuses && (back || name == "sell") {
					return works
				}
				return what
			}
		}
		s, queue, partners := sagaOf(settings(3, 1000), faulty)
		order := settle(t, s, queue, "one")
		if !order.final() {
			t.Fatalf("seed %d: %+v", seed, order)
		}
		if err := balanced(order, partners); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func TestADeadOrderComesBackToLife(t *testing.T) {
	s, queue, partners := sagaOf(settings(0, 1), map[string]func(bool) outcome{"pay": always(fails)})
	order := settle(t, s, queue, "one")
	if !order.dead {
		t.Fatalf("%+v", order)
	}
	if dead, err := s.store.dead(t.Context()); err != nil || len(dead) != 1 {
		t.Fatal(dead, err)
	}
	// Nobody takes a dead one up by himself.
	if claimed, err := s.store.claim(t.Context(), "one", time.Minute); claimed != nil || err != nil {
		t.Fatal(claimed, err)
	}
	partners[1].failing = always(works)
	if err := s.store.revive(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if err := s.again(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	order, _ = s.store.get(t.Context(), "one")
	if order.State != cancelled {
		t.Fatalf("%+v", order)
	}
	if err := balanced(order, partners); err != nil {
		t.Fatal(err)
	}
}

func TestOfTwoWhoWorkOnAnOrderOneIsStopped(t *testing.T) {
	s, queue, partners := sagaOf(settings(3, 10), nil)
	store := s.store.(*memory)
	now := time.Now()
	store.now = func() time.Time { return now }
	slow := &Order{ID: "one", State: pending}
	if _, err := store.insert(t.Context(), slow, time.Second); err != nil {
		t.Fatal(err)
	}
	if claimed, _ := store.claim(t.Context(), "one", time.Second); claimed != nil {
		t.Fatal("it is held")
	}
	// Its holder is slower than it may be, and another takes over.
	now = now.Add(2 * time.Second)
	if err := s.again(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if err := s.advance(t.Context(), slow); !errors.Is(err, errOvertaken) {
		t.Fatal(err)
	}
	order, _ := store.get(t.Context(), "one")
	if err := balanced(order, partners); err != nil || order.State != completed || len(queue.due) > 0 {
		t.Fatal(err, order)
	}
}

func TestTheSweepFindsWhatNobodyHolds(t *testing.T) {
	store := newMemory()
	now := time.Now()
	store.now = func() time.Time { return now }
	for _, id := range []string{"held", "waiting", "forgotten"} {
		order := &Order{ID: id, State: pending}
		if _, err := store.insert(t.Context(), order, time.Hour); err != nil {
			t.Fatal(err)
		}
		if id == "held" {
			continue
		}
		wait := map[string]time.Duration{"waiting": time.Hour, "forgotten": time.Second}[id]
		if err := store.save(t.Context(), order, 0, wait); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(10 * time.Second)
	ids, err := store.overdue(t.Context(), 5*time.Second, 10)
	if err != nil || !slices.Equal(ids, []string{"forgotten"}) {
		t.Fatal(ids, err)
	}
}
