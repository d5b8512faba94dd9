import * as z from "zod";
import {
  checkShape,
  componentName,
  filled,
  maybe,
  recordOf,
  strict,
  whereSound,
  whole,
} from "../components/core/shape.ts";
import {
  type AlertResponderProps,
  type Delivery,
  didYouMean,
  Faults,
  type JaegerProps,
  type Mesh,
  type Override,
  overrideShape,
  type PodSecurity,
  type Quota,
  type Rollouts,
  type Setting,
  type Settings,
  type VaultStore,
} from "../components/index.ts";
import type { EdgeRow } from "./edge.ts";
import { services } from "./services.ts";

/** What differs between environments. */
export interface EnvironmentRow {
  readonly namespace: string;
  /** The tag of every image that has none of its own in the settings. */
  readonly version: string;
  readonly replicas: number;
  readonly autoscaling: boolean;
  readonly debug: { readonly pprof: boolean; readonly delve: boolean };
  /** What the API server refuses: strict in every environment, so that prod brings no surprise. */
  readonly podSecurity: PodSecurity;
  readonly spread: NonNullable<Setting["spread"]>;
  readonly quota: Quota;
  /** Where secrets come from: a vault, or made-up values. */
  readonly vault: VaultStore | "placeholders";
  readonly variables: Readonly<Record<string, string>>;
  /** Whether alerts wake somebody; where not, they go to the owner's chat. */
  readonly paging: boolean;
  /** Steps that alerts may ask for beside telling somebody. @default none, and no responder */
  readonly responder?: Pick<AlertResponderProps, "steps" | "storage" | "dryRun">;
  /** Where traces are kept: in memory by one process, or on a disk. */
  readonly traces: NonNullable<JaegerProps["storage"]>;
  /** Where logs are kept: on one pod's disk, or in a bucket of this name. */
  readonly logs: string;
  /** Where requests from outside come in. */
  readonly gateway: EdgeRow;
  /** What new versions take over step by step with. @default nothing: pods are replaced one by one */
  readonly rollouts?: Rollouts;
  /** Whether KEDA runs there. @default false */
  readonly keda?: boolean;
  /** The mesh that the services are part of. @default none */
  readonly mesh?: Mesh;
  /** Applied by the engine, or written to the repository for Argo CD. @default "direct" */
  readonly delivery?: Delivery;
}

/** Envoy Gateway, with the hosts of prod under the environment's own domain. */
const gateway = (domain: string, issuer: EdgeRow["issuer"]): EdgeRow => ({
  class: "envoy",
  dialect: "envoy-gateway",
  proxies: "envoy-gateway-system",
  hosts: {
    shop: { said: "shop.example.com", host: `shop.${domain}` },
    // A host takes either HTTP or gRPC.
    grpc: { said: "grpc.example.com", host: `grpc.${domain}` },
  },
  issuer,
});

const rollouts: Rollouts = { router: "gateway", prometheus: "http://prometheus-operated.monitoring:9090" };

const vault = (role: string): VaultStore => ({ server: "https://vault.example.com", path: "shop", role });

/** One row an environment, in the order of promotion. */
export const environments = {
  dev: {
    namespace: "shop-dev",
    version: "1.0.0",
    replicas: 1,
    autoscaling: false,
    debug: { pprof: true, delve: false },
    podSecurity: "restricted",
    spread: false,
    quota: { cpu: "4", memory: "4Gi", pods: 40 },
    vault: "placeholders",
    // Faults may be switched on: docs/guides/services.md.
    variables: { LOG_LEVEL: "debug", FAULTS: "allowed" },
    paging: false,
    responder: { steps: { diagnose: {}, archive: true }, storage: { disk: "1Gi" } },
    traces: "memory",
    logs: "disk",
    gateway: gateway("dev.example.com", "self-signed"),
  },
  staging: {
    namespace: "shop-staging",
    version: "1.0.0",
    replicas: 2,
    autoscaling: true,
    debug: { pprof: true, delve: false },
    podSecurity: "restricted",
    spread: "preferred",
    quota: { cpu: "12", memory: "16Gi", pods: 80 },
    vault: vault("shop-staging"),
    variables: { LOG_LEVEL: "info" },
    paging: false,
    traces: { disk: "20Gi" },
    logs: "shop-staging-logs",
    gateway: gateway("staging.example.com", "letsencrypt-staging"),
    rollouts,
    keda: true,
    mesh: { mode: "ambient" },
  },
  prod: {
    namespace: "shop-prod",
    version: "1.0.0",
    replicas: 3,
    autoscaling: true,
    debug: { pprof: false, delve: false },
    podSecurity: "restricted",
    spread: "preferred",
    quota: { cpu: "24", memory: "32Gi", pods: 160 },
    vault: vault("shop-prod"),
    variables: { LOG_LEVEL: "info" },
    paging: true,
    traces: { disk: "100Gi" },
    logs: "shop-prod-logs",
    gateway: gateway("example.com", "letsencrypt"),
    rollouts,
    keda: true,
    mesh: {
      mode: "sidecar",
      regions: { shanghai: ["beijing"], beijing: ["shanghai"] },
      tags: {
        stable: { version: "stable" },
        canary: { version: "canary" },
        "shanghai-only": { region: "shanghai" },
      },
    },
    delivery: "gitops",
  },
} as const satisfies Readonly<Record<string, EnvironmentRow>>;

export type EnvironmentName = keyof typeof environments;

/** What Pulumi.<environment>.yaml may say, under the project's name. */
export interface EnvironmentSettings {
  /** @default the environment's row */
  readonly namespace?: string;
  /** @default the environment's row */
  readonly version?: string;
  /** @default the environment's row */
  readonly replicas?: number;
  /** @default the environment's row */
  readonly autoscaling?: boolean;
  /** Where images of the services in this repository are pushed to, such as "127.0.0.1:5000/shop". @default none are built */
  readonly images?: {
    readonly registry: string;
    /** The tag. @default "dev" */
    readonly version?: string;
  };
  /** What is different for one service: its version, replicas, resources, configuration. */
  readonly services?: Readonly<Record<string, Override>>;
}

const settingsShape = strict<EnvironmentSettings>({
  namespace: maybe(componentName),
  version: maybe(z.string().min(1)),
  replicas: maybe(whole(1)),
  autoscaling: maybe(z.boolean()),
  images: maybe(strict<NonNullable<EnvironmentSettings["images"]>>({ registry: filled, version: maybe(filled) })),
  services: maybe(recordOf(overrideShape)),
});

/**
 * An environment's row with its settings laid over it; only declared services can be changed.
 * @throws FaultError for an unknown environment, and for everything wrong in the settings.
 */
export function environmentRow(
  name: string,
  settings: Settings,
  declared: readonly string[] = Object.keys(services),
): EnvironmentRow & { readonly overrides: Readonly<Record<string, Override>> } {
  const known = new Faults("environments");
  const row: EnvironmentRow | undefined = Object.hasOwn(environments, name)
    ? environments[name as EnvironmentName]
    : undefined;
  if (row === undefined) {
    known.add(
      "",
      name,
      "but no such environment is declared in infra/environments.ts",
      didYouMean(name, Object.keys(environments)),
    );
    known.check();
    throw new Error("unreachable: the check above throws");
  }
  const faults = new Faults(`Pulumi.${name}.yaml`);
  checkShape(faults, settingsShape, settings);
  whereSound(faults, settings as EnvironmentSettings, ["services"], ({ services = {} }) => {
    const unknown = Object.keys(services).filter((service) => !declared.includes(service));
    for (const service of unknown) {
      const path = `services.${service}`;
      faults.add(path, service, "but infra/services.ts has no such entry", didYouMean(service, declared));
    }
  });
  faults.check();
  const { services: overrides = {}, images: _, ...rest } = settings as EnvironmentSettings;
  return { ...row, ...rest, overrides };
}
