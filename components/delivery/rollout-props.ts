import * as z from "zod";
import type { Duration } from "../core/duration.ts";
import type { Objects } from "../core/object.ts";
import {
  checked,
  componentName,
  filled,
  maybe,
  objectName,
  partName,
  someOf,
  strict,
  whole,
  wholeSeconds,
} from "../core/shape.ts";
import type { Objective } from "../observability/index.ts";

/**
 * What splits traffic between two versions: weights of an HTTPRoute or GRPCRoute, weights of a VirtualService, or nothing,
 * so that the shares are those of the pods.
 */
export type Router = "gateway" | "istio" | "replicas";

/** How a new version of a service takes over. Give canary or blueGreen. */
export interface RolloutStrategy {
  readonly canary?: Canary;
  readonly blueGreen?: BlueGreen;
  /** What judges the new version; false: nobody but who watches. @default by every objective of the service */
  readonly analysis?: Analysis | false;
  /** A Deployment becomes a Rollout, or a Rollout a Deployment, while both run. See docs/guides/rollout.md. @default neither */
  readonly move?: Move;
}

/** The new version gets more and more of the traffic. */
export interface Canary {
  /** In this order; after the last one it gets everything. */
  readonly steps: readonly CanaryStep[];
  /** Takes pods from the old version as traffic leaves it, which saves pods and makes a way back slower. @default false */
  readonly dynamicStableScale?: boolean;
  /** What splits the traffic. @default what the environment has */
  readonly router?: Router;
}

/** A share of all traffic, or everybody with a header; and how long it stays so. */
export interface CanaryStep {
  /** Percent of all traffic, more than in the step before. */
  readonly weight?: number;
  /** Requests with this header, all of them. `share` says what part of all traffic that is. */
  readonly header?: HeaderMatch;
  /** Percent of the pods that the new version has for a header's requests. @default 1 */
  readonly share?: number;
  /** How long; "promotion": until somebody promotes it. */
  readonly pause: Duration | "promotion";
}

export interface HeaderMatch {
  readonly name: string;
  /** The whole value. */
  readonly value: string;
}

/** The new version runs in full beside the old one, then every request goes to it at once. */
export interface BlueGreen {
  /** "manual": somebody promotes it. @default "automatic" */
  readonly promotion?: "automatic" | "manual";
  /** How long the old version goes on running after the switch, ready to take it all back. @default "10m" */
  readonly keep?: Duration;
  /** Pods of the new version before the switch. @default as many as the old one has */
  readonly previewReplicas?: number;
  /** A page of the new version that must answer before the switch. @default none */
  readonly smoke?: Smoke;
}

/** A GET of the preview that must end in 2xx, three times in a row. */
export interface Smoke {
  readonly path: string;
  /** The Service's port by name. @default "http" */
  readonly port?: string;
}

/** Questions to Prometheus while a version takes over. */
export interface Analysis {
  /** How often each is asked. The version goes back at the second bad answer. @default "1m" */
  readonly interval?: Duration;
  /** How far back each looks. @default "5m" */
  readonly window?: Duration;
  /** Bad answers that are suffered. @default 1 */
  readonly failureLimit?: number;
  /** Names of the objectives that count. @default all that count requests */
  readonly objectives?: readonly string[];
  /**
   * How many times worse than the old version the new one must be to be at fault: where both fail, another service does,
   * and going back would help nobody. false: only the objective counts. @default 2
   */
  readonly timesWorse?: number | false;
  /** Growth of the latency's percentile against the old version, in percent, at which it goes back; the articles' is 300. @default it does not count */
  readonly growth?: number;
}

/** One of two states in between; each is a deploy of its own. */
export interface Move {
  readonly to: "rollout" | "deployment";
  /** Pods while both run, fixed: as many as the highest load of that hour needs. */
  readonly replicas: number;
}

/** Routes of the Gateway API by kind. */
export interface GatewayRoutes {
  readonly http?: readonly string[];
  readonly grpc?: readonly string[];
}

/** A workload whose new versions take over step by step. */
export interface RolloutProps extends RolloutStrategy {
  readonly name: string;
  /** The objects of a microservice or worker: its Deployment becomes a Rollout, and what scales it scales that. */
  readonly objects: Objects;
  /** What splits traffic in the environment. @default "replicas" */
  readonly router?: Router;
  /** Names of the VirtualService's HTTP routes that lead to both versions, for router "istio". @default ["primary"] */
  readonly routes?: readonly string[];
  /** Names of the routes that lead to both versions, for router "gateway". @default an HTTPRoute of the component's name */
  readonly gatewayRoutes?: GatewayRoutes;
  /** What the service promises. @default nothing */
  readonly objectives?: readonly Objective[];
  /** Prometheus' address, as the controller reaches it. */
  readonly prometheus?: string;
}

const share = checked(z.number(), (value) =>
  Number.isInteger(value) && value >= 1 && value <= 100
    ? undefined
    : ["but it is a whole percentage from 1 to 100", "use for example 5"],
);

const positive = checked(wholeSeconds, (text) =>
  /[1-9]/.test(text) ? undefined : ["but that is no time at all", 'use for example "5m"'],
);

const stepShape = strict<CanaryStep>({
  weight: maybe(share),
  header: maybe(strict<HeaderMatch>({ name: filled, value: filled })),
  share: maybe(share),
  pause: z.union([z.literal("promotion"), positive]),
});

export const routerShape: z.ZodType<Router> = z.enum(["gateway", "istio", "replicas"]);

const canaryShape = strict<Canary>({
  steps: checked(z.array(stepShape), (steps) =>
    steps.length === 0
      ? ["but without a step every pod is replaced at once", 'give for example [{ weight: 10, pause: "5m" }]']
      : undefined,
  ),
  dynamicStableScale: maybe(z.boolean()),
  router: maybe(routerShape),
});

const blueGreenShape = strict<BlueGreen>({
  promotion: maybe(z.enum(["automatic", "manual"])),
  keep: maybe(positive),
  previewReplicas: maybe(whole(1)),
  smoke: maybe(
    strict<Smoke>({
      path: checked(z.string(), (path) =>
        path.startsWith("/") ? undefined : ["but a path begins with a slash", 'use for example "/healthz"'],
      ),
      port: maybe(partName),
    }),
  ),
});

const analysisShape = strict<Analysis>({
  interval: maybe(positive),
  window: maybe(positive),
  failureLimit: maybe(whole(0)),
  objectives: maybe(z.array(z.string())),
  timesWorse: maybe(
    z.union([
      z.literal(false),
      checked(z.number(), (times) =>
        times >= 1 ? undefined : ["but less than 1 would blame a version that is better", "use 1 or more"],
      ),
    ]),
  ) as z.ZodType<number | false>,
  growth: maybe(
    checked(z.number(), (percent) =>
      percent > 0 ? undefined : ["but it is a growth in percent", "use for example 300"],
    ),
  ),
});

export const moveShape = strict<Move>({ to: z.enum(["rollout", "deployment"]), replicas: whole(1) });

/** What an entry of a catalogue says. */
export const rolloutStrategyShape = strict<RolloutStrategy>({
  canary: maybe(canaryShape),
  blueGreen: maybe(blueGreenShape),
  analysis: maybe(z.union([analysisShape, z.literal(false)])),
  move: maybe(moveShape),
});

/** Where Prometheus answers. */
export const prometheusAddress: z.ZodType<string> = checked(z.string(), (address) =>
  URL.canParse(address)
    ? undefined
    : ["but it is no address", 'use for example "http://prometheus-operated.monitoring:9090"'],
);

/** What the rest of the props must be; objects and objectives are made by other components. */
export const rolloutFactsShape = z.looseObject({
  name: componentName,
  router: maybe(routerShape),
  routes: maybe(someOf(filled)),
  gatewayRoutes: maybe(strict<GatewayRoutes>({ http: maybe(z.array(objectName)), grpc: maybe(z.array(objectName)) })),
  prometheus: maybe(prometheusAddress),
});
