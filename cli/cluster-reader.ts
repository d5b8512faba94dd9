import { readFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { clusterApi, readKubeconfig } from "../toolchain/cluster-api.ts";
import type { Session } from "./session.ts";

/** Reads from a cluster, by the API server's path; undefined for what is not there. With a JSON patch it changes what is there. */
export type ClusterReader = (path: string, patch?: JsonPatch) => Promise<unknown>;

/** RFC 6902. */
export type JsonPatch = readonly { readonly op: string; readonly path: string; readonly value?: unknown }[];

const JSON_PATCH = "application/json-patch+json";

/** A reader with the session's own way to log in. The client that knows every way is loaded for a user's cluster only. */
export async function clusterReader({ embedded, kubeconfig }: Session): Promise<ClusterReader> {
  if (embedded) {
    const api = clusterApi(readKubeconfig(kubeconfig));
    return (path, patch) =>
      api(path, patch === undefined ? {} : { method: "PATCH", body: patch, contentType: JSON_PATCH }).catch(
        (error: unknown) => absent(error),
      );
  }
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(readFileSync(kubeconfig, "utf8"));
  return async (path, patch) => {
    const body = patch === undefined ? undefined : JSON.stringify(patch);
    const headers = { accept: "application/json", ...(body === undefined ? {} : { "content-type": JSON_PATCH }) };
    const options: RequestOptions = { method: body === undefined ? "GET" : "PATCH", headers, timeout: 10_000 };
    await config.applyToHTTPSOptions(options);
    return ask(`${config.getCurrentCluster()?.server?.replace(/\/$/, "")}${path}`, options, body);
  };
}

/** An answer 404 means that there is none; every other failure is one. */
function absent(error: unknown): undefined {
  if (error instanceof Error && "status" in error && error.status === 404) return undefined;
  throw error;
}

function ask(url: string, options: RequestOptions, body: string | undefined): Promise<unknown> {
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
    call.on("error", reject).end(body);
  });
}
