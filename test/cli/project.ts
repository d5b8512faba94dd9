import { join } from "node:path";
import { folderWith, ROOT } from "./workbench.ts";

/** A program of two components and two environments, which needs no package. */
const PROGRAM = `
import { FaultError } from "${join(ROOT, "components/core/fault.ts")}";

const object = (kind, name, namespace) => ({
  apiVersion: kind === "Deployment" ? "apps/v1" : "v1", kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

export const program = {
  project: "shop",
  environments: ["dev", "prod"],
  build: (name, settings) => {
    if (settings.crash) throw new TypeError("nobody thought of that");
    if (settings.replicas < 1) {
      throw new FaultError([{ component: "order", path: "replicas", value: settings.replicas, problem: "but it is none", remedy: "write 1" }]);
    }
    const config = { ...object("ConfigMap", "order", "shop-" + name), data: { key: settings.key ?? "none", ...(settings.services?.order?.digest ? { digest: settings.services.order.digest } : {}) } };
    return {
      name,
      ...(settings.delivery === undefined ? {} : { delivery: settings.delivery }),
      members: {
        namespace: { type: "x:y:Namespace", objects: { namespace: object("Namespace", "shop-" + name) } },
        ...(settings.only ? {} : { order: { type: "x:y:Order", objects: { deployment: object("Deployment", "order", "shop-" + name), config } } }),
      },
    };
  },
};
`;

/** A project in a folder of its own. */
export function projectWith(files: Readonly<Record<string, string>> = {}): string {
  return folderWith({
    "package.json": `{ "type": "module" }`,
    "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: infra/start.js\n",
    "infra/program.ts": PROGRAM,
    ...files,
  });
}
