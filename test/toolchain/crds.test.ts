import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CrdFile } from "../../toolchain/crd-files.ts";
import type { CrdSource } from "../../toolchain/crd-sources.ts";
import { contentsOf } from "../../toolchain/crd-store.ts";
import { findCrds } from "../../toolchain/crds.ts";
import { workshop } from "../../toolchain/ensure.ts";
import { deadAddress, fileServer, memory, program, sha256, temporaryFolder } from "./workbench.ts";

const SERVICE_MONITOR = { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor" };

test("kinds of the API server itself need no definition", () => {
  const kinds = [
    { apiVersion: "v1", kind: "Service" },
    { apiVersion: "apps/v1", kind: "Deployment" },
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  ];
  expect(findCrds(kinds)).toEqual([]);
});

test("a kind that is used twice is installed once", () => {
  expect(findCrds([SERVICE_MONITOR, SERVICE_MONITOR]).map((one) => one.entry.plural)).toEqual(["servicemonitors"]);
});

test("kinds of the same name in two groups are told apart", () => {
  const gateways = findCrds([
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway" },
    { apiVersion: "networking.istio.io/v1", kind: "Gateway" },
  ]);
  expect(gateways.map((one) => one.source.addOn).sort()).toEqual(["Gateway API", "Istio"]);
});

test.each([
  [{ ...SERVICE_MONITOR, kind: "ServiceMonitr" }, "did you mean monitoring.coreos.com/v1 ServiceMonitor?"],
  [{ ...SERVICE_MONITOR, apiVersion: "monitoring.coreos.com/v2" }, "it is served as monitoring.coreos.com/v1"],
  [{ apiVersion: "shop.example.com/v1", kind: "Basket" }, "toolchain/crd-sources.ts has the add-ons"],
])("an unknown kind is named with a way on: %o", (kind, way) => {
  expect(() => findCrds([kind])).toThrow(
    `no CustomResourceDefinition is known for ${kind.apiVersion} ${kind.kind}; ${way}`,
  );
});

test("all unknown kinds are named at once", () => {
  expect(() => findCrds(["A", "B"].map((kind) => ({ apiVersion: "x.io/v1", kind })))).toThrow(
    /x\.io\/v1 A.*\n.*x\.io\/v1 B/,
  );
});

const TEXT = "kind: CustomResourceDefinition\nmetadata: { name: baskets.example.com }\n---\nkind: Other\n";
const FILE: CrdFile = { path: "crds/basket.yaml", sha256: sha256(TEXT), crds: [] };
const SOURCE: CrdSource = {
  addOn: "Basket",
  module: "example.com/basket",
  version: "v1.0.0",
  files: ["crds/*.yaml"],
  repository: { name: "example/basket", tag: "v1.0.0" },
};
const RAW = "/raw.githubusercontent.com/example/basket/v1.0.0/crds/basket.yaml";

/** A workshop with an empty cache, a mirror, and a Go whose module has the given text. */
function shop(mirror: string, moduleText?: string) {
  const folder = temporaryFolder();
  if (moduleText !== undefined) {
    const module = join(folder, "module");
    program(
      join(folder, "bin"),
      "go",
      `if [ "$1" = env ]; then echo go1.26.8; exit 0; fi
echo "$GONOSUMDB $*" > ${folder}/go.log; mkdir -p ${module}/crds
cat > ${module}/crds/basket.yaml <<'END'
${moduleText}END
echo '{"Dir":"${module}"}'`,
    );
  }
  const env = { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, FAIRLEAD_MIRROR: mirror };
  return { folder, shop: workshop({ env, cache: join(folder, "cache"), report: memory() }) };
}

test("a definition is had from the add-on's repository, and once only", async () => {
  const mirror = await fileServer({ [RAW]: TEXT });
  const { shop: place } = shop(mirror.url);
  for (let time = 0; time < 2; time += 1) {
    const documents = (await contentsOf(SOURCE, [FILE], place)).get(FILE);
    expect(documents).toEqual([
      { kind: "CustomResourceDefinition", metadata: { name: "baskets.example.com" } },
      { kind: "Other" },
    ]);
  }
  expect(mirror.asked).toEqual([RAW]);
});

test.each([
  ["is not reachable", async () => deadAddress()],
  ["has another content", async () => (await fileServer({ [RAW]: "something else" })).url],
  ["has no such file", async () => (await fileServer({})).url],
])("a repository that %s leaves it to the Go module, whose own sum is not asked for", async (_, mirror) => {
  const { folder, shop: place } = shop(await mirror(), TEXT);
  expect((await contentsOf(SOURCE, [FILE], place)).get(FILE)).toHaveLength(2);
  expect(readFileSync(join(folder, "go.log"), "utf8")).toBe(
    "example.com/basket mod download -json example.com/basket@v1.0.0\n",
  );
});

test("a module with another content is refused, and both ways are named", async () => {
  const { shop: place } = shop(await deadAddress(), "something else\n");
  const failure = contentsOf(SOURCE, [FILE], place);
  await expect(failure).rejects.toThrow("the CRDs of Basket v1.0.0 cannot be had");
  await expect(failure).rejects.toThrow(/repository: 127.*is not reachable/);
  await expect(failure).rejects.toThrow(`but toolchain/crd-files.ts says ${FILE.sha256}`);
});
