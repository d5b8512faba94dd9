package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// profiles of net/http/pprof that are fetched.
var profiles = []string{"heap", "goroutine"}

// gzipped is how every profile begins.
var gzipped = []byte{0x1f, 0x8b}

// profileClient goes to the pod itself: through no proxy, and nowhere else that an answer names.
var profileClient = &http.Client{
	Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// profile fetches profiles of the pod that the alert names, or of some, into the folder of its report.
func (r *Responder) profile(ctx context.Context, alert Alert, target Target, folder string) Outcome {
	outcome := Outcome{Action: diagnose, Kind: target.Kind, Name: target.Name}
	pods, err := r.podsOf(ctx, target)
	if err != nil {
		return outcome.failed(err)
	}
	chosen := r.looked(pods, alert.pod())
	if len(chosen) == 0 {
		return outcome.refused("none of its pods runs that could be looked at")
	}
	if r.config.DryRun {
		return outcome.done("profiles of %d pods", len(chosen))
	}
	var failures []error
	for _, pod := range chosen {
		for _, name := range profiles {
			key, size, err := r.fetchAndStore(ctx, pod, name, folder)
			if err != nil {
				failures = append(failures, fmt.Errorf("%s of %s: %w", name, pod.Name, err))
				continue
			}
			outcome.Stored = append(outcome.Stored, key)
			outcome.Detail = strings.TrimPrefix(fmt.Sprintf("%s, %s of %s (%d bytes)", outcome.Detail, name, pod.Name, size), ", ")
		}
	}
	if len(outcome.Stored) == 0 {
		return outcome.failed(errors.Join(failures...))
	}
	outcome = outcome.done("%s", outcome.Detail)
	if len(failures) > 0 {
		outcome.Detail += "; not " + errors.Join(failures...).Error()
	}
	return outcome
}

// looked are the pods to look at: the one that is named, or the first few by name.
func (r *Responder) looked(pods []corev1.Pod, named string) []corev1.Pod {
	running := slices.DeleteFunc(slices.Clone(pods), func(pod corev1.Pod) bool {
		return pod.Status.PodIP == "" || pod.Status.Phase != corev1.PodRunning || (named != "" && pod.Name != named)
	})
	slices.SortFunc(running, func(a, b corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	return running[:min(len(running), r.config.Diagnose.Pods)]
}

func (r *Responder) fetchAndStore(ctx context.Context, pod corev1.Pod, name, folder string) (string, int, error) {
	content, err := r.fetch(ctx, pod.Status.PodIP, name)
	if err != nil {
		return "", 0, err
	}
	key := folder + "/" + name + "-" + pod.Name + ".pb.gz"
	return key, len(content), r.store.Put(ctx, key, "application/gzip", content)
}

func (r *Responder) fetch(ctx context.Context, ip, name string) ([]byte, error) {
	step := r.config.Diagnose
	ctx, cancel := context.WithTimeout(ctx, step.Timeout.Duration)
	defer cancel()
	address := "http://" + net.JoinHostPort(ip, strconv.Itoa(step.Port)) + "/debug/pprof/" + name
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := profileClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", answer.Status)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, step.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > step.MaxBytes {
		return nil, fmt.Errorf("it is larger than %d bytes", step.MaxBytes)
	}
	if !bytes.HasPrefix(content, gzipped) {
		return nil, errors.New("what it answers is no profile")
	}
	return content, nil
}
