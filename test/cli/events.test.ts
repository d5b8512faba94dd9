import { describe, expect, test } from "vitest";
import { type EngineEvent, readEvent } from "../../cli/events.ts";
import { changesText, errorsText, follow } from "../../cli/progress.ts";
import type { Environment, KubernetesObject } from "../../components/index.ts";
import type { Report } from "../../toolchain/index.ts";

const STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
const ORDER = "urn:pulumi:dev::shop::fairlead:workload:Microservice::order";
const URN = "urn:pulumi:dev::shop::fairlead:workload:Microservice$kubernetes:apps/v1:Deployment::order-deployment";

/** A step as the engine writes it. */
function line(kind: string, op: string, role = "deployment", more: Readonly<Record<string, unknown>> = {}): string {
  const state = { type: "kubernetes:apps/v1:Deployment", urn: URN, parent: ORDER };
  const metadata = {
    op,
    urn: URN.replace("order-deployment", `order-${role}`),
    type: "kubernetes:apps/v1:Deployment",
    old: op === "create" ? null : state,
    new: op === "delete" ? null : state,
    detailedDiff: null,
    provider: "urn:pulumi:dev::shop::pulumi:providers:kubernetes::default_4_27_0::id",
    ...more,
  };
  return JSON.stringify({ sequence: 1, timestamp: 1, [kind]: { metadata } });
}

describe("an event of the engine", () => {
  test("tells what is done to which object of which component", () => {
    const differences = { "spec.replicas": { kind: "update" } };
    expect(readEvent(line("resOutputsEvent", "update", "deployment", { detailedDiff: differences }))).toEqual({
      kind: "done",
      step: {
        op: "update",
        name: "order-deployment",
        type: "kubernetes:apps/v1:Deployment",
        parent: "order",
        isObject: true,
        properties: ["spec.replicas"],
      },
    });
  });

  test("tells the component of an object that is deleted", () => {
    expect(readEvent(line("resOutputsEvent", "delete"))).toMatchObject({ kind: "done", step: { parent: "order" } });
  });

  test.each([
    ["resourcePreEvent", "begun"],
    ["resOpFailedEvent", "failed"],
  ])("%s means that a step has %s", (key, kind) => {
    expect(readEvent(line(key, "create"))).toMatchObject({ kind });
  });

  test("does not count components, the stack and providers as objects", () => {
    const stack = { type: "pulumi:pulumi:Stack", urn: STACK, provider: "" };
    expect(readEvent(line("resOutputsEvent", "create", "", stack))).toMatchObject({ step: { isObject: false } });
    const provider = { type: "pulumi:providers:kubernetes" };
    expect(readEvent(line("resOutputsEvent", "create", "", provider))).toMatchObject({ step: { isObject: false } });
  });

  test("may be something that a provider says of an object", () => {
    const said = { urn: URN, prefix: "error: ", message: "it is refused\n", severity: "error" };
    expect(readEvent(JSON.stringify({ diagnosticEvent: said }))).toEqual({
      kind: "diagnostic",
      severity: "error",
      message: "it is refused",
      about: "order-deployment",
      isProgress: false,
    });
  });

  test.each([
    "",
    "Updating (dev):",
    "{half",
    `{"summaryEvent":{}}`,
    `{"diagnosticEvent":{"severity":"debug","message":"x"}}`,
  ])("is not in %j", (text) => {
    expect(readEvent(text)).toBeUndefined();
  });
});

const object = (kind: string): KubernetesObject => ({ apiVersion: "v1", kind, metadata: { name: "order" } });
const environment: Environment = {
  name: "dev",
  members: { order: { type: "x:y:Z", objects: { deployment: object("Deployment"), service: object("Service") } } },
};

function followed(lines: readonly string[]) {
  const said: string[] = [];
  const report: Report = { say: (text) => void said.push(text), begin: () => ({ end: () => undefined }) };
  const progress = follow(report, environment);
  for (const event of lines.map(readEvent)) if (event !== undefined) progress.onEvent(event as EngineEvent);
  return { progress, said };
}

describe("progress", () => {
  test("names a component as soon as all of it is done, with what was done to it", () => {
    const { said } = followed([line("resOutputsEvent", "create"), line("resOutputsEvent", "update", "service")]);
    expect(said).toEqual(["  order: deployment created; service updated"]);
  });

  test("is silent about a component while part of it is still to do, and when nothing was done to it", () => {
    expect(followed([line("resOutputsEvent", "create")]).said).toEqual([]);
    expect(followed([line("resOutputsEvent", "same"), line("resOutputsEvent", "same", "service")]).said).toEqual([]);
  });

  test("counts a replacement once, though the engine takes three steps", () => {
    const steps = ["create-replacement", "replace", "delete-replaced"].map((op) => line("resOutputsEvent", op));
    const changes = followed(steps).progress.changes();
    expect(changes).toEqual({ created: 0, updated: 0, replaced: 1, deleted: 0, same: 0 });
    expect(changesText(changes)).toBe("1 replaced");
  });

  test("calls a run without changes one that had nothing to change", () => {
    expect(changesText(followed([line("resOutputsEvent", "same")]).progress.changes())).toBe("nothing to change");
  });
});

describe("what went wrong", () => {
  const error = (message: string, urn = URN) =>
    JSON.stringify({ diagnosticEvent: { urn, message, severity: "error" } });

  test("is told once for each object, in full, without the line that only says that it failed", () => {
    const { progress } = followed([error("one\ntwo"), error("one\ntwo"), error("update failed", STACK)]);
    expect(errorsText(progress.errors(), "exit status 255")).toBe("order-deployment: one\ntwo");
  });

  test("is what the engine's command line said when no error came as an event", () => {
    expect(errorsText([], "error: no stack named 'dev' found")).toBe("error: no stack named 'dev' found");
  });
});
