import { describe, expect, test } from "vitest";
import { built, checkOrder, digestOptions, type Promotion, promoted, withDigests } from "../../cli/promotion.ts";
import { type Environment, type Settings, sentence } from "../../components/index.ts";
import { faultsOf } from "../core/faults-of.ts";

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;
const said = (step: () => unknown) => faultsOf(step).map(sentence);
const asked = (change: Partial<Promotion> = {}): Promotion => ({
  from: "staging",
  to: "prod",
  services: [],
  digests: new Map(),
  ...change,
});

const member = (version: string) => {
  const metadata = { name: "x", labels: { "app.kubernetes.io/version": version } };
  return { type: "x", objects: { deployment: { apiVersion: "apps/v1", kind: "Deployment", metadata } } };
};
const staging: Environment = { name: "staging", members: { order: member("1.5.0"), user: member("1.0.0") } };
const run = (settings: Settings, change: Partial<Promotion> = {}) => promoted(staging, settings, asked(change));

describe("the order", () => {
  const environments = ["dev", "staging", "prod"];
  const order = (from: string, to: string) => said(() => checkOrder(environments, asked({ from, to })));

  test("is one step at a time", () => {
    expect(order("dev", "staging")).toEqual([]);
    expect(order("staging", "prod")).toEqual([]);
    expect(order("built", "dev")).toEqual([]);
  });

  test.each([
    [
      "dev",
      "prod",
      'to is "prod", but promotion goes dev -> staging -> prod, one step at a time; promote dev to staging',
    ],
    ["staging", "dev", "promote staging to prod"],
    ["prod", "prod", "nothing comes after prod"],
    ["built", "staging", "but what was built runs in dev first; promote built dev, and from there"],
    ["built", "dve", 'did you mean "dev"?'],
    ["stagin", "prod", 'did you mean "staging"?'],
    ["staging", "prdo", 'did you mean "prod"?'],
  ])("%s to %s is refused", (from, to, words) => {
    expect(order(from, to)).toEqual([expect.stringContaining(words)]);
  });
});

describe("what was built", () => {
  const digests = new Map([
    ["order", A],
    ["user", B],
  ]);

  test("goes under its version, but for what runs already: a version alone rolls nothing", () => {
    expect(built(staging, { services: { order: { digest: A } } }, digests, "1f2e3d4")).toEqual([
      { service: "user", digest: B, version: "1f2e3d4" },
    ]);
    expect(built(staging, {}, new Map([["order", A]]), undefined)).toEqual([{ service: "order", digest: A }]);
  });

  test("is known by digests of declared services alone", () => {
    expect(said(() => built(staging, {}, new Map(), undefined))).toEqual([expect.stringContaining("--digest")]);
    expect(said(() => built(staging, {}, new Map([["ordr", A]]), undefined))).toEqual([
      expect.stringContaining('did you mean "order"?'),
    ]);
    expect(said(() => built(staging, {}, digests, "1.0+x"))).toEqual([expect.stringContaining("--as")]);
  });
});

describe("what is promoted", () => {
  test("is each digest of the first environment's settings, under the version that runs there", () => {
    expect(run({ services: { order: { digest: A }, user: { replicas: 3 } } })).toEqual([
      { service: "order", digest: A, version: "1.5.0" },
    ]);
  });

  test("is what the command line says where the settings say nothing", () => {
    expect(run({}, { services: ["user"], digests: new Map([["user", B]]) })).toEqual([
      { service: "user", digest: B, version: "1.0.0" },
    ]);
    expect(run({ services: { order: { digest: A } } }, { digests: new Map([["user", B]]) })).toHaveLength(1);
  });

  test.each<readonly [string, Settings, Partial<Promotion>, string]>([
    [
      "a service that runs by a tag",
      { services: { order: { version: "1.5.0" } } },
      {},
      "order is missing, but staging runs it by a tag",
    ],
    ["a named service without a digest", {}, { services: ["user"] }, "user is missing, but staging runs it by a tag"],
    ["an unknown service", {}, { services: ["ordr"] }, 'did you mean "order"?'],
    [
      "another digest than the one that runs",
      { services: { order: { digest: A } } },
      { digests: new Map([["order", B]]) },
      `but staging runs ${A}`,
    ],
    ["nothing at all", {}, {}, "has no digest of any service"],
    ["a digest that nobody can read", { services: { __pulumiOutput: true } }, {}, "is encrypted"],
    ["a service of Object's", {}, { services: ["constructor"] }, "but staging runs no such service"],
  ])("%s is refused", (_, settings, change, words) => {
    expect(said(() => run(settings, change))).toEqual([expect.stringContaining(words)]);
  });

  test.each(["order=1.5.0", "order=latest", `=${A}`, "order", `order=${A.toUpperCase()}`])(
    "--digest %s is refused",
    (option) => {
      expect(said(() => digestOptions([option]))).toEqual([expect.stringContaining("a tag can be moved")]);
    },
  );

  test("--digest takes many", () => {
    expect([...digestOptions([`order=${A}`, `user=${B}`])]).toEqual([
      ["order", A],
      ["user", B],
    ]);
  });
});

describe("the file", () => {
  const write = (text: string) =>
    withDigests({ name: "Pulumi.prod.yaml", text }, "shop", [{ service: "order", digest: A, version: "1.5.0" }]);

  test("keeps its comments, its order and what else it says", () => {
    const text = `# prod, by hand
config:
  shop:replicas: 4 # enough
  shop:services:
    # the big one
    order:
      replicas: 9
      digest: ${B} # of March
    user: { replicas: 2 }
`;
    expect(write(text)).toBe(`# prod, by hand
config:
  shop:replicas: 4 # enough
  shop:services:
    # the big one
    order:
      replicas: 9
      digest: ${A} # of March
      version: 1.5.0
    user: { replicas: 2 }
`);
  });

  test.each([
    ["", ""],
    ["# nothing yet\n", "# nothing yet\n"],
    ["config: {}\n", ""],
    ["config:\n", ""],
    ["config:\n  shop:services:\n    order:\n", ""],
  ])("%j gets what is missing", (text, start) => {
    const written = write(text);
    expect(written.startsWith(start)).toBe(true);
    expect(written).toContain(A);
    expect(write(written)).toBe(written);
  });

  test.each([
    ["config:\n  shop:services: '{\"order\":{}}'\n", "write it as YAML"],
    ["config: [1]\n", "map of settings"],
    ["config: {\n", "is no YAML"],
  ])("%j is refused", (text, words) => {
    expect(said(() => write(text))).toEqual([expect.stringContaining(words)]);
  });
});
