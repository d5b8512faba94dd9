package kit

// Kept is a map that forgets: a store in memory keeps what is finished for those who ask again, but not for ever.
type Kept[V any] struct {
	most     int
	values   map[string]V
	finished []string
}

// NewKept forgets the oldest of more than `most` finished ones.
func NewKept[V any](most int) *Kept[V] {
	return &Kept[V]{most: most, values: map[string]V{}}
}

// Get finds a value.
func (k *Kept[V]) Get(key string) (V, bool) {
	value, known := k.values[key]
	return value, known
}

// Put keeps a value.
func (k *Kept[V]) Put(key string, value V) { k.values[key] = value }

// Finish says that a value changes no more, once for each key.
func (k *Kept[V]) Finish(key string) {
	k.finished = append(k.finished, key)
	if len(k.finished) > k.most {
		delete(k.values, k.finished[0])
		k.finished = k.finished[1:]
	}
}

// All are those that are kept.
func (k *Kept[V]) All() map[string]V { return k.values }
