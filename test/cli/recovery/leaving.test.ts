import { expect, test } from "vitest";
import type { ClusterReader } from "../../../cli/cluster-reader.ts";
import { awaitLeaving } from "../../../cli/recovery/leaving.ts";
import type { Resource } from "../../../cli/state.ts";

const NAMESPACE: Resource = {
  urn: "urn:pulumi:dev::shop::kubernetes:core/v1:Namespace::shop",
  type: "kubernetes:core/v1:Namespace",
  inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
};
const STACK: Resource = { urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", type: "pulumi:pulumi:Stack" };

/** A cluster with namespaces, of which some are going: those of each answer. */
function cluster(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const read: ClusterReader = async (path) => {
    asked.push(path);
    if (path === "/api/v1") return { resources: [{ name: "namespaces", kind: "Namespace", namespaced: false }] };
    const going = answers[Math.min(asked.filter((one) => one === path).length, answers.length) - 1] ?? [];
    const items = ["shop", "other"].map((name) => ({
      metadata: { name, ...(going.includes(name) ? { deletionTimestamp: "2026-11-21T10:00:00Z" } : {}) },
    }));
    return { items };
  };
  return { asked, read };
}

test("what is told to go is waited for, and nothing else", async () => {
  const { asked, read } = cluster(["shop", "other"], ["other"]);
  await awaitLeaving(read, [STACK, NAMESPACE]);
  expect(asked.filter((path) => path === "/api/v1/namespaces")).toHaveLength(2);
});

test("where nothing goes nobody waits", async () => {
  const { asked, read } = cluster([]);
  await awaitLeaving(read, [NAMESPACE]);
  expect(asked).toEqual(["/api/v1", "/api/v1/namespaces"]);
});

test("what does not go is named, with where to look", async () => {
  const { read } = cluster(["shop"]);
  await expect(awaitLeaving(read, [NAMESPACE], 0)).rejects.toThrow(
    /deleting Namespace shop, and it does not go: .*finalizer/,
  );
});
