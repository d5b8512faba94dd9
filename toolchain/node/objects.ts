import type { KubernetesObject } from "../../components/core/object.ts";
import { CLUSTER_DOMAIN, IMAGES, NETWORK } from "./layout.ts";

const NAMESPACE = "kube-system";

/** Objects that a cluster with real pods needs: its names, and what tells how much its pods use. */
export function nodeObjects(): readonly KubernetesObject[] {
  return [...dns(), ...metrics()] as KubernetesObject[];
}

interface AddOn {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly probe: { readonly path: string; readonly port: number | string; readonly scheme?: string };
  readonly memory: string;
  readonly volume: { readonly name: string; readonly mountPath: string; readonly source: object };
}

function addOn({ name, labels, image, args, ports, probe, memory, volume }: AddOn) {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: NAMESPACE, labels } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace: NAMESPACE, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            priorityClassName: "system-cluster-critical",
            // Names of the cluster are what it serves itself.
            dnsPolicy: "Default",
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1001,
              runAsGroup: 1001,
              fsGroup: 1001,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [
              {
                name,
                image,
                args,
                ports,
                resources: { requests: { cpu: "20m", memory }, limits: { memory: "256Mi" } },
                readinessProbe: { httpGet: probe, periodSeconds: 1, failureThreshold: 3 },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                volumeMounts: [{ name: volume.name, mountPath: volume.mountPath }],
              },
            ],
            volumes: [{ name: volume.name, ...volume.source }],
          },
        },
      },
    },
  ];
}

function role(name: string, rules: readonly object[]) {
  return [
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: `system:${name}` }, rules },
    binding(`system:${name}`, "ClusterRole", `system:${name}`, name),
  ];
}

function binding(name: string, kind: "ClusterRole" | "Role", of: string, account: string) {
  const whole = kind === "ClusterRole";
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: `${kind}Binding`,
    metadata: { name, ...(whole ? {} : { namespace: NAMESPACE }) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: of },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: NAMESPACE }],
  };
}

/** Other names than the cluster's do not exist: pods reach nothing beyond this machine. */
const COREFILE = `${CLUSTER_DOMAIN}:53 in-addr.arpa:53 ip6.arpa:53 {
    errors
    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {
        pods insecure
        # Behind a headless Service each pod is known by its own name.
        endpoint_pod_names
        ttl 5
    }
    prometheus :9153
    cache 5
    loadbalance
}
.:53 {
    errors
    health
    ready
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`;

function dns() {
  const labels = { "k8s-app": "kube-dns" };
  const rules = [
    { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
  ];
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "coredns", namespace: NAMESPACE, labels },
      data: { Corefile: COREFILE },
    },
    ...role("coredns", rules),
    ...addOn({
      name: "coredns",
      labels,
      image: IMAGES.coredns,
      args: ["-conf", "/etc/coredns/Corefile"],
      ports: [
        { name: "dns", containerPort: 53, protocol: "UDP" },
        { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
      ],
      probe: { path: "/ready", port: 8181 },
      memory: "48Mi",
      volume: { name: "config", mountPath: "/etc/coredns", source: { configMap: { name: "coredns" } } },
    }),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace: NAMESPACE, labels },
      spec: {
        clusterIP: NETWORK.dns,
        selector: labels,
        ports: [
          { name: "dns", port: 53, targetPort: "dns", protocol: "UDP" },
          { name: "dns-tcp", port: 53, targetPort: "dns-tcp", protocol: "TCP" },
        ],
      },
    },
  ];
}

function metrics() {
  const labels = { "k8s-app": "metrics-server" };
  const rules = [
    { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
  ];
  return [
    ...role("metrics-server", rules),
    binding("metrics-server-delegates", "ClusterRole", "system:auth-delegator", "metrics-server"),
    binding("metrics-server-reads", "Role", "extension-apiserver-authentication-reader", "metrics-server"),
    ...addOn({
      name: "metrics-server",
      labels,
      image: IMAGES.metricsServer,
      args: [
        "--secure-port=10250",
        "--cert-dir=/tmp",
        "--kubelet-preferred-address-types=InternalIP",
        // The kubelet signs its certificate itself.
        "--kubelet-insecure-tls",
        "--metric-resolution=15s",
      ],
      ports: [{ name: "https", containerPort: 10250 }],
      probe: { path: "/readyz", port: "https", scheme: "HTTPS" },
      memory: "64Mi",
      volume: { name: "tmp", mountPath: "/tmp", source: { emptyDir: { sizeLimit: "8Mi" } } },
    }),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "metrics-server", namespace: NAMESPACE, labels },
      spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io", labels },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        // Its certificate is made at its start and signed by nobody.
        insecureSkipTLSVerify: true,
        service: { name: "metrics-server", namespace: NAMESPACE },
      },
    },
  ];
}
