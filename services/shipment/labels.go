package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/rs/zerolog"
)

// labels are files in a folder of limited size, so the oldest are written over.
type labels struct {
	folder string
	keep   uint64
	next   atomic.Uint64
}

// newLabels prints none where there is no such folder.
func newLabels(config Config, log zerolog.Logger) *labels {
	if about, err := os.Stat(config.Labels); err != nil || !about.IsDir() {
		log.Warn().Str("folder", config.Labels).Msg("no labels are written: no such folder")
		return nil
	}
	return &labels{folder: config.Labels, keep: uint64(config.Keep)}
}

func (l *labels) write(parcel, user string) {
	if l == nil {
		return
	}
	name := fmt.Sprintf("label-%d.txt", l.next.Add(1)%l.keep)
	// A parcel without a label is printed again by hand; the order goes on.
	_ = os.WriteFile(filepath.Join(l.folder, name), []byte(parcel+"\nto "+user+"\n"), 0o600)
}
