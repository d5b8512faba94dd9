import * as z from "zod";
import { hostCovers } from "../core/host.ts";
import { checked, filled, maybe, namespaceName, objectName, partName, recordOf, strict } from "../core/shape.ts";
import { servedHost } from "./route-props.ts";

/** The Gateway that an environment's routes attach to. */
export interface GatewayTarget {
  readonly name: string;
  readonly namespace: string;
  /** Listener -> the host that it serves. */
  readonly listeners: Readonly<Record<string, string>>;
  /** The namespace that its proxies run in: network policies admit them from there. @default the Gateway's */
  readonly proxies?: string;
  /**
   * What its controller understands beyond the standard channel: the experimental channel has retries of HTTP; Envoy
   * Gateway has policies of its own for retries and for timeouts of gRPC. @default "standard"
   */
  readonly dialect?: "standard" | "experimental" | "envoy-gateway";
}

/** What serves the routes of an environment whose cluster has no Gateway API. */
export interface IngressTarget {
  /** The IngressClass, and so the controller. There is no default. */
  readonly ingressClass: string;
  /** The namespace that its controller runs in: network policies admit it from there. */
  readonly proxies: string;
  /** Host -> the Secret of its certificate, in the services' namespace; false where TLS ends before the Ingress. */
  readonly certificates: Readonly<Record<string, string>> | false;
}

export type RouteTarget = GatewayTarget | IngressTarget;

const listeners = checked(recordOf(servedHost, partName), (all) =>
  Object.keys(all).length === 0
    ? ["but a Gateway without a listener serves nobody", 'give for example { shop: "shop.example.com" }']
    : undefined,
);

export const targetShape: z.ZodType<RouteTarget> = z.union([
  strict<GatewayTarget>({
    name: objectName,
    namespace: namespaceName,
    listeners,
    proxies: maybe(namespaceName),
    dialect: maybe(z.enum(["standard", "experimental", "envoy-gateway"])),
  }),
  strict<IngressTarget>({
    ingressClass: filled,
    proxies: namespaceName,
    certificates: z.union([recordOf(objectName, servedHost), z.literal(false)]),
  }),
]);

export function isIngress(target: RouteTarget): target is IngressTarget {
  return "ingressClass" in target;
}

/** The listener that serves a host: the one with the same host, or else the nearest "*." above it. */
export function listenerOf(target: GatewayTarget, host: string): string | undefined {
  let best: readonly [name: string, host: string] | undefined;
  for (const [name, served] of Object.entries(target.listeners)) {
    if (hostCovers(served, host) && served.length > (best?.[1].length ?? 0)) best = [name, served];
  }
  return best?.[0];
}

/** The namespace that requests come from. */
export function proxiesOf(target: RouteTarget): string {
  return isIngress(target) ? target.proxies : (target.proxies ?? target.namespace);
}
