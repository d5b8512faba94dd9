package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Action is a step that an alert may ask for, in its label "actions".
type Action string

const (
	diagnose Action = "diagnose"
	scale    Action = "scale"
	isolate  Action = "isolate"
)

// order in which steps are taken: what is to be seen is seen before anything is changed.
var order = []Action{diagnose, scale, isolate}

// Webhook is Alertmanager's notification, version 4.
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
type Webhook struct {
	Version string  `json:"version"`
	Alerts  []Alert `json:"alerts"`
}

// Alert is one alert of a notification.
type Alert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	Fingerprint  string            `json:"fingerprint"`
	GeneratorURL string            `json:"generatorURL"`
}

func (a Alert) name() string    { return a.Labels["alertname"] }
func (a Alert) service() string { return a.Labels["service"] }
func (a Alert) pod() string     { return a.Labels["pod"] }

// errRefused says that an alert asks for nothing that may be done.
var errRefused = errors.New("refused")

// judge says which steps an alert may have: those that it asks for and that are on.
func (c Config) judge(alert Alert) (Target, []Action, error) {
	refuse := func(format string, args ...any) (Target, []Action, error) {
		return Target{}, nil, fmt.Errorf("%w: %s", errRefused, fmt.Sprintf(format, args...))
	}
	if alert.Fingerprint == "" || alert.name() == "" || alert.StartsAt.IsZero() {
		return refuse("it lacks its fingerprint, name or start")
	}
	if alert.Status != "firing" && alert.Status != "resolved" {
		return refuse("its status is %q", alert.Status)
	}
	if alert.Labels["namespace"] != c.Namespace {
		return refuse("it is of namespace %q", alert.Labels["namespace"])
	}
	target, known := c.Services[alert.service()]
	if !known {
		return refuse("service %q is not in its care", alert.service())
	}
	asked := strings.FieldsFunc(alert.Labels["actions"], func(r rune) bool { return r == ',' || r == ' ' })
	on := c.on()
	var allowed []Action
	for _, action := range order {
		if slices.Contains(asked, string(action)) && on[action] {
			allowed = append(allowed, action)
		}
	}
	if len(asked) == 0 {
		return refuse("it asks for no action")
	}
	for _, one := range asked {
		if !slices.Contains(order, Action(one)) {
			return refuse("nobody knows the action %q", one)
		}
	}
	// A report alone is kept of whatever asks for something.
	if len(allowed) == 0 && !c.Archive {
		return refuse("%s is switched off", strings.Join(asked, ", "))
	}
	return target, allowed, nil
}

// on says which steps are switched on.
func (c Config) on() map[Action]bool {
	return map[Action]bool{diagnose: c.Diagnose != nil, scale: c.Scale != nil, isolate: c.Isolate != nil}
}
