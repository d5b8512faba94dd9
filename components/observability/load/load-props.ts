import * as z from "zod";
import { type Duration, seconds } from "../../core/duration.ts";
import type { Faults } from "../../core/fault.ts";
import { checked, duration, maybe, recordOf, strict, whole } from "../../core/shape.ts";

/** How a service is tried under load: `load: { rate: 100, requests: { look: { path: "/users/ada" } } }`. */
export interface ServiceLoad {
  /** What is asked, by a name for k6's report. @default a GET of each path that the service has a route for */
  readonly requests?: Readonly<Record<string, LoadRequest>>;
  /** Requests a second at the peak, all of them together. They come whether or not earlier ones were answered. @default 50 */
  readonly rate?: number;
  /** How long it takes to get there. @default "30s" */
  readonly ramp?: Duration;
  /** How long it stays there. Below 1,000 requests a promise of 99.9 % is judged by one of them. @default "2m" */
  readonly hold?: Duration;
}

/** One kind of request. Either path or call. */
export interface LoadRequest {
  /** HTTP: the path as the service itself knows it, with its query: "/users/ada". */
  readonly path?: string;
  /** HTTP. @default "GET" */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** HTTP: sent as JSON. @default none */
  readonly body?: unknown;
  /** HTTP, or metadata of gRPC. @default none but a trace's own: traceparent */
  readonly headers?: Readonly<Record<string, string>>;
  /** gRPC: "shop.user.v1.Users/GetUser". */
  readonly call?: string;
  /** gRPC: the file of the contract, from the project's folder. */
  readonly proto?: string;
  /** gRPC: the message as JSON. @default an empty one */
  readonly message?: unknown;
  /** How often it comes, beside the others: 9 and 1 are nine in ten. @default 1 */
  readonly share?: number;
}

/** A request with nothing left open. */
export interface PlannedRequest extends LoadRequest {
  readonly share: number;
}

export const LOAD_DEFAULTS = { rate: 50, ramp: "30s", hold: "2m" } as const;

const span: z.ZodType<Duration> = checked(duration, (text) =>
  (seconds(text) ?? 0) > 0 ? undefined : ["but a load takes its time", 'use for example "30s"'],
);

const path: z.ZodType<string> = checked(z.string(), (text) => {
  if (!text.startsWith("/"))
    return ["but a path begins with a slash", `use "/${text.replace(/^https?:\/\/[^/]*\/?/, "")}"`];
  const [hole] = /[{*][^/]*/.exec(text) ?? [];
  return hole === undefined ? undefined : [`but nobody fills in ${hole}`, 'use what exists: "/users/ada"'];
});

const requestShape = strict<LoadRequest>({
  path: maybe(path),
  method: maybe(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])),
  body: maybe(z.json()) as z.ZodType<unknown>,
  headers: maybe(recordOf(z.string())),
  call: maybe(
    checked(z.string(), (text) =>
      /^[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/.test(text)
        ? undefined
        : ["but it is no method of gRPC", 'use "shop.user.v1.Users/GetUser"'],
    ),
  ),
  proto: maybe(z.string().min(1)),
  message: maybe(z.json()) as z.ZodType<unknown>,
  share: maybe(
    checked(z.number(), (value) => (value > 0 ? undefined : ["but then it never comes", "leave it out, or use 1"])),
  ),
});

export const loadShape = strict<ServiceLoad>({
  requests: maybe(recordOf(requestShape)),
  rate: maybe(whole(1)),
  ramp: maybe(span),
  hold: maybe(span),
});

/** Notes requests that could not be sent. @param ports Of the service, by name. */
export function checkLoad(
  faults: Faults,
  place: string,
  { requests }: ServiceLoad,
  ports: Readonly<Record<string, number>>,
): void {
  if (requests === undefined) return;
  if (Object.keys(requests).length === 0) {
    faults.add(`${place}.requests`, requests, "but then nothing is asked", "leave it out for a GET of each route");
  }
  for (const [name, request] of Object.entries(requests)) {
    const here = `${place}.requests.${name}`;
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
      faults.add(here, name, "but it becomes a name in k6's report", "use lower-case letters, digits and hyphens");
    }
    checkRequest(faults, here, request, ports);
  }
}

function checkRequest(
  faults: Faults,
  place: string,
  request: LoadRequest,
  ports: Readonly<Record<string, number>>,
): void {
  if ((request.path === undefined) === (request.call === undefined)) {
    faults.add(place, request, "but a request is either HTTP or gRPC", "give either path or call");
    return;
  }
  const [port, foreign] =
    request.call === undefined ? (["http", ["proto", "message"]] as const) : (["grpc", ["method", "body"]] as const);
  for (const key of foreign) {
    if (request[key] === undefined) continue;
    faults.add(`${place}.${key}`, request[key], `but ${port === "http" ? "HTTP" : "gRPC"} has none`, "leave it out");
  }
  if (ports[port] === undefined) {
    const said = request.call === undefined ? "path" : "call";
    faults.add(`${place}.${said}`, request[said], `but no port is called ${port}`, "add it to ports");
  }
  if (request.call !== undefined && request.proto === undefined) {
    const remedy = 'give the file of its contract: proto: "services/api/shop/user/v1/user.proto"';
    faults.add(`${place}.proto`, undefined, "but k6 cannot write a message that it does not know", remedy);
  }
}
