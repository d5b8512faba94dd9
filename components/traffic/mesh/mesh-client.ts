import * as z from "zod";
import { type Call, callShape, type ServiceCall } from "../../core/call.ts";
import { labels, selectorLabels } from "../../core/name.ts";
import { type Objects, present } from "../../core/object.ts";
import { checkShape, faultsOf, labelValue, maybe, recordOf, strict, whereSound } from "../../core/shape.ts";
import { destinationRule } from "./destination-rule.ts";
import { type DestinationRule, type MeshSidecar, NETWORKING } from "./kind.ts";
import { checkMesh, hostOf, type Mesh } from "./mesh.ts";
import { type MeshPart, meshPartShape, someMesh } from "./part.ts";
import { checkBudget, resolvePolicy } from "./policy.ts";

/** What a calling program is told of the mesh. */
export interface MeshClientProps extends MeshPart {
  readonly mesh: Mesh;
  /** Whom it calls, services by the names of their Services; [] for nobody. */
  readonly calls: readonly Call[];
  /** Labels that select the pods. @default app.kubernetes.io/name: <name> */
  readonly selector?: Readonly<Record<string, string>>;
}

/** Of mode sidecar only: in mode ambient there is no proxy of the caller's own. */
export interface MeshClientObjects extends Objects {
  /** Its proxy knows whom it calls, and lets it call nobody else. */
  readonly sidecar?: MeshSidecar;
  /** Of each call with a breaker of its own. */
  readonly [breaker: `breaker-${string}`]: DestinationRule;
}

const meshClientShape = strict<MeshClientProps>({
  ...meshPartShape,
  mesh: someMesh,
  calls: z.array(callShape),
  selector: maybe(recordOf(labelValue)),
});

/**
 * The scope of a caller's proxy, and breakers of its own.
 * @throws FaultError with everything that is wrong with the props.
 */
export function meshClient(props: MeshClientProps): MeshClientObjects {
  const faults = faultsOf(props, "mesh client");
  checkShape(faults, meshClientShape, props);
  whereSound(faults, props, ["mesh"], ({ mesh }) => void checkMesh(faults, mesh, "mesh"));
  whereSound(faults, props, ["mesh", "calls"], ({ mesh, calls }) => {
    for (const [index, call] of calls.entries()) {
      if (isServiceCall(call)) checkBudget(faults, `calls.${index}`, call, mesh.policy);
    }
  });
  faults.check();
  const { mesh, namespace, name } = props;
  if (mesh.mode === "ambient") return {};
  const selector = props.selector ?? selectorLabels(name);
  const common = labels({ ...props, component: "mesh" });
  const hosts = [...new Set(props.calls.map((call) => egressHost(call, namespace)))];
  const breakers = props.calls.filter(isServiceCall).flatMap((call) => {
    if (call.breaker === undefined) return [];
    const rule = destinationRule(
      { name: `${name}-to-${call.service}`, namespace, labels: common },
      {
        service: call.service,
        namespace: call.namespace ?? namespace,
        mesh,
        breaker: resolvePolicy(call, mesh.policy).breaker,
        callers: selector,
      },
    );
    return [[`breaker-${call.service}`, rule] as const];
  });
  return present({
    sidecar: {
      apiVersion: NETWORKING,
      kind: "Sidecar",
      metadata: { name, namespace, labels: common },
      spec: {
        workloadSelector: { labels: selector },
        // Without a host the mesh would take every service there is; this means none.
        egress: [{ hosts: hosts.length === 0 ? ["~/*"] : hosts }],
        outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      },
    } satisfies MeshSidecar,
    ...Object.fromEntries(breakers),
  }) as MeshClientObjects;
}

function isServiceCall(call: Call): call is ServiceCall {
  return typeof call !== "string" && "service" in call;
}

function egressHost(call: Call, ownNamespace: string): string {
  if (typeof call === "string") return `./${hostOf(call, ownNamespace)}`;
  if ("host" in call) return `./${call.host}`;
  const namespace = call.namespace ?? ownNamespace;
  return `${namespace === ownNamespace ? "." : namespace}/${hostOf(call.service, namespace)}`;
}
