import * as z from "zod";
import { type Duration, seconds } from "../core/duration.ts";
import { hostVerdict, prefixOf } from "../core/host.ts";
import {
  checked,
  duration,
  maybe,
  namespaceName,
  partName,
  port,
  recordOf,
  someOf,
  strict,
  type Verdict,
  whole,
} from "../core/shape.ts";

/** What is matched of a request's path: a prefix of whole segments ("/orders" takes "/orders/7", not "/orders2"), or all of it. */
export type RoutePath = string | { readonly exact: string };

export type RouteMethod = "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "CONNECT" | "OPTIONS" | "TRACE" | "PATCH";

/** How requests from outside reach a service. */
export interface Route<Name extends string = string> {
  /** Hosts as prod calls them; an environment may call them otherwise. "*.example.com" takes all below it. */
  readonly host: string | readonly string[];
  /** One path or several. @default "/" */
  readonly path?: RoutePath | readonly RoutePath[];
  /** The name of the service's port. @default "http", for gRPC "grpc" */
  readonly port?: string;
  /** Calls of gRPC: true for all, or "shop.order.v1.Orders" and "shop.order.v1.Orders/Place". @default HTTP */
  readonly grpc?: true | string | readonly string[];
  /** @default every method */
  readonly methods?: readonly RouteMethod[];
  /** Headers that a request must have: name -> value, or a pattern (RE2). @default any */
  readonly headers?: Readonly<Record<string, string | { readonly pattern: string }>>;
  /** What stands instead of the path's prefix when the service sees it: "/" takes it away. @default the path is left alone */
  readonly rewrite?: string;
  /** Longest that a request may take, retries included; at most the service's drain. @default the gateway's */
  readonly timeout?: Duration;
  /** @default none */
  readonly retries?: Retries;
  /** A service that gets copies of the requests; its answers are thrown away. @default none */
  readonly mirror?: Mirror<Name>;
  /** Tells several objects of one service apart: routes with the same hosts share one. @default none */
  readonly name?: string;
}

/** Further tries of a request. Without codes only what never reached the service: refused connections and streams. */
export interface Retries {
  /** Tries after the first. */
  readonly attempts: number;
  /** Longest that one try may take. */
  readonly perTry: Duration;
  /** Wait before the first retry; it doubles each time. @default "100ms" */
  readonly backoff?: Duration;
  /** Answers that are tried again too, such as 503; only for methods that may be repeated. @default none */
  readonly codes?: readonly number[];
}

export interface Mirror<Name extends string = string> {
  readonly service: Name;
  /** Where it stands; a ReferenceGrant there must admit the route. @default the route's own namespace */
  readonly namespace?: string;
  /** Its Service's port. @default the number of the route's own */
  readonly port?: number;
  /** Share of the requests. @default 100 */
  readonly percent?: number;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"] as const;

export const servedHost: z.ZodType<string> = checked(z.string(), hostVerdict);

/** What the Gateway API takes as a path, in the words of its own validation. */
const PATH = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/;

function pathVerdict(text: string): Verdict {
  if (!text.startsWith("/")) return ["but a path begins with a slash", `use "/${text}"`];
  if (/[?#]/.test(text))
    return ["but a path has neither a query nor a fragment", `use "${text.replace(/[?#].*$/, "")}"`];
  if (text.endsWith("*")) {
    return ["but a path is a prefix already and no pattern", `use "${prefixOf(text.replace(/\*+$/, ""))}"`];
  }
  if (text.includes("//") || /\/\.{1,2}(\/|$)/.test(text) || /%2f/i.test(text)) {
    return ["but empty segments, dots and %2F could mean another path to the service", 'use for example "/orders"'];
  }
  return PATH.test(text) && text.length <= 1024
    ? undefined
    : ["but a path has at most 1024 characters, and all others percent-encoded", 'use for example "/orders"'];
}

const path: z.ZodType<string> = checked(z.string(), pathVerdict);

/** A span as the Gateway API counts it (GEP-2257): no fractions, no days, not zero. */
const gatewayDuration: z.ZodType<Duration> = checked(duration, (text) => {
  const span = seconds(text) ?? 0;
  if (span === 0) return ["but zero would mean for ever", 'use for example "10s", or leave it out'];
  if (/^([0-9]{1,5}(h|m|s|ms)){1,4}$/.test(text)) return undefined;
  const whole = Number.isInteger(span) ? `${span}s` : `${Math.round(span * 1000)}ms`;
  return ["but the Gateway API counts whole hours, minutes, seconds and milliseconds", `use "${whole}"`];
});

const call = checked(z.string(), (text) =>
  /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\/[A-Za-z_]\w*)?$/.test(text)
    ? undefined
    : ["but it is no call of gRPC", 'use "shop.order.v1.Orders" or "shop.order.v1.Orders/Place"'],
);

const headerName = checked(z.string(), (text) => {
  if (!/^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/.test(text)) {
    return ["but it is no name of a header", 'use for example "X-Traffic-Tag"'];
  }
  return text.toLowerCase() === "host" ? ["but hosts are matched by host", "write host instead"] : undefined;
});

const pattern = checked(z.string().min(1), (text) => {
  try {
    new RegExp(text, "u");
  } catch {
    return ["but it is no regular expression", 'use for example "^v[0-9]+$"'];
  }
  return /\(\?(?:[=!]|<[=!])|\\[1-9]/.test(text)
    ? ["but RE2 knows neither look-around nor back-references", "write it without"]
    : undefined;
});

const headers = checked(
  recordOf(
    z.union([
      checked(z.string(), (text) =>
        text === "" || text.length > 4096 ? ["but a header's value has 1 to 4096 characters", "give one"] : undefined,
      ),
      strict<{ pattern: string }>({ pattern }),
    ]),
    headerName,
  ),
  (all): Verdict => {
    const names = Object.keys(all).map((name) => name.toLowerCase());
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) return [`but ${twice} stands there twice: case does not count`, "keep one"];
    return names.length > 16 ? ["but at most 16 headers can be matched", "keep 16 or fewer"] : undefined;
  },
);

function oneOrSome<T>(schema: z.ZodType<T>): z.ZodType<T | readonly T[]> {
  return z.union([schema, someOf(schema)]);
}

const aPath: z.ZodType<RoutePath> = z.union([path, strict<{ exact: string }>({ exact: path })]);

const percent = checked(z.number(), (value) =>
  Number.isInteger(value) && value >= 1 && value <= 100
    ? undefined
    : ["but a share is a whole number from 1 to 100", "use for example 10"],
);

const code = checked(z.number(), (value) =>
  Number.isInteger(value) && value >= 500 && value <= 599
    ? undefined
    : ["but only the server's errors can change by a retry", "use for example 503"],
);

export const routeShape: z.ZodType<Route> = strict<Route>({
  host: oneOrSome(servedHost),
  path: maybe(oneOrSome(aPath)),
  port: maybe(partName),
  grpc: maybe(z.union([z.literal(true), call, someOf(call)])),
  methods: maybe(someOf(z.enum(METHODS))),
  headers: maybe(headers),
  rewrite: maybe(path),
  timeout: maybe(gatewayDuration),
  retries: maybe(
    strict<Retries>({
      attempts: whole(1),
      perTry: gatewayDuration,
      backoff: maybe(gatewayDuration),
      codes: maybe(someOf(code)),
    }),
  ),
  mirror: maybe(
    strict<Mirror>({
      service: partName,
      namespace: maybe(namespaceName),
      port: maybe(port),
      percent: maybe(percent),
    }),
  ),
  name: maybe(partName),
});

/** One route or several. */
export const routesShape: z.ZodType<Route | readonly Route[]> = oneOrSome(routeShape);

export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/** What a route's rule matches of paths, each once. */
export function pathsOf(route: Pick<Route, "path">): readonly { readonly exact: boolean; readonly path: string }[] {
  return listOf<RoutePath>(route.path ?? "/").map((one) =>
    typeof one === "string" ? { exact: false, path: prefixOf(one) } : { exact: true, path: one.exact },
  );
}

/** The name of the port that a route leads to. */
export function portOf({ port: name, grpc }: Pick<Route, "port" | "grpc">): string {
  return name ?? (grpc === undefined ? "http" : "grpc");
}
