package kit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type sample struct {
	Timeout           time.Duration `koanf:"timeout"`
	RequestsPerSecond int           `koanf:"requestsPerSecond"`
	Saga              struct {
		Retries int `koanf:"retries"`
	} `koanf:"saga"`
}

func (s sample) Check() error {
	if s.RequestsPerSecond < 1 {
		return errors.New("requestsPerSecond is below 1")
	}
	return nil
}

const sampleDefaults = "timeout: 3s\nrequestsPerSecond: 200\nsaga: { retries: 3 }\n"

func sampleOf(t *testing.T, files map[string]string, environ ...string) *Config[sample] {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &Config[sample]{name: "order", defaults: sampleDefaults, directory: folder, environ: environ}
}

func TestVariablesLieOverFilesAndFilesOverDefaults(t *testing.T) {
	config := sampleOf(t, map[string]string{"order.yaml": "timeout: 5s\nsaga: { retries: 5 }", "limits.yaml": "requestsPerSecond: 7"},
		"ORDER_SAGA_RETRIES=9", "ORDER_REQUESTS_PER_SECOND=8", "ORDER_MOON=1", "PATH=/bin")
	if _, err := config.reload(); err != nil {
		t.Fatal(err)
	}
	now := config.Get()
	if now.Timeout != 5*time.Second || now.Saga.Retries != 9 || now.RequestsPerSecond != 8 {
		t.Fatalf("%+v", now)
	}
}

func TestAWrongFileChangesNothing(t *testing.T) {
	for name, row := range map[string]struct{ text, said string }{
		"no YAML":           {"timeout: [", "limits.yaml"},
		"an unknown key":    {"requestPerSecond: 7", "requestPerSecond"},
		"no duration":       {"timeout: soon", "timeout"},
		"refused by itself": {"requestsPerSecond: 0", "below 1"},
	} {
		t.Run(name, func(t *testing.T) {
			config := sampleOf(t, map[string]string{"limits.yaml": "requestsPerSecond: 7"})
			if _, err := config.reload(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(config.directory, "limits.yaml"), []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.reload(); err == nil || !strings.Contains(err.Error(), row.said) {
				t.Fatal(err)
			}
			if now := config.Get(); now.RequestsPerSecond != 7 || now.Timeout != 3*time.Second {
				t.Fatalf("%+v", now)
			}
		})
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	for name, row := range map[string]struct{ variable, said string }{
		"a linger longer than the drain": {"DRAIN_LINGER=40s", "DRAIN_LINGER"},
		"a database of another kind":     {"DATABASE_URL=mysql://root:marker@db", "DATABASE_URL"},
		"a placeholder":                  {"DATABASE_URL=placeholder for marker", "DATABASE_URL"},
		"a broker of another kind":       {"BROKER_URL=kafka://marker", "BROKER_URL"},
		"another protocol":               {"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "http/protobuf"},
		"no port":                        {"HTTP_PORT=web", "HTTP_PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readSettings([]string{row.variable})
			if err == nil || !strings.Contains(err.Error(), row.said) || strings.Contains(err.Error(), "marker") {
				t.Fatal(err)
			}
		})
	}
	settings, err := readSettings([]string{"GRPC_MAX_CONNECTION_AGE=1m", "LOG_LEVEL="})
	if err != nil || settings.MaxConnectionAge != time.Minute || settings.LogLevel != "info" || settings.Drain != 30*time.Second {
		t.Fatalf("%+v, %v", settings, err)
	}
}
