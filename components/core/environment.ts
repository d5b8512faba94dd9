import type { KubernetesObject, Objects } from "./object.ts";

/** How an environment reaches its cluster: applied by the engine, or written to a repository that a controller reads. */
export type Delivery = "direct" | "gitops";

/** Who applies an object. */
export type Owner = "engine" | "repository";

/** One component of an environment: what it is and what it consists of. */
export interface Member {
  /** The engine's name for this kind of component, such as "fairlead:workload:Microservice". Part of its identity there. */
  readonly type: string;
  readonly objects: Objects;
  /**
   * Who applies all of it where delivery is by GitOps.
   * @default by its kind: see ownerIn
   */
  readonly owner?: Owner;
}

/** Everything one environment consists of, before any engine has seen it. */
export interface Environment {
  /** dev, staging, prod, … */
  readonly name: string;
  /** Component name -> its objects, in the order in which they should be read. */
  readonly members: Readonly<Record<string, Member>>;
  /** @default "direct" */
  readonly delivery?: Delivery;
  /** What a person wants to know once it runs: "order" -> "http://order.shop-dev:8080". */
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Settings of one environment, as the engine's configuration file gives them: plain values, or an Output for a secret. */
export type Settings = Readonly<Record<string, unknown>>;

/** What a project exports for the command line and for the engine alike. */
export interface Program {
  /** The project's name, as in Pulumi.yaml; its settings stand under this name. */
  readonly project: string;
  /** The environments that exist, in the order of promotion. */
  readonly environments: readonly string[];
  /**
   * Settings that are text even where they look like a number or a word of JSON, such as a version "1.5": the engine's
   * configuration does not tell the two apart. @default none
   */
  readonly texts?: readonly string[];
  /**
   * Builds one environment. Pure: the same settings give the same objects.
   * @throws FaultError with everything that is wrong with the catalogue, the settings and the result.
   */
  readonly build: (environment: string, settings: Settings) => Environment;
}

/** An object with the component and role it comes from, so that a fault can name the place. */
export interface Placed<T extends KubernetesObject = KubernetesObject> {
  readonly component: string;
  readonly role: string;
  readonly object: T;
}

/** Every object of an environment with its place. */
export function* placed(environment: Environment): Generator<Placed> {
  for (const [component, member] of Object.entries(environment.members)) {
    for (const [role, object] of Object.entries(member.objects)) yield { component, role, object };
  }
}
