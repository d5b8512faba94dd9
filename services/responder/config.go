package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// Config is what the component alertResponder writes. A step that is absent is off.
type Config struct {
	// Namespace whose alerts it acts on, and no other's.
	Namespace string `json:"namespace"`
	// Name in events and logs.
	Name string `json:"name"`
	// Listen is where alerts, probes and metrics are served.
	Listen string `json:"listen"`
	// TokenFile holds what Alertmanager must show; read at each request, so that it may be rotated.
	TokenFile string `json:"tokenFile"`
	// State is the ConfigMap that remembers what was done.
	State string `json:"state"`
	// DryRun asks the API server whether it would allow each change, and changes nothing.
	DryRun bool `json:"dryRun,omitempty"`
	// Cooldown passes before one step is taken again for the same service.
	Cooldown metav1.Duration `json:"cooldown"`
	// Every so often it looks for what is to be undone because its time is over.
	Every metav1.Duration `json:"every,omitempty"`
	// Services by the name that alerts call them.
	Services map[string]Target `json:"services"`

	Diagnose *DiagnoseStep `json:"diagnose,omitempty"`
	Scale    *ScaleStep    `json:"scale,omitempty"`
	Isolate  *IsolateStep  `json:"isolate,omitempty"`
	// Archive keeps a report of each alert.
	Archive bool     `json:"archive,omitempty"`
	Storage *Storage `json:"storage,omitempty"`
}

// Target is what a service consists of, as far as it is touched.
type Target struct {
	// Kind is Deployment or Rollout.
	Kind     string            `json:"kind"`
	Name     string            `json:"name"`
	Selector map[string]string `json:"selector"`
	// Autoscaler is the HorizontalPodAutoscaler; empty where there is none.
	Autoscaler string `json:"autoscaler,omitempty"`
	// DisruptionBudget is the PodDisruptionBudget; empty where there is none.
	DisruptionBudget string `json:"disruptionBudget,omitempty"`
}

// DiagnoseStep fetches heap and goroutine profiles.
type DiagnoseStep struct {
	Port int `json:"port"`
	// Pods at most, where the alert names none.
	Pods     int             `json:"pods"`
	Timeout  metav1.Duration `json:"timeout"`
	MaxBytes int64           `json:"maxBytes"`
}

// ScaleStep adds pods for a while.
type ScaleStep struct {
	By int32 `json:"by"`
	// Max pods, whatever an autoscaler allows.
	Max int32 `json:"max"`
	// Hold is how long they stay at most.
	Hold metav1.Duration `json:"hold"`
}

// IsolateStep takes a pod out of its service.
type IsolateStep struct {
	// Keep is how long the pod lives on to be looked at.
	Keep metav1.Duration `json:"keep"`
}

// Storage is a folder or a bucket.
type Storage struct {
	Directory string `json:"directory,omitempty"`
	// Retention of the folder; a bucket has rules of its own.
	Retention metav1.Duration `json:"retention,omitempty"`
	Bucket    *Bucket         `json:"bucket,omitempty"`
}

// Bucket speaks S3. Its keys are the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
type Bucket struct {
	Name   string `json:"name"`
	Host   string `json:"host"`
	Region string `json:"region"`
	// Plain HTTP, for a store on the same machine.
	Plain bool `json:"plain,omitempty"`
}

// readConfig reads a file and refuses what it does not know.
func readConfig(file string) (Config, error) {
	config := Config{Every: metav1.Duration{Duration: 30 * time.Second}, Listen: ":8080"}
	text, err := os.ReadFile(file)
	if err != nil {
		return config, err
	}
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return config, fmt.Errorf("%s: %w", file, err)
	}
	return config, config.check()
}

func (c Config) check() error {
	var faults []error
	fault := func(wrong bool, text string) {
		if wrong {
			faults = append(faults, errors.New(text))
		}
	}
	fault(c.Namespace == "" || c.Name == "" || c.State == "" || c.TokenFile == "", "namespace, name, state and tokenFile are needed")
	fault(c.Diagnose == nil && c.Scale == nil && c.Isolate == nil && !c.Archive, "no step is on")
	fault((c.Diagnose != nil || c.Archive) && c.Storage == nil, "diagnose and archive need storage")
	fault(c.Storage != nil && (c.Storage.Directory == "") == (c.Storage.Bucket == nil), "storage is either directory or bucket")
	fault(c.Scale != nil && (c.Scale.By < 1 || c.Scale.Max < 1 || c.Scale.Hold.Duration <= 0), "scale needs by, max and hold")
	fault(c.Diagnose != nil && (c.Diagnose.Port < 1 || c.Diagnose.Pods < 1 || c.Diagnose.MaxBytes < 1 || c.Diagnose.Timeout.Duration <= 0), "diagnose needs port, pods, timeout and maxBytes")
	fault(c.Isolate != nil && c.Isolate.Keep.Duration <= 0, "isolate needs keep")
	fault(c.Every.Duration <= 0, "every is no span of time")
	for name, target := range c.Services {
		fault(len(target.Selector) == 0, name+": an empty selector would mean every pod")
		fault(target.Kind != "Deployment" && target.Kind != "Rollout", name+": kind is neither Deployment nor Rollout")
	}
	return errors.Join(faults...)
}
