import type { Metadata } from "../../core/object.ts";
import type { Role, RoleBinding, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from "./kind.ts";
import type { ResponderSteps } from "./props.ts";
import type { Target } from "./target.ts";

type Rule = NonNullable<Role["rules"]>[number];

/** Where a count is changed that no autoscaler decides: through this nothing else of the workload can be. */
const SCALED: Readonly<Record<Target["kind"], readonly [group: string, resource: string]>> = {
  Deployment: ["apps", "deployments/scale"],
  Rollout: ["argoproj.io", "rollouts/scale"],
};

function rule(group: string, resource: string, verbs: readonly string[], names?: readonly string[]): readonly Rule[] {
  // An empty list of names would mean every name.
  if (names !== undefined && names.length === 0) return [];
  const resourceNames = names === undefined ? {} : { resourceNames: [...new Set(names)].sort() };
  return [{ apiGroups: [group], resources: [resource], verbs, ...resourceNames }];
}

/** What the steps that are on need, and nothing else. Objects that have a known name are named. */
export function role(metadata: Metadata, steps: ResponderSteps, targets: readonly Target[], state: string): Role {
  const { diagnose, scale, isolate, archive } = steps;
  const looks = diagnose !== undefined || isolate !== undefined || archive === true;
  const names = (part: "autoscaler" | "disruptionBudget") =>
    targets.flatMap((target) => (target[part] === undefined ? [] : [target[part]]));
  const counted = (kind: Target["kind"]) =>
    targets.flatMap((target) => (target.kind === kind && target.autoscaler === undefined ? [target.name] : []));
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata,
    rules: [
      ...rule("", "configmaps", ["get", "update"], [state]),
      ...rule("", "events", ["create"]),
      ...(looks ? rule("", "pods", ["list"]) : []),
      ...(isolate === undefined
        ? []
        : [
            ...rule("", "pods", ["patch"]),
            ...rule("policy", "poddisruptionbudgets", ["get"], names("disruptionBudget")),
          ]),
      ...(scale === undefined
        ? []
        : [
            ...rule("autoscaling", "horizontalpodautoscalers", ["get", "patch"], names("autoscaler")),
            ...(["Deployment", "Rollout"] as const).flatMap((kind) =>
              rule(...SCALED[kind], ["get", "update"], counted(kind)),
            ),
          ]),
    ],
  };
}

export function roleBinding(metadata: Metadata, account: Metadata): RoleBinding {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
    subjects: [{ kind: "ServiceAccount", name: account.name, namespace: String(account.namespace) }],
  };
}

/** What a right to patch leaves open and the responder never needs: a role knows verbs, not fields. */
const FIELDS: readonly { readonly resource: string; readonly expression: string; readonly message: string }[] = [
  {
    resource: "pods",
    expression:
      "object.spec.containers == oldObject.spec.containers && object.spec.?initContainers == oldObject.spec.?initContainers && object.spec.?ephemeralContainers == oldObject.spec.?ephemeralContainers && object.spec.?tolerations == oldObject.spec.?tolerations",
    message: "it may change labels, annotations and the deadline of a pod, and nothing that runs",
  },
  {
    resource: "horizontalpodautoscalers",
    expression:
      "object.spec.maxReplicas == oldObject.spec.maxReplicas && object.spec.scaleTargetRef == oldObject.spec.scaleTargetRef && object.spec.?metrics == oldObject.spec.?metrics && object.spec.?behavior == oldObject.spec.?behavior",
    message: "it may change minReplicas of an autoscaler, and nothing else",
  },
];

/** Holds the responder's own account to the few fields it needs. Cluster-scoped, and about one account only. */
export function guard(
  metadata: Metadata,
  account: Metadata,
  steps: ResponderSteps,
): { readonly policy?: ValidatingAdmissionPolicy; readonly policyBinding?: ValidatingAdmissionPolicyBinding } {
  const patched = [
    ...(steps.isolate === undefined ? [] : ["pods"]),
    ...(steps.scale === undefined ? [] : ["horizontalpodautoscalers"]),
  ];
  if (patched.length === 0) return {};
  const { namespace: _, ...rest } = metadata;
  const named = { ...rest, name: `${account.namespace}-${account.name}` };
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  return {
    policy: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: named,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: patched.map((resource) => ({
            apiGroups: [resource === "pods" ? "" : "autoscaling"],
            apiVersions: ["*"],
            operations: ["UPDATE"],
            resources: [resource],
          })),
        },
        matchConditions: [{ name: "the-responder", expression: `request.userInfo.username == "${user}"` }],
        validations: FIELDS.filter(({ resource }) => patched.includes(resource)).map(
          ({ resource, expression, message }) => ({
            expression: `request.resource.resource != "${resource}" || (${expression})`,
            message,
          }),
        ),
      },
    },
    policyBinding: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: named,
      spec: { policyName: named.name, validationActions: ["Deny"] },
    },
  };
}
