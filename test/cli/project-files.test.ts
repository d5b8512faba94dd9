import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Project } from "../../cli/project.ts";
import { writeProjectFiles } from "../../cli/project-files.ts";
import { folderWith, write } from "./workbench.ts";

const program: Project["program"] = {
  project: "shop",
  environments: ["dev"],
  build: () => ({ name: "dev", members: {} }),
};

/** A checkout, and the project that the embedded engine is shown. */
function checkout(files: Readonly<Record<string, string>>) {
  const root = folderWith({ "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: infra/start.js\n", ...files });
  const folder = join(root, ".fairlead/pulumi");
  mkdirSync(folder, { recursive: true });
  return {
    root,
    write: () => writeProjectFiles({ root, state: join(root, ".fairlead"), program }, folder, "dev"),
    shown: (file: string): unknown => parse(readFileSync(join(folder, file), "utf8")),
    file: (file: string) => join(folder, file),
  };
}

describe("the embedded engine is shown", () => {
  test("the checkout's project, with a way back to its program", () => {
    const { write, shown } = checkout({});
    write();
    expect(shown("Pulumi.yaml")).toEqual({
      name: "shop",
      runtime: { name: "nodejs", options: { nodeargs: expect.stringContaining("--import=file:///") } },
      main: "../../infra/start.js",
    });
    expect(shown("Pulumi.dev.yaml")).toEqual({ config: {} });
  });

  test("the program's own arguments to Node.js, behind those that keep the journal", () => {
    const { write, shown } = checkout({
      "Pulumi.yaml": "name: shop\nruntime: { name: nodejs, options: { typescript: false, nodeargs: --title=shop } }\n",
    });
    write();
    const { options } = Object(Object(shown("Pulumi.yaml")).runtime) as { readonly options: object };
    expect(options).toMatchObject({ typescript: false });
    const [preload = "", ...rest] = String(Reflect.get(options, "nodeargs")).split(" ");
    expect(rest.at(-1)).toBe("--title=shop");
    expect(existsSync(new URL(preload.replace("--import=", "")))).toBe(true);
  });

  test("the stack's settings without what is about the user's own backend and cluster", () => {
    const { write, shown } = checkout({
      "Pulumi.dev.yaml": `encryptionsalt: v1:theirs
secretsprovider: awskms://alias/theirs
config:
  shop:replicas: 2
  kubernetes:context: theirs
  kubernetes:kubeconfig: theirs
  kubernetes:suppressDeprecationWarnings: "true"
`,
    });
    write();
    expect(shown("Pulumi.dev.yaml")).toEqual({
      config: { "shop:replicas": 2, "kubernetes:suppressDeprecationWarnings": "true" },
    });
  });

  test("its own salt again, which it wrote into the copy, while settings follow the checkout", () => {
    const one = checkout({ "Pulumi.dev.yaml": "config: { shop:replicas: 2 }\n" });
    write(one.file("Pulumi.dev.yaml"), "encryptionsalt: v1:ours\nconfig: { shop:replicas: 1 }\n");
    one.write();
    expect(one.shown("Pulumi.dev.yaml")).toEqual({ config: { "shop:replicas": 2 }, encryptionsalt: "v1:ours" });
  });

  test("the same file as before when nothing changed, so that a run at the same time reads it whole", () => {
    const one = checkout({});
    one.write();
    const before = statSync(one.file("Pulumi.yaml"), { bigint: true }).mtimeNs;
    one.write();
    expect(statSync(one.file("Pulumi.yaml"), { bigint: true }).mtimeNs).toBe(before);
  });
});

test("a setting that is encrypted for the user's own secrets provider is refused, and nothing of theirs is touched", () => {
  const theirs = "config:\n  shop:key: { secure: AAAB }\n  shop:services: { order: { key: { secure: AAAB } } }\n";
  const one = checkout({ "Pulumi.dev.yaml": theirs });
  expect(one.write).toThrow(
    /^2 faults:\n {2}- Pulumi\.dev\.yaml: shop:key is encrypted .+\n {2}- .+shop:services is enc/,
  );
  expect(readFileSync(join(one.root, "Pulumi.dev.yaml"), "utf8")).toBe(theirs);
});
