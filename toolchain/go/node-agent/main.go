// What a real node of the embedded cluster needs beside Kubernetes' own programs: network policies turned into nftables,
// folders for volumes, and doors of the host opened inside the node's network.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what to do: policy, relay or version")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "version":
		fmt.Println("node-agent 1.0.0")
		return nil
	case "relay":
		netns := flags.String("netns", "", "file of the network namespace that is listened in")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return relay(ctx, *netns, flags.Args())
	case "policy":
		kubeconfig := flags.String("kubeconfig", "", "how the API server is reached")
		volumes := flags.String("volumes", "", "folder whose subfolders are the volumes of the class embedded")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
		if err != nil {
			return err
		}
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		return watch(ctx, client, strings.TrimSuffix(*volumes, "/"))
	}
	return fmt.Errorf("unknown command %q: policy, relay or version", args[0])
}
