package kit

import (
	"fmt"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"
)

// Settings are the variables that the components write; they hold for the life of the process.
type Settings struct {
	Address  string `koanf:"LISTEN_ADDRESS"`
	HTTPPort int    `koanf:"HTTP_PORT"`
	GRPCPort int    `koanf:"GRPC_PORT"`
	// PprofPort is 0 where profiles are not served.
	PprofPort int    `koanf:"PPROF_PORT"`
	LogLevel  string `koanf:"LOG_LEVEL"`
	ConfigDir string `koanf:"CONFIG_DIR"`

	// Drain is how long requests may take to finish after SIGTERM. Linger of it is spent answering with
	// "Connection: close", so that nobody uses a connection at the moment it is closed.
	Drain  time.Duration `koanf:"DRAIN_TIMEOUT"`
	Linger time.Duration `koanf:"DRAIN_LINGER"`

	MaxConnectionAge      time.Duration `koanf:"GRPC_MAX_CONNECTION_AGE"`
	MaxConnectionAgeGrace time.Duration `koanf:"GRPC_MAX_CONNECTION_AGE_GRACE"`
	KeepaliveMinTime      time.Duration `koanf:"GRPC_KEEPALIVE_MIN_TIME"`
	KeepaliveTime         time.Duration `koanf:"GRPC_KEEPALIVE_TIME"`
	KeepaliveTimeout      time.Duration `koanf:"GRPC_KEEPALIVE_TIMEOUT"`

	// DatabaseURL and BrokerURL: empty or "memory:" where there is none.
	DatabaseURL string `koanf:"DATABASE_URL"`
	BrokerURL   string `koanf:"BROKER_URL"`

	// Faults may be switched on where this is "allowed" and the environment is dev.
	Faults     string `koanf:"FAULTS"`
	Attributes string `koanf:"OTEL_RESOURCE_ATTRIBUTES"`
	Collector  string `koanf:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	Protocol   string `koanf:"OTEL_EXPORTER_OTLP_PROTOCOL"`
}

const settingsDefaults = `
HTTP_PORT: 8080
GRPC_PORT: 9090
LOG_LEVEL: info
DRAIN_TIMEOUT: 30s
DRAIN_LINGER: 2s
GRPC_MAX_CONNECTION_AGE: 5m
GRPC_MAX_CONNECTION_AGE_GRACE: 30s
GRPC_KEEPALIVE_MIN_TIME: 15s
GRPC_KEEPALIVE_TIME: 30s
GRPC_KEEPALIVE_TIMEOUT: 10s
OTEL_EXPORTER_OTLP_PROTOCOL: grpc
DATABASE_URL: "memory:"
BROKER_URL: "memory:"
`

// readSettings lays the environment over the defaults.
func readSettings(environ []string) (Settings, error) {
	var settings Settings
	all := koanf.New("\x00")
	if err := all.Load(rawbytes.Provider([]byte(settingsDefaults)), yaml.Parser()); err != nil {
		return settings, err
	}
	// An empty variable is one that is not set.
	set := func(name, value string) (string, any) {
		if value == "" {
			return "", nil
		}
		return name, value
	}
	variables := env.Provider("\x00", env.Opt{EnvironFunc: func() []string { return environ }, TransformFunc: set})
	if err := all.Load(variables, nil); err != nil {
		return settings, err
	}
	if err := all.Unmarshal("", &settings); err != nil {
		return settings, err
	}
	return settings, settings.check()
}

func (s Settings) check() error {
	if s.Drain <= 0 || s.Linger < 0 || s.Linger > s.Drain/2 {
		return fmt.Errorf("DRAIN_LINGER is %s and DRAIN_TIMEOUT %s: at most half of the drain may be spent lingering", s.Linger, s.Drain)
	}
	if s.Protocol != "grpc" {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q, but spans are sent by grpc only", s.Protocol)
	}
	for name, value := range map[string]string{"DATABASE_URL": s.DatabaseURL, "BROKER_URL": s.BrokerURL} {
		scheme, _, found := strings.Cut(value, ":")
		known := scheme == "memory" || name == "DATABASE_URL" && (scheme == "postgres" || scheme == "postgresql") ||
			name == "BROKER_URL" && (scheme == "amqp" || scheme == "amqps")
		if !found || !known {
			// The value is a secret, and is not told.
			return fmt.Errorf("%s is neither memory: nor the URL of a server that can be used", name)
		}
	}
	return nil
}

// dev says whether this is an environment where nothing is lost by breaking it.
func (s Settings) dev() bool {
	for _, attribute := range strings.Split(s.Attributes, ",") {
		if attribute == "deployment.environment.name=dev" {
			return true
		}
	}
	return false
}
