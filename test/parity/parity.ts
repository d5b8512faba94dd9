import { isSecret, output, unsecret } from "@pulumi/pulumi";
import { App } from "cdk8s";
import { describe, expect, test } from "vitest";
import { fromChart, toChart } from "../../components/cdk8s/index.ts";
import { isOutput, type KubernetesObject, type Objects } from "../../components/core/object.ts";
import { Component } from "../../components/pulumi/index.ts";
import { fromYaml, toYaml } from "../../components/yaml/index.ts";
import { faultsOf } from "../core/faults-of.ts";
import { known, opened, run } from "../pulumi/engine.ts";

/** The same objects as each way out hands them on, role by role. */
export interface Outcomes {
  /** What the component yields, every Output resolved. */
  readonly plain: Objects;
  readonly pulumi: Objects;
  readonly cdk8s: Objects;
  /** Without what is never written to a file. */
  readonly yaml: Objects;
}

/**
 * Hands objects to the engine, to cdk8s and to YAML, and reads back what arrives.
 * @param build Called where Outputs can be made. cdk8s and YAML, which refuse Outputs, get what the engine resolved them to.
 */
export async function outcomes(build: () => Objects): Promise<Outcomes> {
  const { result, registered } = await run(() => {
    const objects = build();
    return { objects, component: new Component("fairlead:test:Parity", "parity", objects) };
  });
  const inputs = new Map(registered.map(({ name, inputs }) => [name, inputs]));
  const roles = Object.keys(result.component.objects);
  const pulumi = Object.fromEntries(
    roles.map((role) => [role, withoutEngine(opened(inputs.get(`parity-${role}`)) as KubernetesObject)]),
  );
  const plain = (await resolved(result.objects)) as Objects;
  const written = Object.fromEntries(Object.entries(plain).filter(([, object]) => !holdsSecret(object)));
  const read = Object.values(fromYaml(toYaml(Object.values(written))));
  return {
    plain,
    pulumi,
    cdk8s: fromChart(toChart(new App(), "parity", plain)),
    yaml: Object.fromEntries(Object.keys(written).map((role, index) => [role, read[index] as KubernetesObject])),
  };
}

/** Tests that a component's objects are the same whichever way they go. */
export function parity(name: string, build: () => Objects): void {
  describe(name, () => {
    test("Pulumi gets the objects as they are", async () => {
      const { plain, pulumi } = await outcomes(build);
      expect(pulumi).toEqual(plain);
    });

    test("cdk8s gets the objects as they are", async () => {
      const { plain, cdk8s } = await outcomes(build);
      expect(cdk8s).toEqual(plain);
    });

    test("YAML holds the objects as they are, but for Secrets with values", async () => {
      const { plain, yaml } = await outcomes(build);
      const secrets = Object.entries(plain).filter(([, object]) => holdsSecret(object));
      expect({ ...yaml, ...Object.fromEntries(secrets) }).toEqual(plain);
      for (const [, object] of secrets) expect(faultsOf(() => toYaml([object]))).toHaveLength(1);
    });
  });
}

/** An object without what only the engine's provider reads of it. */
function withoutEngine(object: KubernetesObject): KubernetesObject {
  const { annotations, ...metadata } = object.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !key.startsWith("pulumi.com/"));
  return {
    ...object,
    metadata: { ...metadata, ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }) },
  };
}

function holdsSecret(object: KubernetesObject): boolean {
  return object.kind === "Secret" && ("data" in object || "stringData" in object);
}

/** A value with every Output in it resolved, undefined properties left out. */
async function resolved(value: unknown): Promise<unknown> {
  if (isOutput(value)) return resolved(await known((await isSecret(value)) ? unsecret(output(value)) : value));
  if (Array.isArray(value)) return Promise.all(value.map(resolved));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(await Promise.all(entries.map(async ([key, inner]) => [key, await resolved(inner)])));
}
