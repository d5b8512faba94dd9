package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func portOf(t *testing.T, handler http.Handler) int {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func kept(t *testing.T, folder, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestProfilesAndReportOfAPod(t *testing.T) {
	config := everything(t)
	config.Diagnose.Port = portOf(t, http.HandlerFunc(pprof.Index))
	b := open(t, config, pod("order-1", true), pod("order-2", true), pod("order-3", true))
	b.handle(of(firing("a", "diagnose"), "order-2"))
	files := kept(t, config.Storage.Directory, "2026-11-21/order/Slow-100000-a/*")
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	same(t, "files", strings.Join(names, " "), "goroutine-order-2.pb.gz heap-order-2.pb.gz report.json report.md")
	report, err := os.ReadFile(files[3])
	if err != nil || !strings.Contains(string(report), "| diagnose | done |") || !strings.Contains(string(report), "| order-3 | Running | true |") {
		t.Fatalf("%s %v", report, err)
	}
	// None is named: some are looked at.
	b.handle(firing("b", "diagnose"))
	same(t, "profiles of two pods", len(kept(t, config.Storage.Directory, "*/*/Slow-100000-b/*.pb.gz")), 4)
}

func TestWhatIsNoProfile(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"text":      func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") },
		"an error":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) },
		"too large": func(w http.ResponseWriter, _ *http.Request) {
			w.Write(append(gzipped, bytes.Repeat([]byte("x"), 1<<20)...))
		},
		"never": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			config := everything(t)
			config.Diagnose.Port = portOf(t, handler)
			config.Diagnose.Timeout = span(200 * time.Millisecond)
			b := open(t, config, pod("order-1", true))
			b.handle(firing("a", "diagnose"))
			same(t, "profiles", len(kept(t, config.Storage.Directory, "*/*/*/*.pb.gz")), 0)
			same(t, "reports", len(kept(t, config.Storage.Directory, "*/*/*/report.json")), 1)
			same(t, "reason", b.reasons()[0], "AlertDiagnoseFailed")
		})
	}
}

func TestABucketKeepsThem(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	backend := s3mem.New()
	if err := backend.CreateBucket("alerts"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	defer server.Close()
	bucket := &Bucket{Name: "alerts", Host: strings.TrimPrefix(server.URL, "http://"), Region: "eu-central-1", Plain: true}
	store, err := openStore(&Storage{Bucket: bucket})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Put(context.Background(), "2026-11-21/order/a/heap.pb.gz", "application/gzip", []byte("content")); err != nil {
		t.Fatal(err)
	}
	object, err := backend.GetObject("alerts", "2026-11-21/order/a/heap.pb.gz", nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(object.Contents)
	if err != nil || string(content) != "content" || object.Metadata["Content-Type"] != "application/gzip" {
		t.Fatalf("%s %v %v", content, object.Metadata, err)
	}
	bucket.Name = "other"
	if store, err = openStore(&Storage{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(context.Background(), "a", "text/plain", nil); err == nil {
		t.Fatal("a bucket that does not exist takes nothing")
	}
}

func TestAFolderForgetsOldDays(t *testing.T) {
	path := t.TempDir()
	store := Directory{path: path, retention: 48 * time.Hour}
	for _, key := range []string{"2026-11-18/a", "2026-11-19/a", "notes/a", "2026-11-21/a"} {
		if err := store.Put(context.Background(), key, "", []byte("a")); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "days", len(kept(t, path, "2026-11-18")), 0)
	same(t, "days that stay", len(kept(t, path, "*")), 3)
}
