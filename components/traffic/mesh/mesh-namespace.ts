import * as z from "zod";
import type { HostCall } from "../../core/call.ts";
import type { ConfigMap, NetworkPolicy } from "../../core/kind.ts";
import { labels } from "../../core/name.ts";
import { type Metadata, type Objects, present } from "../../core/object.ts";
import { checkShape, faultsOf, maybe, strict, whereSound } from "../../core/shape.ts";
import {
  type AuthorizationPolicy,
  type PeerAuthentication,
  type ProxyConfig,
  SECURITY,
  type Waypoint,
} from "./kind.ts";
import { checkMesh, type Mesh } from "./mesh.ts";
import { waypointNetwork } from "./mesh-network.ts";
import { type MeshPart, meshPartShape, someMesh } from "./part.ts";

/** Name of a namespace's waypoint, and of the account that it runs as. */
export const WAYPOINT = "waypoint";

/** What holds for all of a namespace that is part of a mesh. */
export interface MeshNamespaceProps extends MeshPart {
  readonly mesh: Mesh;
  /** Whether something in it is called, so that it needs a waypoint in mode ambient. @default true */
  readonly called?: boolean;
  /** Hosts outside that its pods call, which in mode ambient its waypoint calls for them. @default none */
  readonly hosts?: readonly HostCall[];
}

export interface MeshNamespaceObjects extends Objects {
  /** Nobody without a certificate of the mesh gets in. */
  readonly peerAuthentication: PeerAuthentication;
  /** Nobody gets in whom a policy of a service does not name. */
  readonly denyAll: AuthorizationPolicy;
  /** Of mode sidecar: the proxies answer DNS, so that two hosts outside with the same port are told apart. */
  readonly proxyConfig?: ProxyConfig;
  readonly waypoint?: Waypoint;
  readonly waypointOptions?: ConfigMap;
  readonly waypointNetworkPolicy?: NetworkPolicy;
}

const WAYPOINTS = 2;

const meshNamespaceShape = strict<MeshNamespaceProps>({
  ...meshPartShape,
  mesh: someMesh,
  called: maybe(z.boolean()),
  hosts: maybe(z.array(z.custom<HostCall>((value) => typeof value === "object" && value !== null && "host" in value))),
});

/** Labels of a namespace that bring its pods into the mesh. */
export function meshLabels(mesh: Mesh | undefined): Readonly<Record<string, string>> {
  if (mesh === undefined) return {};
  const revision = mesh.revision === undefined ? {} : { "istio.io/rev": mesh.revision };
  if (mesh.mode === "sidecar") return mesh.revision === undefined ? { "istio-injection": "enabled" } : revision;
  return { "istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": WAYPOINT, ...revision };
}

/**
 * Strict mutual TLS and default deny for a namespace; its waypoint in mode ambient.
 * @throws FaultError with everything that is wrong with the props.
 */
export function meshNamespace(props: MeshNamespaceProps): MeshNamespaceObjects {
  const faults = faultsOf(props, "mesh");
  checkShape(faults, meshNamespaceShape, props);
  whereSound(faults, props, ["mesh"], ({ mesh }) => void checkMesh(faults, mesh, "mesh"));
  faults.check();
  const { mesh, namespace } = props;
  const common = labels({ ...props, component: "mesh" });
  const metadata = (name: string) => ({ name, namespace, labels: common });
  const waypoint = mesh.mode === "ambient" && props.called !== false;
  return present({
    peerAuthentication: {
      apiVersion: SECURITY,
      kind: "PeerAuthentication",
      // Istio takes the one of this name for the namespace's own.
      metadata: metadata("default"),
      spec: { mtls: { mode: "STRICT" } },
    } satisfies PeerAuthentication,
    denyAll: {
      apiVersion: SECURITY,
      kind: "AuthorizationPolicy",
      metadata: metadata("deny-all"),
      spec: {},
    } satisfies AuthorizationPolicy,
    proxyConfig:
      mesh.mode === "ambient"
        ? undefined
        : ({
            apiVersion: "networking.istio.io/v1beta1",
            kind: "ProxyConfig",
            metadata: metadata(props.name),
            spec: { environmentVariables: { ISTIO_META_DNS_CAPTURE: "true" } },
          } satisfies ProxyConfig),
    waypoint: waypoint ? waypointGateway(metadata(WAYPOINT)) : undefined,
    waypointOptions: waypoint ? waypointOptions(metadata(`${WAYPOINT}-options`), mesh) : undefined,
    waypointNetworkPolicy: waypoint ? waypointNetwork(metadata(WAYPOINT), mesh, props.hosts ?? []) : undefined,
  }) as MeshNamespaceObjects;
}

function waypointGateway(metadata: Metadata): Waypoint {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { ...metadata, labels: { ...metadata.labels, "istio.io/waypoint-for": "service" } },
    spec: {
      gatewayClassName: "istio-waypoint",
      listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
      infrastructure: { parametersRef: { group: "", kind: "ConfigMap", name: `${WAYPOINT}-options` } },
    },
  };
}

/** What Istio lays over the Deployment that it makes of the waypoint. https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment */
function waypointOptions(metadata: Metadata, mesh: Mesh): ConfigMap {
  const replicas = mesh.waypoints ?? WAYPOINTS;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data: {
      deployment: `spec:\n  replicas: ${replicas}\n`,
      ...(replicas < 2 ? {} : { podDisruptionBudget: "spec:\n  maxUnavailable: 1\n" }),
    },
  };
}
