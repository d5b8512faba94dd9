import * as z from "zod";
import { isHostName, nameProblem } from "./name.ts";
import { checked, maybe, port, strict } from "./shape.ts";

/** Whom a component calls: a service of the same namespace by its name, any service, or a host outside the cluster. */
export type Call = string | ServiceCall | HostCall;

export interface ServiceCall {
  readonly service: string;
  /** @default the caller's own namespace */
  readonly namespace?: string;
  /** Ports of the called pods. @default every port */
  readonly ports?: readonly number[];
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
}

const serviceName = checked(z.string(), (name) => {
  const problem = nameProblem(name);
  return problem === undefined
    ? undefined
    : [problem, 'name the service as it is declared, or a host as { host: "api.example.com" }'];
});

const cidr = checked(z.string(), (text) =>
  /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$|^[0-9a-fA-F:]+\/\d{1,3}$/.test(text)
    ? undefined
    : ["but it is no address range", 'use for example "203.0.113.0/24"'],
);

const ports = z.array(port);

export const callShape: z.ZodType<Call> = z.union([
  serviceName,
  strict<ServiceCall>({ service: serviceName, namespace: maybe(z.string()), ports: maybe(ports) }),
  strict<HostCall>({
    host: checked(z.string(), (host) =>
      isHostName(host)
        ? undefined
        : ["but it is no host name", 'use for example "api.example.com", without scheme and path'],
    ),
    port: maybe(port),
    cidrs: maybe(z.array(cidr)),
  }),
]);

export const callerShape: z.ZodType<Caller> = z.union([
  serviceName,
  strict<ServiceCaller>({ service: maybe(serviceName), namespace: maybe(z.string()), ports: maybe(ports) }),
]);
