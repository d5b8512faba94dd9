import * as z from "zod";
import { type CallPolicy, callPolicyShape } from "../../core/call-policy.ts";
import { didYouMean, type Faults } from "../../core/fault.ts";
import {
  checkShape,
  labelValue,
  maybe,
  namespaceName,
  objectName,
  recordOf,
  strict,
  whereSound,
  whole,
} from "../../core/shape.ts";

/** The mesh of an environment. What a service says of itself is the same in each mode, and without a mesh. */
export interface Mesh {
  /** A proxy in every pod, or one on every node and a waypoint for what needs HTTP. https://istio.io/latest/docs/overview/dataplane-modes/ */
  readonly mode: "sidecar" | "ambient";
  /** What holds for every call that says nothing else. @default a timeout of 3 s, 2 retries, a breaker */
  readonly policy?: CallPolicy;
  /** What one instance takes in, unless its service says otherwise; false: anything. @default 200 requests a second */
  readonly rateLimit?: RateLimit | false;
  /** Value of X-Traffic-Tag -> where it leads. @default stable and canary lead to the versions of these names */
  readonly tags?: Readonly<Record<string, TrafficTag>>;
  /** Region that the environment's nodes stand in -> regions that take over when it fails, the nearest first. @default one region */
  readonly regions?: Readonly<Record<string, readonly string[]>>;
  /** @default "cluster.local" */
  readonly trustDomain?: string;
  /** Istio's revision that the namespace belongs to. @default the default one */
  readonly revision?: string;
  /** Where istiod runs. @default "istio-system" */
  readonly controlPlane?: string;
  /** Gateways that bring requests from outside to the services that have a route. @default none */
  readonly gateways?: readonly Identity[];
  /** Who scrapes metrics: part of the mesh, or it could not. @default prometheus-k8s of the namespace that a service is scraped from */
  readonly prometheus?: Prometheus;
  /** Pods of the waypoint, in mode ambient. @default 2 */
  readonly waypoints?: number;
}

/** Whom a certificate of the mesh names. */
export interface Identity {
  readonly namespace: string;
  /** @default any account of the namespace */
  readonly serviceAccount?: string;
}

export interface Prometheus {
  /** @default "prometheus-k8s" */
  readonly serviceAccount?: string;
  /** Its scrape class with certificates of the mesh, in mode sidecar. @default "istio-mtls" */
  readonly scrapeClass?: string;
}

/** How much one instance takes in. More is answered with 429, or RESOURCE_EXHAUSTED to gRPC. */
export interface RateLimit {
  /** Each port of an instance counts its own. */
  readonly requestsPerSecond: number;
  /** Requests at once after a pause. @default as many as in a second */
  readonly burst?: number;
}

/** Where coloured requests go: to a version, or to the pods of a region and no others. */
export type TrafficTag = { readonly version: string } | { readonly region: string };

/** The header that colours a request. Programs hand it on with every call that they make for it. */
export const TRAFFIC_TAG = "X-Traffic-Tag";

/** What an instance takes in, in the articles. */
export const RATE_LIMIT: RateLimit = { requestsPerSecond: 200 };

/** The version that is not tried out. */
export const STABLE = "stable";

const TAGS: Readonly<Record<string, TrafficTag>> = { [STABLE]: { version: STABLE }, canary: { version: "canary" } };

export const tagsOf = (mesh: Mesh): Readonly<Record<string, TrafficTag>> => mesh.tags ?? TAGS;

export const rateLimitShape = strict<RateLimit>({ requestsPerSecond: whole(1), burst: maybe(whole(1)) });

const tagShape: z.ZodType<TrafficTag> = z.union([
  strict<{ readonly version: string }>({ version: labelValue }),
  strict<{ readonly region: string }>({ region: labelValue }),
]);

const identityShape = strict<Identity>({ namespace: namespaceName, serviceAccount: maybe(objectName) });

export const meshShape = strict<Mesh>({
  mode: z.enum(["sidecar", "ambient"]),
  policy: maybe(strict<CallPolicy>(callPolicyShape)),
  rateLimit: maybe(z.union([rateLimitShape, z.literal(false)])),
  tags: maybe(recordOf(tagShape, labelValue)),
  regions: maybe(recordOf(z.array(labelValue), labelValue)),
  trustDomain: maybe(objectName),
  revision: maybe(labelValue),
  controlPlane: maybe(namespaceName),
  gateways: maybe(z.array(identityShape)),
  prometheus: maybe(
    strict<Prometheus>({
      serviceAccount: maybe(objectName),
      scrapeClass: maybe(objectName),
    }),
  ),
  waypoints: maybe(whole(1)),
});

/** Notes what is wrong with a mesh, each part by itself and against the others. */
export function checkMesh(faults: Faults, mesh: Mesh, prefix = ""): mesh is Mesh {
  const at = (path: string) => (prefix === "" ? path : `${prefix}.${path}`);
  if (!checkShape(faults, meshShape, mesh, prefix)) return false;
  const before = faults.found.length;
  whereSound(faults, mesh, ["regions"], ({ regions = {} }) => {
    const known = Object.keys(regions);
    for (const [region, others] of Object.entries(regions)) {
      for (const other of others) {
        if (other === region) {
          faults.add(at(`regions.${region}`), other, "but a region cannot take over from itself", "name another");
        } else if (!known.includes(other)) {
          const problem = "but no node of the environment stands there, so nobody would answer";
          faults.add(at(`regions.${region}`), other, problem, didYouMean(other, known));
        }
      }
      if (others.length > 2 || (others.length === 2 && known.length > 3)) {
        const problem = "but the mesh tells the first from the others, and no further order";
        faults.add(at(`regions.${region}`), others, problem, "name the first one only; the others come after it");
      }
    }
  });
  for (const [tag, target] of Object.entries(mesh.tags ?? {})) {
    if (!("region" in target) || Object.hasOwn(mesh.regions ?? {}, target.region)) continue;
    const problem = "but no node of the environment stands in that region, so nobody would answer";
    const remedy = didYouMean(target.region, Object.keys(mesh.regions ?? {}));
    const declared = Object.keys(mesh.regions ?? {}).length > 0;
    faults.add(at(`tags.${tag}.region`), target.region, problem, declared ? remedy : "declare it in regions");
  }
  if (mesh.policy?.breaker === false && Object.values(mesh.regions ?? {}).some((others) => others.length > 0)) {
    const problem = "but without it the mesh never learns that a region fails, so none would take over";
    faults.add(at("policy.breaker"), false, problem, "leave out breaker, or the regions that take over");
  }
  return faults.found.length === before;
}

/** Who asks, as an AuthorizationPolicy tells it by the certificate. https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source */
export function sources(mesh: Mesh, identities: readonly Identity[]) {
  const principals = identities.flatMap(({ namespace, serviceAccount }) =>
    serviceAccount === undefined ? [] : [principal(mesh, namespace, serviceAccount)],
  );
  const namespaces = identities.flatMap((one) => (one.serviceAccount === undefined ? [one.namespace] : []));
  return [
    ...(principals.length === 0 ? [] : [{ source: { principals: [...new Set(principals)] } }]),
    ...(namespaces.length === 0 ? [] : [{ source: { namespaces: [...new Set(namespaces)] } }]),
  ];
}

function principal(mesh: Mesh, namespace: string, serviceAccount: string): string {
  return `${mesh.trustDomain ?? "cluster.local"}/ns/${namespace}/sa/${serviceAccount}`;
}

/** The identity by which metrics are scraped from that namespace. */
export function scraper(mesh: Mesh, namespace: string): Identity {
  return { namespace, serviceAccount: mesh.prometheus?.serviceAccount ?? "prometheus-k8s" };
}

/** The name by which every client of the cluster knows a Service. */
export function hostOf(service: string, namespace: string): string {
  return `${service}.${namespace}.svc.cluster.local`;
}
