/** Where an add-on keeps its CustomResourceDefinitions. */
export interface CrdSource {
  /** What people call it. */
  readonly addOn: string;
  /** Go module and version that hold them. */
  readonly module: string;
  readonly version: string;
  /** Files in the module, with * for any part of one name. */
  readonly files: readonly string[];
  /** Files that match but are something else. */
  readonly except?: readonly string[];
  /**
   * GitHub repository and the tag of that version, where the same files can be had one by one. Absent when the version
   * is no release: then the module is the only way.
   */
  readonly repository?: { readonly name: string; readonly tag: string };
}

/**
 * Every add-on whose CRDs are published as YAML. The files' sums are in crd-files.ts,
 * made by `node toolchain/crd-files.generate.ts` after a change here.
 */
export const CRD_SOURCES: readonly CrdSource[] = [
  {
    addOn: "Argo CD",
    module: "github.com/argoproj/argo-cd/v3",
    version: "v3.5.7",
    files: ["manifests/crds/*-crd.yaml"],
    repository: { name: "argoproj/argo-cd", tag: "v3.5.7" },
  },
  {
    addOn: "Argo Rollouts",
    module: "github.com/argoproj/argo-rollouts",
    version: "v1.10.1",
    files: ["manifests/crds/*-crd.yaml"],
    repository: { name: "argoproj/argo-rollouts", tag: "v1.10.1" },
  },
  {
    addOn: "Prometheus Operator",
    module: "github.com/prometheus-operator/prometheus-operator",
    version: "v0.94.0",
    files: ["example/prometheus-operator-crd/*.yaml"],
    repository: { name: "prometheus-operator/prometheus-operator", tag: "v0.94.0" },
  },
  {
    addOn: "cert-manager",
    module: "github.com/cert-manager/cert-manager",
    version: "v1.21.2",
    files: ["deploy/crds/*.yaml"],
    repository: { name: "cert-manager/cert-manager", tag: "v1.21.2" },
  },
  {
    addOn: "Gateway API",
    module: "sigs.k8s.io/gateway-api",
    version: "v1.6.3",
    files: ["config/crd/standard/*.yaml"],
    // A policy that guards upgrades of the CRDs, and no CRD itself.
    except: ["config/crd/standard/*_vap_safeupgrades.yaml"],
    repository: { name: "kubernetes-sigs/gateway-api", tag: "v1.6.3" },
  },
  {
    addOn: "KEDA",
    module: "github.com/kedacore/keda/v2",
    version: "v2.21.0",
    files: ["config/crd/bases/*.yaml"],
    repository: { name: "kedacore/keda", tag: "v2.21.0" },
  },
  {
    addOn: "Kyverno",
    module: "github.com/kyverno/kyverno",
    version: "v1.19.1",
    files: ["config/crds/*/*.yaml"],
    repository: { name: "kyverno/kyverno", tag: "v1.19.1" },
  },
  {
    addOn: "Istio",
    module: "istio.io/api",
    version: "v1.31.1",
    files: ["kubernetes/customresourcedefinitions.gen.yaml"],
    repository: { name: "istio/api", tag: "v1.31.1" },
  },
  {
    addOn: "Chaos Mesh",
    module: "github.com/chaos-mesh/chaos-mesh",
    version: "v0.9.1-0.20260902003049-47411975a8cb",
    files: ["helm/chaos-mesh/crds/*.yaml"],
  },
  {
    addOn: "External Secrets",
    module: "github.com/external-secrets/external-secrets",
    version: "v1.3.2",
    files: ["config/crds/bases/*.yaml"],
    repository: { name: "external-secrets/external-secrets", tag: "v1.3.2" },
  },
  {
    addOn: "OpenTelemetry Operator",
    module: "github.com/open-telemetry/opentelemetry-operator",
    version: "v0.140.0",
    files: ["config/crd/bases/*.yaml"],
    repository: { name: "open-telemetry/opentelemetry-operator", tag: "v0.140.0" },
  },
  {
    addOn: "CloudNativePG",
    module: "github.com/cloudnative-pg/cloudnative-pg",
    version: "v1.29.0",
    files: ["config/crd/bases/*.yaml"],
    repository: { name: "cloudnative-pg/cloudnative-pg", tag: "v1.29.0" },
  },
  {
    addOn: "RabbitMQ cluster operator",
    module: "github.com/rabbitmq/cluster-operator/v2",
    version: "v2.16.0",
    files: ["config/crd/bases/*.yaml"],
    repository: { name: "rabbitmq/cluster-operator", tag: "v2.16.0" },
  },
  {
    addOn: "Velero",
    module: "github.com/vmware-tanzu/velero",
    version: "v1.18.3",
    files: ["config/crd/v1/bases/*.yaml", "config/crd/v2alpha1/bases/*.yaml"],
    repository: { name: "vmware-tanzu/velero", tag: "v1.18.3" },
  },
  {
    addOn: "Envoy Gateway",
    module: "github.com/envoyproxy/gateway",
    version: "v1.9.1",
    files: ["charts/gateway-helm/charts/crds/crds/generated/*.yaml"],
    repository: { name: "envoyproxy/gateway", tag: "v1.9.1" },
  },
  {
    addOn: "ExternalDNS",
    module: "sigs.k8s.io/external-dns",
    version: "v0.22.0",
    files: ["config/crd/standard/*.yaml"],
    repository: { name: "kubernetes-sigs/external-dns", tag: "v0.22.0" },
  },
  {
    addOn: "Sealed Secrets",
    module: "github.com/bitnami-labs/sealed-secrets",
    version: "v0.40.0",
    files: ["helm/sealed-secrets/crds/*.yaml"],
    repository: { name: "bitnami-labs/sealed-secrets", tag: "v0.40.0" },
  },
  {
    addOn: "Gatekeeper",
    module: "github.com/open-policy-agent/gatekeeper/v3",
    version: "v3.23.1",
    files: ["charts/gatekeeper/crds/*.yaml"],
    repository: { name: "open-policy-agent/gatekeeper", tag: "v3.23.1" },
  },
  {
    addOn: "TiDB operator",
    module: "github.com/pingcap/tidb-operator",
    version: "v1.6.0",
    files: ["manifests/crd/v1/*.yaml"],
    repository: { name: "pingcap/tidb-operator", tag: "v1.6.0" },
  },
];
