package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/knftables"
)

// A change is acted on so long after it was heard of, with all that came in between.
const gather = 20 * time.Millisecond

// watch keeps the kernel's rules at what the API server says, until it is told to end.
func watch(ctx context.Context, client kubernetes.Interface, volumes string) error {
	nft, err := knftables.New(knftables.InetFamily, table)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods()
	namespaces := factory.Core().V1().Namespaces()
	policies := factory.Networking().V1().NetworkPolicies()
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { tell() },
		UpdateFunc: func(_, _ any) { tell() },
		DeleteFunc: func(any) { tell() },
	}
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	if volumes != "" {
		if err := keepFolders(factory, volumes); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("the API server does not list %v", kind)
		}
	}
	tell()
	var last []Chain
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			time.Sleep(gather)
		}
		cluster := Cluster{}
		cluster.Pods, _ = pods.Lister().List(labels.Everything())
		cluster.Namespaces, _ = namespaces.Lister().List(labels.Everything())
		cluster.Policies, _ = policies.Lister().List(labels.Everything())
		chains, err := Chains(cluster)
		if err == nil && !(last != nil && reflect.DeepEqual(chains, last)) {
			err = apply(ctx, nft, chains)
			if err == nil {
				slog.Info("applied", "policies", len(cluster.Policies), "chains", len(chains))
			}
		}
		if err != nil {
			// What was applied before goes on; the next change is a new chance, and one comes by itself.
			slog.Error(err.Error())
			time.AfterFunc(time.Second, tell)
			continue
		}
		last = chains
	}
}

// keepFolders makes the folder of each volume that lies under ours, and empties it when the volume is gone. The kubelet
// gives it to the pod's group.
func keepFolders(factory informers.SharedInformerFactory, volumes string) error {
	folder := func(object any) string {
		volume, ok := object.(*corev1.PersistentVolume)
		if !ok || volume.Spec.Local == nil || filepath.Dir(filepath.Clean(volume.Spec.Local.Path)) != volumes {
			return ""
		}
		return volume.Spec.Local.Path
	}
	_, err := factory.Core().V1().PersistentVolumes().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) {
			if path := folder(object); path != "" {
				if err := os.MkdirAll(path, 0o755); err != nil {
					slog.Error(err.Error())
				}
			}
		},
		DeleteFunc: func(object any) {
			if path := folder(object); path != "" {
				if err := os.RemoveAll(path); err != nil {
					slog.Error(err.Error())
				}
			}
		},
	})
	return err
}
