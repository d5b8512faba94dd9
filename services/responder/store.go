package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Store keeps profiles and reports.
type Store interface {
	Put(ctx context.Context, key, contentType string, content []byte) error
}

func openStore(storage *Storage) (Store, error) {
	if storage == nil {
		return nil, nil
	}
	if storage.Bucket == nil {
		return Directory{path: storage.Directory, retention: storage.Retention.Duration}, nil
	}
	bucket := storage.Bucket
	client, err := minio.New(bucket.Host, &minio.Options{
		Creds:        credentials.NewEnvAWS(),
		Region:       bucket.Region,
		Secure:       !bucket.Plain,
		BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, err
	}
	return Objects{client: client, bucket: bucket.Name}, nil
}

// Objects are kept in a bucket.
type Objects struct {
	client *minio.Client
	bucket string
}

// Put writes one object.
func (o Objects) Put(ctx context.Context, key, contentType string, content []byte) error {
	options := minio.PutObjectOptions{ContentType: contentType, DisableMultipart: true}
	_, err := o.client.PutObject(ctx, o.bucket, key, bytes.NewReader(content), int64(len(content)), options)
	return err
}

// Directory is a folder on a volume, with a folder for each day.
type Directory struct {
	path      string
	retention time.Duration
}

// Put writes one file; it appears at once and whole. The first of a day removes the days that are too old.
func (d Directory) Put(_ context.Context, key, _ string, content []byte) error {
	file := filepath.Join(d.path, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	fresh := file + ".new"
	if err := os.WriteFile(fresh, content, 0o640); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	if err := os.Rename(fresh, file); err != nil {
		return err
	}
	return d.prune(key[:min(len(key), len(time.DateOnly))])
}

func (d Directory) prune(today string) error {
	now, err := time.Parse(time.DateOnly, today)
	if err != nil || d.retention <= 0 {
		return nil
	}
	days, err := os.ReadDir(d.path)
	if err != nil {
		return err
	}
	var failures []error
	for _, day := range days {
		date, err := time.Parse(time.DateOnly, day.Name())
		// What is not a day of ours stays.
		if err != nil || now.Sub(date) <= d.retention {
			continue
		}
		if err := os.RemoveAll(filepath.Join(d.path, day.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}
