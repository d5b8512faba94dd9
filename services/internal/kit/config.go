package kit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
	"github.com/rs/zerolog"

	"github.com/go-viper/mapstructure/v2"
)

// Config is a service's own configuration: defaults, below the files of CONFIG_DIR, below variables such as
// ORDER_SAGA_RETRIES for saga.retries. A file that is wrong is told and changes nothing.
type Config[T interface{ Check() error }] struct {
	name, defaults, directory string
	environ                   []string
	reading                   sync.Mutex
	current                   atomic.Pointer[T]
}

// reloader is a Config of any type.
type reloader interface {
	reload() (changed bool, err error)
	folder() string
}

// Configure reads a service's configuration, and from now on reads it again when a file changes or somebody asks.
func Configure[T interface{ Check() error }](app *App, defaults string) (*Config[T], error) {
	config := &Config[T]{name: app.Name, defaults: defaults, directory: app.Settings.ConfigDir, environ: os.Environ()}
	if _, err := config.reload(); err != nil {
		return nil, err
	}
	app.config = config
	return config, nil
}

// Get is the configuration as it is now.
func (c *Config[T]) Get() T { return *c.current.Load() }

func (c *Config[T]) folder() string { return c.directory }

func (c *Config[T]) reload() (bool, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	fresh, err := c.read()
	if err != nil {
		return false, err
	}
	before := c.current.Swap(fresh)
	return before != nil && !reflect.DeepEqual(before, fresh), nil
}

func (c *Config[T]) read() (*T, error) {
	layers := koanf.New(".")
	if err := layers.Load(rawbytes.Provider([]byte(c.defaults)), yaml.Parser()); err != nil {
		return nil, err
	}
	known := variables(c.name, layers.Keys())
	if c.directory != "" {
		files, err := filepath.Glob(filepath.Join(c.directory, "*.yaml"))
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		for _, name := range files {
			if err := layers.Load(file.Provider(name), yaml.Parser()); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	named := func(name, value string) (string, any) { return known[name], value }
	overrides := env.Provider(".", env.Opt{EnvironFunc: func() []string { return c.environ }, TransformFunc: named})
	if err := layers.Load(overrides, nil); err != nil {
		return nil, err
	}
	fresh := new(T)
	decoder := &mapstructure.DecoderConfig{
		TagName: "koanf", WeaklyTypedInput: true, ErrorUnused: true,
		DecodeHook: mapstructure.StringToTimeDurationHookFunc(),
	}
	if err := layers.UnmarshalWithConf("", fresh, koanf.UnmarshalConf{DecoderConfig: decoder}); err != nil {
		return nil, err
	}
	return fresh, (*fresh).Check()
}

var hump = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// variables names each key's variable: requestsPerSecond of order is ORDER_REQUESTS_PER_SECOND.
func variables(service string, keys []string) map[string]string {
	names := map[string]string{}
	for _, key := range keys {
		word := strings.ReplaceAll(hump.ReplaceAllString(key, "${1}_${2}"), ".", "_")
		names[strings.ToUpper(service+"_"+word)] = key
	}
	return names
}

// watch reads again after a change, until the context ends. Kubernetes swaps a link beside the files.
func watch(ctx context.Context, config reloader, again func() error) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer watcher.Close()
	if err := watcher.Add(config.folder()); err != nil {
		return err
	}
	// Several events come for one change.
	settled := time.NewTimer(time.Hour)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watcher.Events:
			settled.Reset(100 * time.Millisecond)
		case err := <-watcher.Errors:
			zerolog.Ctx(ctx).Warn().Err(err).Msg("watching the configuration")
		case <-settled.C:
			_ = again() // It has told what is wrong.
		}
	}
}

var errNoConfig = errors.New("this service has no configuration of its own")

// reloadConfig reads the configuration again, counts how that went, and tells.
func (a *App) reloadConfig(ctx context.Context) (bool, error) {
	if a.config == nil {
		return false, errNoConfig
	}
	changed, err := a.config.reload()
	switch {
	case err != nil:
		a.metrics.reloads.WithLabelValues("refused").Inc()
		zerolog.Ctx(ctx).Error().Err(err).Msg("the configuration is wrong; the old one stays")
	case changed:
		a.metrics.reloads.WithLabelValues("changed").Inc()
		zerolog.Ctx(ctx).Info().Msg("the configuration has changed")
	default:
		a.metrics.reloads.WithLabelValues("same").Inc()
	}
	return changed, err
}

func (a *App) serveReload(w http.ResponseWriter, r *http.Request) {
	changed, err := a.reloadConfig(r.Context())
	switch {
	case errors.Is(err, errNoConfig):
		Fail(w, http.StatusNotFound, err.Error())
	case err != nil:
		Fail(w, http.StatusUnprocessableEntity, err.Error())
	default:
		Answer(w, http.StatusOK, map[string]bool{"changed": changed})
	}
}
