import * as z from "zod";
import { callShape, type HostCall } from "../../core/call.ts";
import { labels } from "../../core/name.ts";
import { type Objects, present } from "../../core/object.ts";
import { checkShape, faultsOf, strict, whereSound } from "../../core/shape.ts";
import { trafficPolicy } from "./destination-rule.ts";
import { type DestinationRule, type MeshServiceEntry, NETWORKING } from "./kind.ts";
import { checkMesh, type Mesh } from "./mesh.ts";
import { type MeshPart, meshPartShape, someMesh } from "./part.ts";
import { resolvePolicy } from "./policy.ts";

/** The hosts outside that the pods of a namespace call. */
export interface ExternalHostsProps extends MeshPart {
  readonly mesh: Mesh;
  /** Every call to a host; the same host may stand in it more than once. */
  readonly hosts: readonly HostCall[];
}

export interface ExternalHostsObjects extends Objects {
  readonly [host: `host-${string}`]: MeshServiceEntry;
  readonly [breaker: `breaker-${string}`]: DestinationRule;
}

/** How the mesh reads a port. What it does not know it passes on unread. */
const PROTOCOLS: Readonly<Record<number, string>> = { 80: "HTTP", 443: "TLS", 8443: "TLS" };

const externalHostsShape = strict<ExternalHostsProps>({
  ...meshPartShape,
  mesh: someMesh,
  hosts: z.array(callShape as z.ZodType<HostCall>),
});

/**
 * What the mesh knows of hosts outside: their ports, and when they are spared.
 * @throws FaultError with everything that is wrong with the props.
 */
export function externalHosts(props: ExternalHostsProps): ExternalHostsObjects {
  const faults = faultsOf(props, "external hosts");
  checkShape(faults, externalHostsShape, props);
  whereSound(faults, props, ["mesh"], ({ mesh }) => void checkMesh(faults, mesh, "mesh"));
  faults.check();
  const { mesh, namespace } = props;
  const ports = new Map<string, Set<number>>();
  for (const { host, port = 443 } of props.hosts) ports.set(host, (ports.get(host) ?? new Set()).add(port));
  const { breaker } = resolvePolicy({}, mesh.policy);
  const common = labels({ ...props, component: "mesh" });
  const objects = [...ports].flatMap(([host, numbers]) => {
    const metadata = { name: host, namespace, labels: common };
    return [
      [
        `host-${host}`,
        {
          apiVersion: NETWORKING,
          kind: "ServiceEntry",
          metadata,
          spec: {
            hosts: [host],
            location: "MESH_EXTERNAL",
            resolution: "DNS",
            // Nobody else's business: another namespace declares the hosts that it calls itself.
            exportTo: ["."],
            ports: [...numbers]
              .sort((a, b) => a - b)
              .map((number) => {
                const protocol = PROTOCOLS[number] ?? "TCP";
                return { number, name: `${protocol.toLowerCase()}-${number}`, protocol };
              }),
          },
        } satisfies MeshServiceEntry,
      ],
      [
        `breaker-${host}`,
        {
          apiVersion: NETWORKING,
          kind: "DestinationRule",
          metadata,
          spec: { host, exportTo: ["."], trafficPolicy: trafficPolicy(breaker) },
        } satisfies DestinationRule,
      ],
    ] as const;
  });
  return present(Object.fromEntries(objects)) as ExternalHostsObjects;
}
