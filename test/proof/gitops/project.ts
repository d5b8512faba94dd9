import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toYamlValue } from "../../../components/core/yaml-text.ts";
import { ROOT } from "../../integration/cli.ts";

/**
 * A user's project in a repository of its own: this one's, with another address and one more component, and new versions
 * that take over by the mesh's weights, in minutes.
 */
export interface GitProject {
  readonly folder: string;
  /** Such as "file:///…". */
  readonly url: string;
  /** Changes a file by its text. The text must be there. */
  readonly edit: (file: string, from: string, to: string) => void;
  /** Settings of prod: service -> what differs. */
  readonly settings: (services: Readonly<Record<string, unknown>>) => void;
  readonly commit: (message: string) => void;
}

/** An archive with a disk: what must not be lost beside what may. */
const ARCHIVE = `
const archive = {
  type: "shop:Archive",
  objects: {
    disk: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "archive", namespace: "shop-prod" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
    readme: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "archive", namespace: "shop-prod" }, data: { a: "1" } },
    notes: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "archive-notes", namespace: "shop-prod" }, data: { a: "1" } },
  },
};
`;

export function gitProject(folder: string): GitProject {
  mkdirSync(folder, { recursive: true });
  for (const name of ["components", "node_modules", "package.json"]) symlinkSync(join(ROOT, name), join(folder, name));
  cpSync(join(ROOT, "infra"), join(folder, "infra"), { recursive: true });
  cpSync(join(ROOT, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  writeFileSync(join(folder, ".gitignore"), "node_modules\ncomponents\npackage.json\n.fairlead\n");
  const url = `file://${folder}`;
  const git = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  };
  const edit: GitProject["edit"] = (file, from, to) => {
    const text = readFileSync(join(folder, file), "utf8");
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(join(folder, file), text.replace(from, to));
  };
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "user.name", "Proof");
  git("config", "user.email", "proof@example.com");
  git("config", "commit.gpgsign", "false");
  edit("infra/delivery.ts", "https://git.example.com/shop/shop.git", url);
  // Charts come from servers on the Internet, which this machine may not have.
  edit("infra/delivery.ts", "    addOns: addOns(namespace),\n", "");
  edit("infra/delivery.ts", "const addOns =", "export const addOns =");
  // The gateway's weights are written by a plugin of the controller that cannot be had everywhere.
  edit("infra/environments.ts", 'router: "gateway"', 'router: "istio"');
  edit("infra/services.ts", 'value: "shanghai-only" } })', 'value: "shanghai-only" }, hold: "40s", pace: "20s" })');
  edit("infra/services.ts", "analysis: { growth: 300 }", 'analysis: { growth: 300, interval: "10s", window: "30s" }');
  edit("infra/program.ts", "members: { ", 'members: { ...(name === "prod" ? { archive } : {}), ');
  edit("infra/program.ts", "/** The shop", `${ARCHIVE}\n/** The shop`);
  return {
    folder,
    url,
    edit,
    settings: (services) =>
      writeFileSync(join(folder, "Pulumi.prod.yaml"), toYamlValue({ config: { "shop:services": services } })),
    commit: (message) => {
      git("add", "--all");
      git("commit", "--quiet", "-m", message);
    },
  };
}
