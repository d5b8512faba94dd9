import { type Duration, seconds } from "../core/duration.ts";
import { didYouMean, type Faults } from "../core/fault.ts";
import { isCertified } from "../core/host.ts";
import { matchCount } from "./route-group.ts";
import { listOf, pathsOf, portOf, type Retries, type Route, type RoutePath } from "./route-props.ts";
import { isIngress, listenerOf, type RouteTarget } from "./target.ts";

/** What a route is judged by beside itself. */
export interface RouteSurroundings {
  readonly ports: Readonly<Record<string, number>>;
  readonly gateway: RouteTarget;
  readonly canary?: string | undefined;
  readonly drain?: Duration | undefined;
}

type Note = (path: string, value: unknown, problem: string, remedy: string) => void;

/** Notes what no single property of a route shows. */
export function checkRoute(faults: Faults, prefix: string, route: Route, around: RouteSurroundings): void {
  const note: Note = (path, ...rest) => faults.add(`${prefix}.${path}`, ...rest);
  checkPort(note, route, around.ports);
  checkHosts(note, route, around.gateway);
  checkMatches(note, route);
  checkTimes(note, route, around.drain ?? "30s");
  if (isIngress(around.gateway)) checkIngress(note, route);
  else checkDialect(note, route, around.gateway.dialect ?? "standard");
}

function checkPort(note: Note, route: Route, ports: RouteSurroundings["ports"]): void {
  const name = portOf(route);
  const known = Object.keys(ports);
  if (Object.hasOwn(ports, name)) return;
  const problem = `but ${route.grpc === undefined ? "requests" : "calls of gRPC"} would go to port ${name}, which the service does not have`;
  const remedy =
    route.port === undefined
      ? `open one: ports: { ${name}: ${name === "grpc" ? 9090 : 8080} }${known.length === 0 ? "" : `, or name one of ${known.join(", ")}`}`
      : didYouMean(name, known);
  note("port", route.port, problem, remedy);
}

function checkHosts(note: Note, route: Route, target: RouteTarget): void {
  const hosts = listOf(route.host);
  for (const [index, host] of hosts.entries()) {
    const path = Array.isArray(route.host) ? `host.${index}` : "host";
    if (hosts.indexOf(host) < index) note(path, host, "but it stands there twice", "keep one of the two");
    else if (!isIngress(target) && listenerOf(target, host) === undefined) {
      const place = `${target.namespace}/${target.name}`;
      note(
        path,
        host,
        `but no listener of gateway ${place} serves it`,
        didYouMean(host, Object.values(target.listeners)),
      );
    } else if (
      isIngress(target) &&
      target.certificates !== false &&
      secretOf(target.certificates, host) === undefined
    ) {
      const known = Object.keys(target.certificates);
      note(path, host, "but the environment has no certificate for it", didYouMean(host, known));
    }
  }
  if (hosts.length > 16)
    note("host", hosts.length, "but a route has at most 16 hosts", "make two routes, each with a name");
}

/** The Secret with a certificate for a host. */
export function secretOf(certificates: Readonly<Record<string, string>>, host: string): string | undefined {
  return Object.entries(certificates).find(([name]) => isCertified([name], host))?.[1];
}

function checkMatches(note: Note, route: Route): void {
  const paths = pathsOf(route);
  const keys = paths.map(({ exact, path }) => `${exact} ${path}`);
  const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  if (twice >= 0)
    note(
      `path.${twice}`,
      listOf<RoutePath>(route.path ?? "/")[twice],
      "but it stands there twice",
      "keep one of the two",
    );
  if (matchCount(route) > 64) {
    const [key, what] = route.grpc === undefined ? ["path", "pairs of path and method"] : ["grpc", "calls"];
    note(key, matchCount(route), `but a rule has at most 64 ${what}`, "make two routes");
  }
  if (route.rewrite !== undefined && (paths.length !== 1 || paths[0]?.exact === true)) {
    note(
      "rewrite",
      route.rewrite,
      "but only one prefix can be replaced, no exact path and no list",
      "give one prefix as path",
    );
  }
  if (route.grpc === undefined) return;
  for (const key of ["path", "methods", "rewrite"] as const) {
    if (route[key] === undefined) continue;
    note(
      key,
      route[key],
      "but a call of gRPC is matched by its service and method",
      'leave it out; write grpc: "shop.order.v1.Orders/Place"',
    );
  }
}

/** Methods whose repetition does no more than the first did. RFC 9110, 9.2.2 */
const REPEATABLE: readonly string[] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

/** A request that outlives the drain is cut off whenever a pod goes: with each deployment, drain and scale-down. */
function checkTimes(note: Note, { timeout, retries, methods, grpc }: Route, drain: Duration): void {
  const [most, stop] = [seconds(timeout ?? "0s") ?? 0, seconds(drain) ?? 0];
  if (timeout !== undefined && most > stop) {
    note(
      "timeout",
      timeout,
      `but the service drains ${drain} only, so that a rollout would cut such requests off`,
      `use ${drain} or less, or a longer drain`,
    );
  }
  if (retries === undefined) return;
  if (timeout === undefined) {
    note("timeout", undefined, "but retries need an end", `give for example "${budget(retries)}ms"`);
  } else if (budget(retries) > most * 1000) {
    note(
      "retries",
      retries,
      `but all tries together take up to ${budget(retries)} ms, and the timeout is ${timeout}`,
      `use ${fitting(retries, most)}`,
    );
  }
  if (retries.codes === undefined) return;
  if (grpc !== undefined) {
    note("retries.codes", retries.codes, "but calls of gRPC are answered 200, whatever happened", "leave codes out");
    return;
  }
  const unsafe = (methods ?? ["POST"]).filter((method) => !REPEATABLE.includes(method));
  if (unsafe.length === 0) return;
  note(
    "retries.codes",
    retries.codes,
    `but a ${unsafe[0]} that was answered so may have been carried out, and would be again`,
    'leave codes out, or restrict the route: methods: ["GET"]',
  );
}

const BACKOFF: Duration = "100ms";

/** The first wait before a retry. */
export function backoffOf(retries: Retries): Duration {
  return retries.backoff ?? BACKOFF;
}

/** The longest that all tries and the doubling waits between them take, in milliseconds. */
function budget(retries: Retries): number {
  const [each, wait] = [seconds(retries.perTry) ?? 0, seconds(backoffOf(retries)) ?? 0];
  return Math.round(((retries.attempts + 1) * each + (2 ** retries.attempts - 1) * wait) * 1000);
}

/** A change that makes the tries fit. */
function fitting(retries: Retries, timeout: number): string {
  let attempts = Math.min(retries.attempts, 64);
  while (attempts > 1 && budget({ ...retries, attempts }) > timeout * 1000) attempts--;
  const longer = `a longer timeout or a shorter perTry`;
  return budget({ ...retries, attempts }) > timeout * 1000 ? longer : `attempts: ${attempts}, ${longer}`;
}

/** What an Ingress cannot say without the annotations of one controller. */
const NOT_IN_INGRESS = ["grpc", "methods", "headers", "rewrite", "timeout", "retries", "mirror"] as const;

function checkIngress(note: Note, route: Route): void {
  for (const key of NOT_IN_INGRESS) {
    if (route[key] === undefined) continue;
    note(
      key,
      route[key],
      "but an Ingress cannot say that without annotations of one controller",
      "leave it out, or give the environment a Gateway",
    );
  }
}

function checkDialect(note: Note, { retries, timeout, grpc }: Route, dialect: string): void {
  const envoy = 'give the environment\'s gateway dialect: "envoy-gateway" where it is one, or leave it out';
  if (retries !== undefined && (grpc === undefined ? dialect === "standard" : dialect !== "envoy-gateway")) {
    const also = grpc === undefined ? ', "experimental" where it serves that channel' : "";
    note(
      "retries",
      retries,
      `but the ${dialect} channel of the Gateway API has no retries${grpc === undefined ? "" : " of gRPC"}`,
      `${envoy}${also}`,
    );
  }
  if (timeout !== undefined && grpc !== undefined && dialect !== "envoy-gateway") {
    note("timeout", timeout, `but the ${dialect} channel of the Gateway API has no timeouts of gRPC`, envoy);
  }
}
