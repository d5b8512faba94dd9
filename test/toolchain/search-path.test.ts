import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SOURCES } from "../../toolchain/parts.ts";
import { findInstalled } from "../../toolchain/search-path.ts";
import { program, source, temporaryFolder } from "./workbench.ts";

function pinned(name: string) {
  const found = SOURCES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no source ${name}`);
  return found;
}

/** What the programs really print when they are asked. */
test.each([
  ["etcd", { etcd: "etcd Version: 3.6.8\nGit SHA: Not provided\nGo Version: go1.26.8" }, "3.6.8"],
  ["kubectl", { kubectl: "Client Version: v1.32.4\nKustomize Version: v5.5.0" }, "1.32.4"],
  [
    "kwok",
    { kwok: "kwok version v0.8.0 go1.26.8 (linux/amd64)", kwokctl: "kwokctl version v0.8.0 go1.26.8 (linux/amd64)" },
    "0.8.0",
  ],
  [
    "kubernetes",
    {
      "kube-apiserver": "Kubernetes v1.36.1",
      "kube-controller-manager": "Kubernetes v1.36.1",
      "kube-scheduler": "Kubernetes v1.36.1",
    },
    "1.36.1",
  ],
  ["pulumi", { pulumi: "v3.260.1", "pulumi-language-nodejs": "" }, "3.260.1"],
])("%s on PATH is found with its version", async (name, programs, version) => {
  const folder = temporaryFolder();
  for (const [file, said] of Object.entries(programs)) program(folder, file, `printf '%s\\n' '${said}'`);
  const found = await findInstalled(pinned(name), { PATH: `/nowhere:${folder}` });
  expect(found).toMatchObject({ found: true, version });
});

test.each([
  ["older", "v3.254.0"],
  ["of the next major version", "v4.0.0"],
])("a program that is %s is a misfit, and said so", async (_, said) => {
  const folder = temporaryFolder();
  program(folder, "pulumi", `echo ${said}`);
  program(folder, "pulumi-language-nodejs", "");
  expect(await findInstalled(pinned("pulumi"), { PATH: folder })).toEqual({
    found: false,
    misfit: true,
    why: `${folder}/pulumi is version ${said.slice(1)}, wanted is 3.255.0 or newer, below 4.0.0`,
  });
});

test("a program that fails when it is asked is a misfit", async () => {
  const folder = temporaryFolder();
  program(folder, "etcd", "echo 3.6.8; exit 1");
  expect(await findInstalled(source(), { PATH: folder })).toMatchObject({
    misfit: true,
    why: `${folder}/etcd does not say its version`,
  });
});

test("no program on PATH is no misfit", async () => {
  expect(await findInstalled(source(), { PATH: temporaryFolder() })).toEqual({
    found: false,
    misfit: false,
    why: "no etcd",
  });
  expect(await findInstalled(source(), {})).toMatchObject({ found: false });
});

test("a folder of that name on PATH is no program", async () => {
  const folder = temporaryFolder();
  program(join(folder, "etcd"), "file", "");
  expect(await findInstalled(source(), { PATH: folder })).toMatchObject({ found: false, misfit: false });
});

test("Pulumi's Node.js host must be beside pulumi, where a link to pulumi leads", async () => {
  const [bin, cellar] = [temporaryFolder(), temporaryFolder()];
  program(cellar, "pulumi", "echo v3.255.0");
  symlinkSync(join(cellar, "pulumi"), join(bin, "pulumi"));
  expect(await findInstalled(pinned("pulumi"), { PATH: bin })).toMatchObject({
    found: false,
    why: "pulumi-language-nodejs is not beside pulumi",
  });
  program(cellar, "pulumi-language-nodejs", "");
  expect(await findInstalled(pinned("pulumi"), { PATH: bin })).toMatchObject({ found: true });
});

test("the provider is taken from the user's Pulumi plugins, and not from PATH where nobody knows its version", async () => {
  const [home, bin] = [temporaryFolder(), temporaryFolder()];
  program(bin, "pulumi-resource-kubernetes", "echo 4.27.0");
  const provider = pinned("kubernetes-provider");
  expect(await findInstalled(provider, { PATH: bin, PULUMI_HOME: home })).toMatchObject({ found: false });
  const plugin = program(join(home, "plugins", "resource-kubernetes-v4.27.0"), "pulumi-resource-kubernetes", "");
  const found = await findInstalled(provider, { PATH: "", PULUMI_HOME: home });
  expect(found.found && found.files.get("pulumi-resource-kubernetes")).toBe(plugin);
});
