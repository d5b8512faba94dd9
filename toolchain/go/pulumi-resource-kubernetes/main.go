// The Kubernetes provider of Pulumi, as upstream's own main package makes it.
// Upstream embeds files that its build generates and its module lacks; the schema
// (its cmd/pulumi-resource-kubernetes/schema.json) is put beside this file by the build.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, []byte("{}"))
}
