import { isIPv4, isIPv6 } from "node:net";
import * as z from "zod";
import { type CallPolicy, callPolicyShape } from "./call-policy.ts";
import { isHostName, nameProblem } from "./name.ts";
import { checked, labelValue, maybe, namespaceName, port, recordOf, someOf, strict, type Verdict } from "./shape.ts";

/** Whom a component calls: a service of the same namespace by its name, any service, or a host outside the cluster. */
export type Call = string | ServiceCall | HostCall;

export interface ServiceCall extends CallPolicy {
  readonly service: string;
  /** @default the caller's own namespace */
  readonly namespace?: string;
  /** Ports of the called pods. @default every port */
  readonly ports?: readonly number[];
  /** Labels that select the called pods. @default app.kubernetes.io/name: <service> */
  readonly selector?: Readonly<Record<string, string>>;
}

export interface HostCall {
  /** A name outside the cluster, such as "api.stripe.com". */
  readonly host: string;
  /** @default 443 */
  readonly port?: number;
  /** The host's addresses, where they are known. @default every public address: NetworkPolicy knows no names */
  readonly cidrs?: readonly string[];
}

/** Who calls a component: a service of the same namespace by its name, or any. */
export type Caller = string | ServiceCaller;

export interface ServiceCaller {
  /** @default every pod of the namespace */
  readonly service?: string;
  /** @default the component's own namespace */
  readonly namespace?: string;
  /** Ports that this caller uses. @default every port */
  readonly ports?: readonly number[];
  /** Labels that select the calling pods. @default app.kubernetes.io/name: <service> */
  readonly selector?: Readonly<Record<string, string>>;
}

const serviceName = checked(z.string(), (name) => {
  const problem = nameProblem(name);
  return problem === undefined
    ? undefined
    : [problem, 'name the service as it is declared, or a host as { host: "api.example.com" }'];
});

const cidr = checked(z.string(), (text): Verdict => {
  const [address = "", length = "", ...rest] = text.split("/");
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  if (bits === 0 || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) {
    return ["but it is no address range", 'use for example "203.0.113.0/24"'];
  }
  const first = bits === 32 ? firstAddress(address, Number(length)) : address;
  // Refused since Kubernetes 1.36 (StrictIPCIDRValidation).
  return first === address ? undefined : ["but a range begins with its first address", `use "${first}/${length}"`];
});

/** The first address of the IPv4 range that an address lies in. */
function firstAddress(address: string, length: number): string {
  const bytes = address.split(".").map(Number);
  return bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, length - index * 8))) & 0xff).join(".");
}

const ports = someOf(port);

export const callShape: z.ZodType<Call> = z.union([
  serviceName,
  strict<ServiceCall>({
    service: serviceName,
    namespace: maybe(namespaceName),
    ports: maybe(ports),
    selector: maybe(recordOf(labelValue)),
    ...callPolicyShape,
  }),
  strict<HostCall>({
    host: checked(z.string(), (host) =>
      isHostName(host)
        ? undefined
        : ["but it is no host name", 'use for example "api.example.com", without scheme and path'],
    ),
    port: maybe(port),
    cidrs: maybe(someOf(cidr)),
  }),
]);

export const callerShape: z.ZodType<Caller> = z.union([
  serviceName,
  strict<ServiceCaller>({
    service: maybe(serviceName),
    namespace: maybe(namespaceName),
    ports: maybe(ports),
    selector: maybe(recordOf(labelValue)),
  }),
]);
