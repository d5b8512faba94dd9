import * as z from "zod";
import { type CallPolicy, callPolicyShape } from "../../core/call-policy.ts";
import { didYouMean, type Faults } from "../../core/fault.ts";
import { labels, selectorLabels } from "../../core/name.ts";
import { type Metadata, type Objects, present } from "../../core/object.ts";
import {
  checkShape,
  componentName,
  faultsOf,
  labelValue,
  maybe,
  namespaceName,
  objectName,
  port,
  recordOf,
  strict,
  whereSound,
} from "../../core/shape.ts";
import { destinationRule } from "./destination-rule.ts";
import {
  type AuthorizationPolicy,
  type DestinationRule,
  type EnvoyFilter,
  NETWORKING,
  SECURITY,
  type VirtualService,
} from "./kind.ts";
import {
  checkMesh,
  hostOf,
  type Identity,
  type Mesh,
  RATE_LIMIT,
  type RateLimit,
  rateLimitShape,
  STABLE,
  scraper,
  sources,
  tagsOf,
} from "./mesh.ts";
import { WAYPOINT } from "./mesh-namespace.ts";
import { type MeshPart, meshPartShape, someMesh } from "./part.ts";
import { checkBudget, resolvePolicy, widest } from "./policy.ts";
import { localRateLimit } from "./rate-limit.ts";
import { routes } from "./routes.ts";

/** Who calls a service in the mesh. */
export interface MeshCaller extends CallPolicy {
  readonly name: string;
  /** @default the service's own namespace */
  readonly namespace?: string;
  /** @default its name */
  readonly serviceAccount?: string;
  /** Labels of the calling pods. @default app.kubernetes.io/name: <name> */
  readonly selector?: Readonly<Record<string, string>>;
}

/** How a service is reached in a mesh, and by whom. */
export interface MeshServiceProps extends MeshPart {
  readonly mesh: Mesh;
  /** Ports of the pods by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Who calls it; [] for nobody. */
  readonly callers: readonly MeshCaller[];
  /** Whether the mesh's gateways bring requests from outside. @default false */
  readonly fromGateways?: boolean;
  /** Namespace that metrics are scraped from, and the port; absent: nobody scrapes. */
  readonly scraped?: { readonly namespace: string; readonly port: number };
  /** What one instance takes in; false: anything. @default the mesh's */
  readonly rateLimit?: RateLimit | false;
  /** Labels that select the pods. @default app.kubernetes.io/name: <name> */
  readonly selector?: Readonly<Record<string, string>>;
  /** Name of the Service. @default the component's name */
  readonly service?: string;
  /** Name of the Service of the version that is tried out, if one is. */
  readonly canary?: string;
  /** Version -> labels of its pods, where labels tell versions apart. Instead of canary. */
  readonly versions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Version -> share of the requests without a tag, in percent. @default all to stable */
  readonly weights?: Readonly<Record<string, number>>;
}

/** Absent where the mode has no place for it. */
export interface MeshServiceObjects extends Objects {
  /** Who may call it: by the waypoint in mode ambient, by its own proxy otherwise. */
  readonly authorizationPolicy: AuthorizationPolicy;
  /** In mode ambient: nobody goes past the waypoint. */
  readonly waypointOnly?: AuthorizationPolicy;
  readonly virtualService: VirtualService;
  readonly destinationRule: DestinationRule;
  readonly canaryDestinationRule?: DestinationRule;
  readonly rateLimit?: EnvoyFilter;
}

const text = recordOf(labelValue);

const meshServiceShape = strict<MeshServiceProps>({
  ...meshPartShape,
  mesh: someMesh,
  ports: recordOf(port),
  callers: z.array(
    strict<MeshCaller>({
      name: componentName,
      namespace: maybe(namespaceName),
      serviceAccount: maybe(objectName),
      selector: maybe(text),
      ...callPolicyShape,
    }),
  ),
  fromGateways: maybe(z.boolean()),
  scraped: maybe(strict<{ readonly namespace: string; readonly port: number }>({ namespace: namespaceName, port })),
  rateLimit: maybe(z.union([rateLimitShape, z.literal(false)])),
  selector: maybe(text),
  service: maybe(objectName),
  canary: maybe(objectName),
  versions: maybe(recordOf(text, labelValue)),
  weights: maybe(recordOf(z.number().int().min(0).max(100))),
});

/**
 * Who may call a service, how long they wait, what is tried again, when it is spared, and where colours lead.
 * @throws FaultError with everything that is wrong with the props.
 */
export function meshService(props: MeshServiceProps): MeshServiceObjects {
  validate(props);
  const { mesh, namespace } = props;
  const service = props.service ?? props.name;
  const selector = props.selector ?? selectorLabels(props.name);
  const metadata = { name: props.name, namespace, labels: labels({ ...props, component: "mesh" }) };
  const callers = props.callers.map((caller) => ({
    ...caller,
    selector: caller.selector ?? selectorLabels(caller.name),
    policy: caller,
  }));
  const central = resolvePolicy({}, mesh.policy);
  const shared =
    mesh.mode === "ambient"
      ? widest([central, ...callers.map(({ policy }) => resolvePolicy(policy, mesh.policy))])
      : central;
  const rule = { mesh, namespace, breaker: shared.breaker, versions: props.versions };
  const limit = props.rateLimit ?? mesh.rateLimit ?? RATE_LIMIT;
  return present({
    ...authorization(props, metadata, service, selector),
    virtualService: {
      apiVersion: NETWORKING,
      kind: "VirtualService",
      metadata,
      spec: {
        hosts: [hostOf(service, namespace)],
        http: routes({
          name: service,
          namespace,
          mesh,
          callers,
          canary: props.canary,
          versions: props.versions,
          weights: props.weights,
        }),
      },
    } satisfies VirtualService,
    destinationRule: destinationRule(metadata, { ...rule, service }),
    canaryDestinationRule:
      props.canary === undefined
        ? undefined
        : destinationRule({ ...metadata, name: props.canary }, { ...rule, service: props.canary }),
    // A waypoint is not an instance's own: there the program itself keeps to its limit.
    rateLimit:
      mesh.mode === "sidecar" && limit !== false
        ? localRateLimit({ ...metadata, name: `${props.name}-rate-limit` }, selector, limit)
        : undefined,
  }) as MeshServiceObjects;
}

function authorization(
  props: MeshServiceProps,
  metadata: Metadata,
  service: string,
  selector: Readonly<Record<string, string>>,
): Pick<MeshServiceObjects, "authorizationPolicy" | "waypointOnly"> {
  const { mesh, namespace, ports } = props;
  const gateways = props.fromGateways === true ? (mesh.gateways ?? []) : [];
  const admitted: readonly Identity[] = [
    ...props.callers.map((caller) => ({
      namespace: caller.namespace ?? namespace,
      serviceAccount: caller.serviceAccount ?? caller.name,
    })),
    ...gateways,
  ];
  const scraping = props.scraped;
  const called = Object.entries(ports).flatMap(([name, number]) =>
    name === "metrics" && number === scraping?.port ? [] : [number],
  );
  const rules = [...rule(mesh, admitted, called)];
  const scrapes = scraping === undefined ? [] : [...rule(mesh, [scraper(mesh, scraping.namespace)], [scraping.port])];
  const policy = (name: string, spec: NonNullable<AuthorizationPolicy["spec"]>): AuthorizationPolicy => ({
    apiVersion: SECURITY,
    kind: "AuthorizationPolicy",
    metadata: { ...metadata, name },
    spec,
  });
  if (mesh.mode === "sidecar") {
    const spec = { selector: { matchLabels: selector }, action: "ALLOW" as const, rules: [...rules, ...scrapes] };
    return { authorizationPolicy: policy(metadata.name, spec) };
  }
  const waypoint = { namespace, serviceAccount: WAYPOINT };
  return {
    authorizationPolicy: policy(metadata.name, {
      targetRefs: [{ group: "", kind: "Service", name: service }],
      action: "ALLOW",
      rules,
    }),
    waypointOnly: policy(`${metadata.name}-waypoint-only`, {
      selector: { matchLabels: selector },
      action: "ALLOW",
      // A gateway that sends to the pods themselves does not come by the waypoint.
      rules: [...rule(mesh, [waypoint, ...gateways], called), ...scrapes],
    }),
  };
}

function* rule(mesh: Mesh, from: readonly Identity[], ports: readonly number[]) {
  if (from.length === 0 || ports.length === 0) return;
  yield {
    from: sources(mesh, from),
    to: [{ operation: { ports: ports.map(String) } }],
  };
}

function validate(props: MeshServiceProps): void {
  const faults = faultsOf(props, "mesh service");
  checkShape(faults, meshServiceShape, props);
  if (!faults.touches("mesh")) whereSound(faults, props, ["mesh"], ({ mesh }) => void checkMesh(faults, mesh, "mesh"));
  whereSound(faults, props, ["mesh", "callers"], ({ mesh, callers }) => {
    for (const [index, caller] of callers.entries()) checkBudget(faults, `callers.${index}`, caller, mesh.policy);
  });
  whereSound(faults, props, ["mesh", "versions", "weights", "canary"], (part) => checkVersions(faults, part));
  faults.check();
}

function checkVersions(
  faults: Faults,
  { mesh, versions, weights, canary }: Pick<MeshServiceProps, "mesh" | "versions" | "weights" | "canary">,
): void {
  if (canary !== undefined && versions !== undefined) {
    faults.add("versions", Object.keys(versions), "but canary tells the versions apart", "leave out one of the two");
  }
  const known = Object.keys(versions ?? {});
  const tags = Object.values(tagsOf(mesh)).flatMap((target) => ("version" in target ? [target.version] : []));
  for (const version of known) {
    if (version === STABLE || tags.includes(version) || (weights?.[version] ?? 0) > 0) continue;
    const remedy = `declare a tag for it, give it a weight, or ${didYouMean(version, tags)}`;
    faults.add(`versions.${version}`, version, "but no tag of the mesh and no weight leads to it", remedy);
  }
  if (weights === undefined) return;
  for (const version of Object.keys(weights)) {
    if (known.includes(version)) continue;
    const problem = "but no labels tell which pods that version is";
    faults.add(
      `weights.${version}`,
      version,
      problem,
      known.length === 0 ? "declare versions" : didYouMean(version, known),
    );
  }
  const sum = Object.values(weights).reduce((all, weight) => all + weight, 0);
  if (sum !== 100) faults.add("weights", weights, `but they add up to ${sum}`, "make them add up to 100");
}
