import { readFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { clusterApi, readKubeconfig } from "../toolchain/cluster-api.ts";
import type { Session } from "./session.ts";

/** Reads from a cluster, by the API server's path; undefined for what is not there. */
export type ClusterReader = (path: string) => Promise<unknown>;

/** A reader with the session's own way to log in. The client that knows every way is loaded for a user's cluster only. */
export async function clusterReader({ embedded, kubeconfig }: Session): Promise<ClusterReader> {
  if (embedded) {
    const api = clusterApi(readKubeconfig(kubeconfig));
    return (path) => api(path).catch((error: unknown) => absent(error));
  }
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(readFileSync(kubeconfig, "utf8"));
  return async (path) => {
    const options: RequestOptions = { headers: { accept: "application/json" }, timeout: 10_000 };
    await config.applyToHTTPSOptions(options);
    return read(`${config.getCurrentCluster()?.server?.replace(/\/$/, "")}${path}`, options);
  };
}

/** An answer 404 means that there is none; every other failure is one. */
function absent(error: unknown): undefined {
  if (error instanceof Error && "status" in error && error.status === 404) return undefined;
  throw error;
}

function read(url: string, options: RequestOptions): Promise<unknown> {
  return new Promise((fulfil, reject) => {
    const call = request(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => {
        if (answer.statusCode === 404) fulfil(undefined);
        else if (answer.statusCode === 200) fulfil(JSON.parse(text));
        else reject(new Error(`the API server answers ${answer.statusCode} to ${url}: ${text.slice(0, 300)}`));
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer from ${url}`)));
    call.on("error", reject).end();
  });
}
