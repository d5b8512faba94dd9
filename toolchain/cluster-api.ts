import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { ToolchainError } from "./failure.ts";

/** An answer of the API server that is no success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status, such as 404. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request to the API server. */
interface ApiRequest {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
  /** Media type of the body. @default "application/json" */
  readonly contentType?: string;
  /** Media type that is asked for. @default "application/json" */
  readonly accept?: string;
  /** Given up after so many milliseconds. @default 10000 */
  readonly timeout?: number;
}

/** A way to an API server. Throws an ApiError for what it refuses, and Node's own error when it does not answer. */
export type ClusterApi = (path: string, options?: ApiRequest) => Promise<unknown>;

/** Who may enter, and by which door. */
export interface Credentials {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * A client of the embedded cluster. It speaks plain JSON: the typed client of @kubernetes/client-node takes half a
 * second to load and rewrites the schemas inside CRDs on their way.
 */
export function clusterApi(credentials: Credentials): ClusterApi {
  const agent = new Agent({ keepAlive: true, ca: credentials.ca, cert: credentials.cert, key: credentials.key });
  return (path, options = {}) =>
    new Promise((fulfil, reject) => {
      const body = options.body === undefined ? undefined : JSON.stringify(options.body);
      const call = request(new URL(path, credentials.server), {
        agent,
        method: options.method ?? "GET",
        timeout: options.timeout ?? 10_000,
        headers: {
          accept: options.accept ?? "application/json",
          "user-agent": "fairlead",
          ...(body === undefined ? {} : { "content-type": options.contentType ?? "application/json" }),
          ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
        },
      });
      call.on("timeout", () => call.destroy(new Error(`no answer to ${path}`)));
      call.on("error", reject);
      call.on("response", (answer) => {
        const pieces: Buffer[] = [];
        answer.on("data", (piece: Buffer) => pieces.push(piece));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(pieces).toString("utf8");
          const status = answer.statusCode ?? 0;
          if (status >= 200 && status < 300) fulfil(readBody(text));
          else reject(new ApiError(status, messageOf(text)));
        });
      });
      call.end(body);
    });
}

/** Reads the current context of a kubeconfig with client certificates. Throws a ToolchainError when it has none. */
export function readKubeconfig(file: string): Credentials {
  const config = parse(readFileSync(file, "utf8")) as Kubeconfig;
  const context = config.contexts?.find((one) => one.name === config["current-context"])?.context;
  const cluster = config.clusters?.find((one) => one.name === context?.cluster)?.cluster;
  const user = config.users?.find((one) => one.name === context?.user)?.user;
  const read = (data: string | undefined, path: string | undefined) => {
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    return path === undefined ? undefined : readFileSync(resolve(dirname(file), path), "utf8");
  };
  const ca = read(cluster?.["certificate-authority-data"], cluster?.["certificate-authority"]);
  const cert = read(user?.["client-certificate-data"], user?.["client-certificate"]);
  const key = read(user?.["client-key-data"], user?.["client-key"]);
  if (cluster?.server === undefined || ca === undefined || cert === undefined || key === undefined) {
    throw new ToolchainError(`${file} is not the kubeconfig of an embedded cluster: it names no client certificate`);
  }
  return { server: cluster.server, ca, cert, key };
}

/** A kubeconfig that holds everything itself, so that it may be copied. */
export function writeKubeconfig(credentials: Credentials, context: string): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const config: Kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: context, cluster: { server: credentials.server, "certificate-authority-data": base64(credentials.ca) } },
    ],
    users: [
      {
        name: context,
        user: { "client-certificate-data": base64(credentials.cert), "client-key-data": base64(credentials.key) },
      },
    ],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    "current-context": context,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

interface Kubeconfig {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly "current-context"?: string;
  readonly contexts?: readonly { readonly name: string; readonly context?: KubeconfigContext }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster?: KubeconfigCluster }[];
  readonly users?: readonly { readonly name: string; readonly user?: KubeconfigUser }[];
}

interface KubeconfigContext {
  readonly cluster?: string;
  readonly user?: string;
}

interface KubeconfigCluster {
  readonly server?: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
}

interface KubeconfigUser {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
}

/** Health checks answer with a plain word, everything else with JSON. */
function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function messageOf(text: string): string {
  const body = readBody(text);
  if (typeof body === "object" && body !== null && "message" in body && typeof body.message === "string")
    return body.message;
  return text.slice(0, 500);
}
