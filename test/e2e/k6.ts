import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inside, itemsInside } from "../../components/core/plain.ts";
import { ensureParts, loadImage } from "../../toolchain/index.ts";
import { run } from "../../toolchain/process.ts";
import { until } from "../integration/observability/server.ts";
import type { Shop } from "./shop.ts";

const IMAGE = "registry.example.com/e2e/k6:2.0.0";

/** What k6 said, and the status that it ended with: 0, or 99 where a threshold was crossed. */
export interface Judged {
  readonly status: number;
  readonly said: string;
}

/** Runs k6 in pods of a namespace from which the services may be called. */
export interface K6 {
  /** @param variables Of the script, such as RATE. */
  readonly run: (script: string, variables: Readonly<Record<string, string>>) => Promise<Judged>;
}

/** Puts k6 into the registry of the node. */
export async function openK6({ cli, running }: Shop, namespace: string): Promise<K6> {
  const { kubeconfig, api } = running;
  const parts = await ensureParts(["k6", "kubectl"]);
  const file = (name: "k6" | "kubectl") => parts.get(name)?.file ?? name;
  await loadImage(join(cli.state, "cluster"), { name: IMAGE, binary: file("k6") });
  let runs = 0;
  return {
    run: async (script, variables) => {
      const name = `k6-${++runs}`;
      const core = `/api/v1/namespaces/${namespace}`;
      const map = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name },
        data: { "load.js": readFileSync(script, "utf8") },
      };
      await api(`${core}/configmaps`, { method: "POST", body: map });
      await api(`${core}/pods`, { method: "POST", body: pod(name, variables) });
      const status = await until(async () => {
        const [container] = itemsInside(await api(`${core}/pods/${name}`), "status", "containerStatuses");
        return inside(container, "state", "terminated", "exitCode");
      });
      const logs = await run(file("kubectl"), ["--kubeconfig", kubeconfig, "--namespace", namespace, "logs", name]);
      await api(`${core}/pods/${name}`, { method: "DELETE" });
      return { status: Number(status), said: logs.stdout + logs.stderr };
    },
  };
}

function pod(name: string, variables: Readonly<Record<string, string>>) {
  const given = Object.entries(variables).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1001, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "k6",
          image: IMAGE,
          args: ["run", "--quiet", "--no-usage-report", "--no-color", ...given, "/script/load.js"],
          env: [
            { name: "HOME", value: "/tmp" },
            { name: "K6_AUTO_EXTENSION_RESOLUTION", value: "false" },
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [
            { name: "script", mountPath: "/script" },
            { name: "tmp", mountPath: "/tmp" },
          ],
        },
      ],
      volumes: [
        { name: "script", configMap: { name } },
        { name: "tmp", emptyDir: {} },
      ],
    },
  };
}
