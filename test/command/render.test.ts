import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectWith } from "../cli/project.ts";
import { fairlead, write } from "../cli/workbench.ts";

const read = (folder: string, file: string) => readFileSync(join(folder, "deploy/dev", file), "utf8");

describe("render", () => {
  test("writes a file for each component, which says in its first line where it comes from", async () => {
    const folder = projectWith();
    const { status, stdout } = await fairlead(folder, ["render"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "deploy/dev: 2 files, 2 written\n" });
    expect(read(folder, "order.yaml")).toBe(`# Rendered by fairlead; change the description instead.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: order
  namespace: shop-dev
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: order
  namespace: shop-dev
data:
  key: none
`);
  });

  test("works from any folder of the project", async () => {
    const folder = projectWith();
    mkdirSync(join(folder, "docs/deep"), { recursive: true });
    expect((await fairlead(join(folder, "docs/deep"), ["render", "prod"])).status).toBe(0);
    expect(readdirSync(join(folder, "deploy/prod"))).toEqual(["namespace.yaml", "order.yaml"]);
  });

  test("leaves a file alone that would be the same", async () => {
    const folder = projectWith();
    await fairlead(folder, ["render"]);
    const before = statSync(join(folder, "deploy/dev/order.yaml"), { bigint: true }).mtimeNs;
    expect((await fairlead(folder, ["render"])).stdout).toBe("deploy/dev: 2 files, 0 written\n");
    expect(statSync(join(folder, "deploy/dev/order.yaml"), { bigint: true }).mtimeNs).toBe(before);
  });

  test("removes the file of a component that is gone, and nothing that it did not write", async () => {
    const folder = projectWith();
    await fairlead(folder, ["render"]);
    write(join(folder, "deploy/dev/kustomization.yaml"), "resources: [order.yaml]\n");
    write(join(folder, "Pulumi.dev.yaml"), "config: { shop:only: true }\n");
    expect((await fairlead(folder, ["render"])).stdout).toBe("deploy/dev: 1 files, 0 written, 1 removed\n");
    expect(readdirSync(join(folder, "deploy/dev"))).toEqual(["kustomization.yaml", "namespace.yaml"]);
  });

  test("overwrites no file of somebody else", async () => {
    const folder = projectWith({ "deploy/dev/order.yaml": "mine: true\n" });
    const { status, stderr } = await fairlead(folder, ["render"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^deploy\/dev\/order\.yaml was not written by fairlead, and would be overwritten; move it away/,
    );
    expect(readdirSync(join(folder, "deploy/dev"))).toEqual(["order.yaml"]);
  });

  test("writes elsewhere when told so", async () => {
    const folder = projectWith();
    await fairlead(folder, ["render", "dev", "--out", "gitops"]);
    expect(existsSync(join(folder, "gitops/dev/order.yaml"))).toBe(true);
  });

  test("refuses a secret setting that would stand in a file, by its place", async () => {
    const folder = projectWith({ "Pulumi.dev.yaml": "config: { shop:key: { secure: AAAB } }\n" });
    const { status, stderr } = await fairlead(folder, ["render"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^order: config\.data\.key is an Output/);
    expect(existsSync(join(folder, "deploy"))).toBe(false);
  });

  test("loads neither the engine nor the cluster's client", async () => {
    const folder = projectWith();
    const env = { NODE_DEBUG: "esm", NODE_OPTIONS: "--trace-require-module=all" };
    const { stderr } = await fairlead(folder, ["render"], env);
    expect(stderr).toMatch(/commander/);
    expect(stderr).not.toMatch(/@pulumi|@kubernetes\/client-node|cdk8s/);
  });
});

describe("render where delivery is by GitOps", () => {
  const gitops = { "Pulumi.dev.yaml": "config: { shop:delivery: gitops }\n" };

  test("writes a folder for each component with a file for each object, and nothing of the engine's", async () => {
    const folder = projectWith(gitops);
    expect((await fairlead(folder, ["render"])).stdout).toBe("deploy/dev: 2 files, 2 written\n");
    expect(readdirSync(join(folder, "deploy/dev"))).toEqual(["order"]);
    expect(readdirSync(join(folder, "deploy/dev/order"))).toEqual(["config.yaml", "deployment.yaml"]);
  });

  test("takes the place of what was rendered for direct delivery", async () => {
    const folder = projectWith();
    await fairlead(folder, ["render"]);
    write(join(folder, "Pulumi.dev.yaml"), gitops["Pulumi.dev.yaml"]);
    expect((await fairlead(folder, ["render"])).stdout).toBe("deploy/dev: 2 files, 2 written, 2 removed\n");
    expect(readdirSync(join(folder, "deploy/dev"))).toEqual(["order"]);
  });

  test("removes the folder of a component that is gone, unless somebody else has a file in it", async () => {
    const folder = projectWith(gitops);
    await fairlead(folder, ["render"]);
    write(join(folder, "deploy/dev/order/README.md"), "mine\n");
    write(join(folder, "deploy/dev/gone/deployment.yaml"), read(folder, "order/deployment.yaml"));
    write(join(folder, "Pulumi.dev.yaml"), "config: { shop:delivery: gitops, shop:only: true }\n");
    const check = await fairlead(folder, ["render", "--check"]);
    expect(check.stderr).toContain(
      "  extra    gone/deployment.yaml\n  extra    order/config.yaml\n  extra    order/deployment.yaml",
    );
    await fairlead(folder, ["render"]);
    expect(readdirSync(join(folder, "deploy/dev"))).toEqual(["order"]);
    expect(readdirSync(join(folder, "deploy/dev/order"))).toEqual(["README.md"]);
  });
});

describe("render --check", () => {
  test("is content with what render wrote", async () => {
    const folder = projectWith();
    await fairlead(folder, ["render"]);
    const { status, stdout } = await fairlead(folder, ["render", "--check"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "deploy/dev is what the description says (2 files)\n" });
  });

  test("fails with a list of what is missing, stale and too much, and writes nothing", async () => {
    const folder = projectWith();
    await fairlead(folder, ["render"]);
    writeFileSync(join(folder, "deploy/dev/gone.yaml"), read(folder, "order.yaml"));
    write(join(folder, "Pulumi.dev.yaml"), "config: { shop:key: other }\n");
    rmSync(join(folder, "deploy/dev/namespace.yaml"));
    const { status, stderr } = await fairlead(folder, ["render", "--check"]);
    expect(status).toBe(1);
    expect(stderr).toBe(`deploy/dev is not what the description says:
  missing  namespace.yaml
  stale    order.yaml
  extra    gone.yaml
write it anew: fairlead render dev
`);
    expect(existsSync(join(folder, "deploy/dev/namespace.yaml"))).toBe(false);
  });
});
