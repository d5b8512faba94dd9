import { createHash } from "node:crypto";
import type { KubernetesObject } from "../components/core/object.ts";
import { isOutput } from "../components/core/object.ts";
import { at, list, record } from "./value.ts";

/** What is written where a value is not shown. */
const HIDDEN = "(not shown)";

/** What stands for a value that only the engine can know. */
const UNKNOWN = "(known to the engine alone)";

/** An object as it may be shown: no value of a Secret, nor of a store that holds values itself. */
export function withoutSecrets(object: KubernetesObject): KubernetesObject {
  return hidden(object, () => HIDDEN);
}

/** The same as JSON, with a digest in place of each value, so that a change is seen and the value is not. */
export function jsonWithDigests(object: KubernetesObject): string {
  if (!mayHoldSecrets(object)) {
    const text = JSON.stringify(object);
    if (!OUTPUT.test(text)) return text;
  }
  return JSON.stringify(
    hidden(object, (value) => `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`),
  );
}

/** What an Output, or what stands for one, becomes as JSON. */
const OUTPUT = /__pulumiOutput|\[Output<T>\]/;

function mayHoldSecrets({ kind }: KubernetesObject): boolean {
  return kind === "Secret" || isSecretPath(kind, ["spec", "provider", "fake"]);
}

/** Whether the values at a path of an object are secret. */
export function isSecretPath(kind: string, path: readonly string[]): boolean {
  if (kind === "Secret") return path[0] === "data" || path[0] === "stringData";
  return /^(?:Cluster)?SecretStore$/.test(kind) && path.slice(0, 3).join(".") === "spec.provider.fake";
}

function hidden(object: KubernetesObject, shown: (value: unknown) => string): KubernetesObject {
  const known: KubernetesObject = holdsOutput(object) ? (resolved(object) as KubernetesObject) : object;
  if (known.kind === "Secret" && known.apiVersion === "v1") {
    const parts = (["data", "stringData"] as const).flatMap((part) => {
      const values = Object.entries(record(at(known, part)));
      return values.length === 0 ? [] : [[part, Object.fromEntries(values.map(([key, one]) => [key, shown(one)]))]];
    });
    return { ...known, ...Object.fromEntries(parts) };
  }
  const fake = at(known, "spec", "provider", "fake", "data");
  if (!isSecretPath(known.kind, ["spec", "provider", "fake"]) || fake === undefined) return known;
  const data = list(fake).map((one) => ({ ...record(one), value: shown(at(one, "value")) }));
  const store = { ...known, spec: { ...record(at(known, "spec")), provider: { fake: { data } } } };
  return store;
}

function holdsOutput(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isOutput(value)) return true;
  return Array.isArray(value) ? value.some(holdsOutput) : Object.values(value).some(holdsOutput);
}

function resolved(value: unknown): unknown {
  if (isOutput(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
}
