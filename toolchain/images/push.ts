import { reasonOf, ToolchainError } from "../failure.ts";
import type { Blob, OciImage } from "./image.ts";
import type { ImageReference } from "./reference.ts";

/** How a registry is talked to. */
export interface PushOptions {
  /** Further tags of the same image. @default none */
  readonly tags?: readonly string[];
  /** @default nobody in particular */
  readonly login?: { readonly username: string; readonly password: string };
  /** Without TLS. @default for this machine alone */
  readonly plain?: boolean;
}

/** Hosts that docker, too, speaks to without TLS. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "");
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Puts an image into a registry, under its tags; what is there already is not sent again.
 * @returns Its digest, as the registry says it.
 */
export async function pushImage(
  image: OciImage,
  reference: ImageReference,
  options: PushOptions = {},
): Promise<string> {
  const registry = connection(reference, options);
  for (const blob of [image.config, ...image.layers]) await pushBlob(registry, blob);
  let digest = image.digest;
  for (const tag of new Set([reference.tag, ...(options.tags ?? [])])) {
    const answer = await registry.call("PUT", `manifests/${tag}`, {
      body: image.manifest.bytes,
      type: image.manifest.mediaType,
      expect: [201],
    });
    digest = answer.headers.get("docker-content-digest") ?? image.digest;
  }
  if (digest !== image.digest) {
    throw new ToolchainError(`${registry.name} says ${digest} of an image that is ${image.digest}`);
  }
  return digest;
}

async function pushBlob(registry: Connection, { digest, bytes }: Blob): Promise<void> {
  const known = await registry.call("HEAD", `blobs/${digest}`, { expect: [200, 404] });
  if (known.status === 200) return;
  const begun = await registry.call("POST", "blobs/uploads/", { expect: [202] });
  const location = begun.headers.get("location");
  if (location === null) throw new ToolchainError(`${registry.name} does not say where to put a layer`);
  const url = new URL(location, registry.base);
  url.searchParams.set("digest", digest);
  await registry.call("PUT", url.href, { body: bytes, type: "application/octet-stream", expect: [201] });
}

interface Request {
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly expect: readonly number[];
}

interface Connection {
  readonly name: string;
  readonly base: string;
  readonly call: (method: string, path: string, request: Request) => Promise<Response>;
}

function connection(reference: ImageReference, { login, plain = isLoopback(reference.registry) }: PushOptions) {
  // Docker Hub's images are called docker.io, and its registry is another host.
  const host = reference.registry === "docker.io" ? "registry-1.docker.io" : reference.registry;
  const name = `${reference.registry}/${reference.repository}`;
  const base = `${plain ? "http" : "https"}://${host}/v2/${reference.repository}/`;
  const basic =
    login === undefined ? undefined : `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
  let authorization: string | undefined;
  const send = async (method: string, path: string, { body, type }: Request) => {
    const url = new URL(path, base);
    // A registry may name another host for an upload; who we are is told to the registry alone.
    const own = url.host === host;
    const headers = {
      ...(type === undefined ? {} : { "content-type": type }),
      ...(authorization === undefined || !own ? {} : { authorization }),
    };
    try {
      return await fetch(url, { method, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
    } catch (error) {
      throw new ToolchainError(`registry ${reference.registry} cannot be reached: ${reasonOf(error)}`);
    }
  };
  const call: Connection["call"] = async (method, path, request) => {
    let answer = await send(method, path, request);
    if (answer.status === 401 && authorization === undefined) {
      authorization = await authorizationFor(answer.headers.get("www-authenticate") ?? "", name, basic);
      answer = await send(method, path, request);
    }
    if (request.expect.includes(answer.status)) return answer;
    const said = (await answer.text()).slice(0, 400).trim();
    const remedy = answer.status === 401 || answer.status === 403 ? "; give a login that may push there" : "";
    throw new ToolchainError(`registry refuses ${name}: ${method} answered ${answer.status} ${said}${remedy}`);
  };
  return { name, base, call };
}

/** What a registry wants to be shown: the login itself, or a token that another host gives for it. */
async function authorizationFor(challenge: string, name: string, basic: string | undefined): Promise<string> {
  const refuse = (why: string) => new ToolchainError(`registry refuses ${name}: ${why}`);
  if (/^basic/i.test(challenge)) {
    if (basic === undefined) throw refuse("it wants a login, and none is given");
    return basic;
  }
  const said = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  if (!/^bearer/i.test(challenge) || said["realm"] === undefined) throw refuse(`it wants ${challenge || "a login"}`);
  const url = new URL(said["realm"]);
  if (said["service"] !== undefined) url.searchParams.set("service", said["service"]);
  const path = name.slice(name.indexOf("/") + 1);
  url.searchParams.set("scope", `repository:${path}:pull,push`);
  const answer = await fetch(url, basic === undefined ? {} : { headers: { authorization: basic } });
  const told = answer.ok ? ((await answer.json()) as { readonly token?: string; readonly access_token?: string }) : {};
  const token = told.token ?? told.access_token;
  if (token === undefined) throw refuse(`${url.host} gives no token (${answer.status})`);
  return `Bearer ${token}`;
}
