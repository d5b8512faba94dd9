import type { KubernetesObject } from "../../components/core/object.ts";
import { quantityValue } from "../../components/core/quantity.ts";
import { at, list, text } from "../value.ts";
import type { FieldChange } from "./fields.ts";

/** What the API server refuses to change, so that the object would have to be replaced. */
interface Rule {
  /** Groups and kind, such as "apps Deployment"; "" is the core group. */
  readonly kinds: readonly string[];
  /** Paths that must stay. */
  readonly fields: readonly string[];
  /** Of these everything but what is named here must stay. */
  readonly except?: readonly string[];
  /** The rule is for objects like this alone. @default every one */
  readonly when?: (before: KubernetesObject) => boolean;
  /** A change that is allowed all the same. @default none */
  readonly allows?: (before: unknown, after: unknown) => boolean;
  readonly source: string;
}

const DOCS = "https://kubernetes.io/docs";

/** Fields of each kind that cannot change, as the API server of Kubernetes 1.36 validates them. */
export const RULES: readonly Rule[] = [
  {
    kinds: ["apps Deployment", "apps DaemonSet", "apps ReplicaSet"],
    fields: ["spec.selector"],
    source: `${DOCS}/concepts/workloads/controllers/deployment/#label-selector-updates`,
  },
  {
    kinds: ["apps StatefulSet"],
    fields: ["spec"],
    // The message of the API server's own refusal (ValidateStatefulSetUpdate) lists them.
    except: [
      "spec.replicas",
      "spec.ordinals",
      "spec.template",
      "spec.updateStrategy",
      "spec.revisionHistoryLimit",
      "spec.persistentVolumeClaimRetentionPolicy",
      "spec.minReadySeconds",
    ],
    source: `${DOCS}/concepts/workloads/controllers/statefulset/`,
  },
  {
    kinds: ["batch Job"],
    fields: [
      "spec.template",
      "spec.selector",
      "spec.completions",
      "spec.completionMode",
      "spec.podFailurePolicy",
      "spec.successPolicy",
      "spec.backoffLimitPerIndex",
      "spec.managedBy",
    ],
    source: `${DOCS}/concepts/workloads/controllers/job/`,
  },
  {
    kinds: [" Service"],
    fields: ["spec.clusterIP", "spec.clusterIPs", "spec.loadBalancerClass", "spec.healthCheckNodePort"],
    source: `${DOCS}/reference/kubernetes-api/service-resources/service-v1/`,
  },
  {
    kinds: [" Service"],
    fields: ["spec.ipFamilies"],
    // A second family may come and go; the first one stays.
    allows: (before, after) => list(before)[0] === list(after)[0],
    source: `${DOCS}/concepts/services-networking/dual-stack/`,
  },
  {
    kinds: [" PersistentVolumeClaim"],
    fields: ["spec"],
    except: ["spec.resources.requests.storage", "spec.volumeAttributesClassName"],
    source: `${DOCS}/concepts/storage/persistent-volumes/`,
  },
  {
    kinds: [" PersistentVolumeClaim"],
    fields: ["spec.resources.requests.storage"],
    allows: (before, after) => (quantityValue(String(before)) ?? 0) <= (quantityValue(String(after)) ?? 0),
    source: `${DOCS}/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims`,
  },
  {
    kinds: [" ConfigMap"],
    fields: ["data", "binaryData", "immutable"],
    when: (before) => at(before, "immutable") === true,
    source: `${DOCS}/concepts/configuration/configmap/#configmap-immutable`,
  },
  {
    kinds: [" Secret"],
    fields: ["data", "stringData", "immutable"],
    when: (before) => at(before, "immutable") === true,
    source: `${DOCS}/concepts/configuration/secret/#secret-immutable`,
  },
  { kinds: [" Secret"], fields: ["type"], source: `${DOCS}/concepts/configuration/secret/#secret-types` },
  {
    kinds: ["rbac.authorization.k8s.io RoleBinding", "rbac.authorization.k8s.io ClusterRoleBinding"],
    fields: ["roleRef"],
    source: `${DOCS}/reference/access-authn-authz/rbac/#clusterrolebinding-example`,
  },
  {
    kinds: ["storage.k8s.io StorageClass"],
    fields: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
    source: `${DOCS}/concepts/storage/storage-classes/`,
  },
  {
    kinds: ["networking.k8s.io IngressClass"],
    fields: ["spec.controller"],
    source: `${DOCS}/reference/kubernetes-api/service-resources/ingress-class-v1/`,
  },
  {
    kinds: ["scheduling.k8s.io PriorityClass"],
    fields: ["value", "preemptionPolicy"],
    source: `${DOCS}/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass`,
  },
  {
    kinds: ["apiextensions.k8s.io CustomResourceDefinition"],
    fields: ["spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"],
    source: `${DOCS}/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/`,
  },
];

/** A field that cannot change, and where that is written. */
export interface Refused {
  readonly change: FieldChange;
  readonly source: string;
}

/** The changes of an object that the API server refuses. */
export function refusedChanges(before: KubernetesObject, changes: readonly FieldChange[]): readonly Refused[] {
  const slash = before.apiVersion.indexOf("/");
  const kind = `${slash < 0 ? "" : before.apiVersion.slice(0, slash)} ${before.kind}`;
  const rules = RULES.filter(({ kinds, when }) => kinds.includes(kind) && (when === undefined || when(before)));
  return changes.flatMap((change) => {
    const rule = rules.find((one) => refuses(one, change));
    return rule === undefined ? [] : [{ change, source: rule.source }];
  });
}

function refuses({ fields, except = [], allows }: Rule, { path, before, after }: FieldChange): boolean {
  const place = path.join("/");
  const within = (field: string) => `${place}/`.startsWith(`${field.replaceAll(".", "/")}/`);
  // What holds the field may be gone as a whole.
  const holds = (field: string) => field.replaceAll(".", "/").startsWith(`${place}/`);
  if (!fields.some((field) => within(field) || holds(field)) || except.some(within)) return false;
  return allows === undefined || !allows(before, after);
}

/** Kinds that take more with them when they go than themselves. */
const HOLDING: Readonly<Record<string, string>> = {
  Namespace: "everything in the namespace is deleted with it",
  PersistentVolumeClaim: "the volume and what is on it may be deleted with it",
  PersistentVolume: "what is on it may be lost",
  StatefulSet: "its pods stop, and nothing takes over what is on their disks",
  CustomResourceDefinition: "every object of that kind is deleted with it",
};

/** What else goes with an object; undefined where it is nothing. */
export function takesAlong({ kind }: KubernetesObject): string | undefined {
  return Object.hasOwn(HOLDING, text(kind)) ? HOLDING[kind] : undefined;
}
