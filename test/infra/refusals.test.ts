import { describe, expect, test } from "vitest";
import { FaultError, sentence } from "../../components/index.ts";
import { fromYaml, toYaml } from "../../components/yaml/index.ts";
import { outcome, sound } from "../integration/mutation/subject.ts";

type Tree = Readonly<Record<string, unknown>>;

/** A catalogue whose entry is changed in some properties; undefined takes one away. */
function entry(name: string, change: Tree): Tree {
  const catalogue = sound.catalogue as Readonly<Record<string, Tree>>;
  const kept = Object.entries({ ...catalogue[name], ...change }).filter(([, value]) => value !== undefined);
  return { ...catalogue, [name]: Object.fromEntries(kept) };
}

function refusals(written: Partial<typeof sound>): readonly string[] {
  const result = outcome({ ...sound, ...written });
  return "refused" in result ? result.refused.map(sentence) : [];
}

describe("a catalogue is refused, with place, value and remedy, for", () => {
  test.each<readonly [what: string, catalogue: Tree, said: readonly RegExp[]]>([
    ["a misspelt property", entry("order", { prots: {} }), [/^order: prots is .*no such property.*"ports"/]],
    ["an image left out", entry("user", { image: undefined }), [/^user: image is .*required.*give a text/]],
    [
      "a bad quantity",
      entry("user", { resources: { limits: { memory: "128 MB" } } }),
      [/^user: resources\.limits\.memory is "128 MB".*no Kubernetes quantity.*"128Mi"/],
    ],
    ["a bad duration", entry("user", { drain: "soon" }), [/^user: drain is "soon".*no duration.*"30s"/]],
    ["a bad name", { ...entry("user", {}), Order_2: entry("user", {})["user"] }, [/^Order_2: name is "Order_2".*use/]],
    [
      "a name that is too long",
      { ...entry("user", {}), ["a".repeat(60)]: entry("user", {})["user"] },
      [/: name is .*60 characters.*at most 52/],
    ],
    [
      "a port that two containers want",
      entry("order", { ports: { http: 8080, grpc: 9901 } }),
      [/^order: sidecars\.proxy\.ports\.admin is 9901.*ports\.grpc/],
    ],
    [
      "a call to a service that nobody declares",
      entry("mailer", { calls: ["usr"] }),
      [/^mailer: calls\.0 is "usr".*nobody declares.*"user"/],
    ],
    [
      "a call to what has no ports",
      entry("user", { calls: ["mailer"] }),
      [/^user: calls\.0 is "mailer".*it has no ports/],
    ],
    ["min above max", entry("order", { scale: { min: 9, max: 8 } }), [/^order: scale\.min is 9.*scale\.max is 8/]],
    [
      "a budget that blocks drains",
      entry("order", { disruption: { minAvailable: 2 } }),
      [/^order: scale\.min is 2.*no node could ever be drained.*raise scale\.min to 3/],
    ],
    [
      "a probe on a port that nobody opens",
      entry("user", { probes: { readiness: { port: "htpp" } } }),
      [/^user: probes\.readiness.*"htpp".*"http"/],
    ],
    [
      "a grace period that is shorter than the drain",
      entry("order", { gracePeriod: "10s" }),
      [/^order: gracePeriod is "10s".*would be killed.*use "30s"/],
    ],
    [
      "faults of two entries at once",
      { ...entry("order", { drain: "x" }), user: entry("user", { image: 7 })["user"] },
      [/^order: drain/, /^user: image is 7/],
    ],
  ])("%s", (_, catalogue, said) => {
    const found = refusals({ catalogue });
    expect(found).toHaveLength(said.length);
    for (const pattern of said) expect(found).toContainEqual(expect.stringMatching(pattern));
  });
});

describe("settings are refused, with place, value and remedy, for", () => {
  test.each<readonly [what: string, settings: Tree, said: RegExp]>([
    ["a misspelt property", { replicsa: 2 }, /^Pulumi\.dev\.yaml: replicsa.*"replicas"/],
    ["a service that is not in the catalogue", { services: { ordr: {} } }, /services\.ordr.*"order"/],
    ["a text where a number belongs", { replicas: "three" }, /^Pulumi\.dev\.yaml: replicas is "three".*a number/],
    ["a number in quotes", { replicas: "3" }, /replicas is "3".*without quotes: 3/],
    ["a namespace that is none", { namespace: "Shop Dev" }, /^Pulumi\.dev\.yaml: namespace is "Shop Dev"/],
  ])("%s", (_, settings, said) => {
    expect(refusals({ settings })).toEqual([expect.stringMatching(said)]);
  });
});

test("settings that are wrong in two ways are refused with both", () => {
  expect(refusals({ settings: { replicsa: 2, services: { ordr: {} } } })).toHaveLength(2);
});

test("YAML that does not parse is refused with its file, line and column", () => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "a" }\ndata:\n  a: "x\n';
  expect(() => fromYaml(text, { file: "base.yaml" })).toThrow(/base\.yaml:\d+:\d+/);
});

test.each([
  ["a Secret", { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "n" }, stringData: { a: "x" } }],
  [
    "an Output",
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c", namespace: "n" },
      data: { a: { __pulumiOutput: true } },
    },
  ],
])("%s is not rendered", (_, object) => {
  expect(() => toYaml([object])).toThrow(FaultError);
});
