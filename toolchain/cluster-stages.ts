/**
 * How kwok plays what no control plane does by itself: kubelets, a storage provisioner and a load balancer.
 * Each row says which objects it moves and where to; the templates are Go's. https://kwok.sigs.k8s.io/docs/user/stages-configuration/
 */
interface Stage {
  readonly name: string;
  readonly of: { readonly apiGroup: string; readonly kind: string };
  /** All must hold. */
  readonly when: readonly Expression[];
  /** Waits so long before it acts, between the two, in milliseconds. @default at once */
  readonly delay?: { readonly from: number; readonly to: number };
  readonly next: { readonly delete: true } | { readonly status: string } | { readonly apply: string };
}

interface Expression {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

const NODE = { apiGroup: "v1", kind: "Node" };
const POD = { apiGroup: "v1", kind: "Pod" };
const CLAIM = { apiGroup: "v1", kind: "PersistentVolumeClaim" };
const VOLUME = { apiGroup: "v1", kind: "PersistentVolume" };

const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const DELETED: Expression = { key: ".metadata.deletionTimestamp", operator: "Exists" };
const NOT_DELETED: Expression = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };

function is(key: string, ...values: readonly string[]): Expression {
  return { key, operator: "In", values };
}

function isNot(key: string, ...values: readonly string[]): Expression {
  return { key, operator: "NotIn", values };
}

/** The class of volumes that need no storage, and the default one. */
export const STORAGE_CLASS = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "embedded", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "fairlead.dev/embedded",
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
} as const;

const NODE_CONDITIONS = `
{{ $now := Now }}
{{ $since := or .metadata.creationTimestamp $now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $since | Quote }}
{{ end }}
phase: Running
`;

const POD_RUNS = `
{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
- { type: PodReadyToStartContainers, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ range .spec.readinessGates }}
- type: {{ .conditionType | Quote }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}
  {{ else }}
  started: false
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
  {{ end }}
{{ end }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
`;

const POD_COMPLETES = `
{{ $now := Now }}
phase: Succeeded
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
`;

/** The controller manager binds a volume to the claim that it names, as behind any provisioner. */
const volumeForClaim = (place: string) => `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations:
    pv.kubernetes.io/provisioned-by: ${STORAGE_CLASS.provisioner}
spec:
  accessModes:
  {{ YAML .spec.accessModes 2 }}
  capacity:
  {{ YAML .spec.resources.requests 2 }}
  persistentVolumeReclaimPolicy: Delete
  storageClassName: {{ .spec.storageClassName | Quote }}
  volumeMode: {{ or .spec.volumeMode "Filesystem" | Quote }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name | Quote }}
    namespace: {{ .metadata.namespace | Quote }}
    uid: {{ .metadata.uid | Quote }}
${place}`;

/** Where a volume lies on a played node: nobody looks there. */
const PLAYED_PLACE = `  hostPath:
    path: /embedded/{{ .metadata.uid }}
`;

/** Where a volume lies on this machine. A local volume, and no path of the host, is given to the pod's group. */
const realPlace = (folder: string) => `  local:
    path: ${JSON.stringify(folder).slice(0, -1)}/{{ .metadata.uid }}"
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions:
        - { key: kubernetes.io/os, operator: In, values: [linux] }
`;

/** An address of the block that documents are free to use, RFC 5737. */
const BALANCED = `
loadBalancer:
  ingress:
  - ip: 198.51.100.1
`;

const stagesAt = (place: string): readonly Stage[] => [
  { name: "node-ready", of: NODE, when: [NOT_DELETED, isNot(READY, "True")], next: { status: NODE_CONDITIONS } },
  {
    name: "node-heartbeat",
    of: NODE,
    when: [NOT_DELETED, is(READY, "True")],
    // The node's lease, which kwok renews by itself, is what the controller manager goes by.
    delay: { from: 600_000, to: 610_000 },
    next: { status: NODE_CONDITIONS },
  },
  {
    name: "pod-runs",
    of: POD,
    when: [NOT_DELETED, is(".status.phase", "Pending"), isNot(READY, "True")],
    next: { status: POD_RUNS },
  },
  {
    name: "pod-completes",
    of: POD,
    when: [NOT_DELETED, is(".status.phase", "Running"), is(".metadata.ownerReferences.[].kind", "Job")],
    next: { status: POD_COMPLETES },
  },
  { name: "pod-ends", of: POD, when: [DELETED], next: { delete: true } },
  {
    name: "claim-gets-volume",
    of: CLAIM,
    when: [
      NOT_DELETED,
      is(".spec.storageClassName", STORAGE_CLASS.metadata.name),
      { key: ".spec.volumeName", operator: "DoesNotExist" },
    ],
    next: { apply: volumeForClaim(place) },
  },
  {
    name: "volume-goes",
    of: VOLUME,
    when: [NOT_DELETED, is(".spec.storageClassName", STORAGE_CLASS.metadata.name), is(".status.phase", "Released")],
    next: { delete: true },
  },
  {
    name: "service-is-balanced",
    of: { apiGroup: "v1", kind: "Service" },
    when: [
      NOT_DELETED,
      is(".spec.type", "LoadBalancer"),
      { key: ".status.loadBalancer.ingress.[].ip", operator: "DoesNotExist" },
    ],
    next: { status: BALANCED },
  },
  {
    name: "ingress-is-balanced",
    of: { apiGroup: "networking.k8s.io/v1", kind: "Ingress" },
    when: [NOT_DELETED, { key: ".status.loadBalancer.ingress.[].ip", operator: "DoesNotExist" }],
    next: { status: BALANCED },
  },
];

/**
 * The stages as kwok's own objects.
 * @param volumes Folder of this machine for volumes of pods that are real. @default they are not
 */
export function stages(volumes?: string): readonly object[] {
  return stagesAt(volumes === undefined ? PLAYED_PLACE : realPlace(volumes)).map(({ name, of, when, delay, next }) => ({
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: of,
      selector: { matchExpressions: when },
      ...(delay === undefined
        ? {}
        : { delay: { durationMilliseconds: delay.from, jitterDurationMilliseconds: delay.to } }),
      ...actionOf(next),
    },
  }));
}

function actionOf(next: Stage["next"]): object {
  if ("status" in next) return { next: { statusTemplate: next.status } };
  if ("apply" in next) return { steps: [{ apply: { template: next.apply } }] };
  return { next: { delete: true } };
}
