import { expect, test } from "vitest";
import { handOver } from "../../../cli/adopt/field-managers.ts";

const entry = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: "Update",
  apiVersion: "apps/v1",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...more,
});

function object(...managedFields: readonly object[]) {
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "cart", resourceVersion: "7", managedFields } };
}

function owners(...managedFields: readonly object[]): unknown {
  return handOver(object(...managedFields), "pulumi-kubernetes-1")?.[0]?.value;
}

test("what kubectl and Helm own becomes the engine's, together", () => {
  expect(
    owners(
      entry("kubectl-client-side-apply", { "f:spec": { "f:paused": {} } }),
      entry("helm", { "f:spec": { "f:strategy": {} }, "f:metadata": {} }),
    ),
  ).toEqual([
    entry(
      "pulumi-kubernetes-1",
      { "f:spec": { "f:paused": {}, "f:strategy": {} }, "f:metadata": {} },
      { operation: "Apply" },
    ),
  ]);
});

test("controllers keep what they own, and so does who scales", () => {
  const status = entry("kube-controller-manager", { "f:status": {} }, { subresource: "status" });
  const revision = entry("kube-controller-manager", { "f:metadata": {} });
  const scale = entry("keda", { "f:spec": { "f:replicas": {} } }, { subresource: "scale" });
  expect(owners(status, revision, scale, entry("helm", { "f:spec": {} }))).toEqual([
    status,
    revision,
    scale,
    entry("pulumi-kubernetes-1", { "f:spec": {} }, { operation: "Apply" }),
  ]);
});

test("replicas become nobody's: an apply without them must not take them away", () => {
  expect(owners(entry("helm", { "f:spec": { "f:replicas": {}, "f:paused": {} } }))).toMatchObject([
    { fieldsV1: { "f:spec": { "f:paused": {} } } },
  ]);
  expect(JSON.stringify(owners(entry("helm", { "f:spec": { "f:replicas": {} } })))).not.toContain("f:replicas");
});

test("the change is refused when the object was changed in between", () => {
  expect(handOver(object(entry("helm", {})), "p")?.[1]).toEqual({
    op: "replace",
    path: "/metadata/resourceVersion",
    value: "7",
  });
});

test("there is nothing to do twice, nor for an object that nobody manages", () => {
  expect(handOver(object(entry("p", {}, { operation: "Apply" })), "p")).toBeUndefined();
  expect(handOver(object(), "p")).toBeUndefined();
  expect(handOver({}, "p")).toBeUndefined();
});
