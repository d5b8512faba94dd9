package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOnlyAlertsThatMayAct(t *testing.T) {
	with := func(change func(*Alert)) Alert {
		alert := of(firing("a", "diagnose,scale"), "order-1")
		change(&alert)
		return alert
	}
	for name, row := range map[string]struct {
		alert Alert
		said  string
	}{
		"of another namespace":   {with(func(a *Alert) { a.Labels["namespace"] = "other" }), `namespace "other"`},
		"of no namespace":        {with(func(a *Alert) { delete(a.Labels, "namespace") }), "namespace"},
		"of another service":     {with(func(a *Alert) { a.Labels["service"] = "user" }), `"user" is not in its care`},
		"that asks for nothing":  {with(func(a *Alert) { delete(a.Labels, "actions") }), "no action"},
		"that asks for the moon": {with(func(a *Alert) { a.Labels["actions"] = "scale,reboot" }), `"reboot"`},
		"without a fingerprint":  {with(func(a *Alert) { a.Fingerprint = "" }), "fingerprint"},
		"without a start":        {with(func(a *Alert) { a.StartsAt = time.Time{} }), "start"},
		"of an unknown status":   {with(func(a *Alert) { a.Status = "pending" }), "pending"},
	} {
		t.Run(name, func(t *testing.T) {
			_, actions, err := everything(t).judge(row.alert)
			if err == nil || !strings.Contains(err.Error(), row.said) || len(actions) > 0 {
				t.Fatalf("%v, %v", actions, err)
			}
		})
	}
	_, actions, err := everything(t).judge(firing("a", "isolate, diagnose"))
	if err != nil || !slices.Equal(actions, []Action{diagnose, isolate}) {
		t.Fatalf("what looks comes before what changes: %v, %v", actions, err)
	}
}

func TestAStepThatIsOffIsNotTaken(t *testing.T) {
	config := everything(t)
	config.Scale = nil
	_, actions, err := config.judge(firing("a", "diagnose,scale"))
	if err != nil || !slices.Equal(actions, []Action{diagnose}) {
		t.Fatalf("%v, %v", actions, err)
	}
	config.Archive = false
	if _, _, err := config.judge(firing("a", "scale")); err == nil || !strings.Contains(err.Error(), "switched off") {
		t.Fatal(err)
	}
}

func TestFaultsOfTheConfiguration(t *testing.T) {
	for said, change := range map[string]func(*Config){
		"no step":                    func(c *Config) { c.Diagnose, c.Scale, c.Isolate, c.Archive = nil, nil, nil, false },
		"need storage":               func(c *Config) { c.Storage = nil },
		"either directory or bucket": func(c *Config) { c.Storage = &Storage{} },
		"scale needs":                func(c *Config) { c.Scale.Max = 0 },
		"diagnose needs":             func(c *Config) { c.Diagnose.MaxBytes = 0 },
		"isolate needs":              func(c *Config) { c.Isolate.Keep = span(0) },
		"every pod":                  func(c *Config) { c.Services = map[string]Target{"order": {Kind: "Deployment", Name: "order"}} },
		"neither Deployment": func(c *Config) {
			c.Services = map[string]Target{"order": {Kind: "DaemonSet", Selector: map[string]string{"a": "b"}}}
		},
		"are needed": func(c *Config) { c.State = "" },
	} {
		config := everything(t)
		change(&config)
		if err := config.check(); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("want %q, got %v", said, err)
		}
	}
}

func TestAFolderIsWithinItsDay(t *testing.T) {
	alert := firing("../f", "")
	alert.Labels["alertname"] = "../../etc/passwd"
	same(t, "folder", folder(alert, start), "2026-11-21/order/_etc_passwd-100000-_f")
}
