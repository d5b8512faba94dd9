import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CRD_FILES } from "../../toolchain/crd-files.ts";
import { CRD_SOURCES } from "../../toolchain/crd-sources.ts";
import {
  BENCH_PARTS,
  CLUSTER_PARTS,
  ENGINE_PARTS,
  IMAGE_PARTS,
  LOAD_PARTS,
  NODE_PARTS,
  PEER_PARTS,
  PROOF_PARTS,
  PROVIDER_VERSION,
  SOURCES,
  sourceOf,
} from "../../toolchain/parts.ts";
import { goModules } from "../../toolchain/places.ts";
import { fits } from "../../toolchain/version.ts";

const PLATFORMS = [
  { os: "linux", arch: "amd64" },
  { os: "linux", arch: "arm64" },
  { os: "darwin", arch: "amd64" },
  { os: "darwin", arch: "arm64" },
] as const;

const ROOT = join(import.meta.dirname, "../..");

test("every part that is asked for has a source", () => {
  for (const part of [
    ...ENGINE_PARTS,
    ...CLUSTER_PARTS,
    ...PEER_PARTS,
    ...BENCH_PARTS,
    ...PROOF_PARTS,
    ...NODE_PARTS,
    ...IMAGE_PARTS,
    ...LOAD_PARTS,
  ])
    expect(sourceOf(part).version).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each(SOURCES.map((source) => [source.name, source] as const))(
  "%s: what we make ourselves is what we would accept",
  (_, source) => {
    expect(fits(source.version, source.accepts)).toBe(true);
    const built = source.builds.flatMap((build) => Object.keys(build.packages));
    const programs = source.programs.map((program) => program.name);
    // What Go can not build is somebody's package.
    expect(built.sort()).toEqual(source.packaged === undefined ? programs.sort() : []);
  },
);

test.each(SOURCES.map((source) => [source.name, source] as const))(
  "%s: its modules are pinned, with their sums",
  (_, source) => {
    for (const { folder, packages } of source.builds) {
      const module = readFileSync(join(goModules(), folder, "go.mod"), "utf8");
      expect(existsSync(join(goModules(), folder, "go.sum"))).toBe(true);
      for (const path of Object.values(packages)) if (path !== ".") expect(module).toContain(`${path}\n`);
    }
  },
);

test.each(
  SOURCES.flatMap((source) => PLATFORMS.map((platform) => [source.name, platform.os, platform.arch, source] as const)),
)("%s on %s %s: a release gives all programs or none", (_, os, arch, source) => {
  const files = source.release({ os, arch });
  const held = files.flatMap(({ holds }) => (typeof holds === "string" ? [holds] : Object.keys(holds)));
  if (files.length > 0) expect(held.sort()).toEqual(source.programs.map((program) => program.name).sort());
  for (const file of files) {
    expect(file.url).toMatch(/^https:\/\//);
    expect(file.url).toContain(source.version);
    expect(file.checksum.url).toMatch(/^https:\/\//);
  }
});

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

test("the provider has the version of the npm package that asks for it", () => {
  expect(manifest.devDependencies["@pulumi/kubernetes"]).toBe(PROVIDER_VERSION);
});

test("what a stack or a chart imports itself is there once: its own, which we are tested with", () => {
  const { dependencies, peerDependencies, devDependencies } = manifest;
  const engines = ["@pulumi/docker", "@pulumi/kubernetes", "@pulumi/pulumi", "cdk8s", "constructs"];
  expect(Object.keys(peerDependencies)).toEqual(engines);
  for (const name of engines) {
    expect(dependencies).not.toHaveProperty(name);
    expect(peerDependencies[name]).toBe(`^${devDependencies[name]}`);
  }
});

test("crd-files.ts was generated from crd-sources.ts as it is", () => {
  const wanted = CRD_SOURCES.map((source) => `${source.module}@${source.version}`);
  expect(Object.keys(CRD_FILES).sort()).toEqual(wanted.sort());
  for (const files of Object.values(CRD_FILES)) expect(files.length).toBeGreaterThan(0);
});

test("no two add-ons define the same kind", () => {
  const kinds = Object.values(CRD_FILES).flatMap((files) =>
    files.flatMap((file) => file.crds.map((one) => `${one.group} ${one.kind}`)),
  );
  expect(new Set(kinds).size).toBe(kinds.length);
});
