import type { HostCall } from "../../core/call.ts";
import type { NetworkPolicy } from "../../core/kind.ts";
import type { Metadata } from "../../core/object.ts";
import { networkPolicy } from "../../workload/network-policy.ts";
import type { Mesh } from "./mesh.ts";

type Spec = NonNullable<NetworkPolicy["spec"]>;
type Ingress = NonNullable<Spec["ingress"]>[number];
type Egress = NonNullable<Spec["egress"]>[number];
type Peer = NonNullable<NonNullable<Egress["to"]>[number]>;

/** Where traffic between pods arrives in mode ambient, whatever port it is for. https://istio.io/latest/docs/ambient/usage/networkpolicy/ */
const HBONE = 15_008;
/** Where istiod gives out certificates and configuration. https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const ISTIOD = 15_012;

/** In mode ambient the kubelet's probes come from these addresses of Istio's. */
const PROBES: readonly Peer[] = [
  { ipBlock: { cidr: "169.254.7.127/32" } },
  { ipBlock: { cidr: "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128" } },
];

const GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

/** The pods of a namespace's waypoint. Istio makes them, so that no workload of the environment has these labels. */
const WAYPOINT_PODS: Peer = {
  podSelector: { matchExpressions: [{ key: GATEWAY_NAME, operator: "In", values: ["waypoint"] }] },
};

const tcp = (...ports: readonly number[]) => ports.map((port) => ({ protocol: "TCP" as const, port }));

function istiod(mesh: Mesh): Egress {
  const namespace = mesh.controlPlane ?? "istio-system";
  return {
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["istiod"] }] },
      },
    ],
    ports: tcp(ISTIOD),
  };
}

/** A workload's policy with what its traffic needs on the mesh's own ports. */
export function meshedNetworkPolicy(policy: NetworkPolicy, mesh: Mesh): NetworkPolicy {
  const { spec } = policy;
  if (spec === undefined || spec === null || !("podSelector" in spec)) return policy;
  const ingress = (spec.ingress ?? []) as readonly Ingress[];
  const egress = (spec.egress ?? []) as readonly Egress[];
  if (mesh.mode === "sidecar") {
    return { ...policy, spec: { ...spec, egress: [...egress, istiod(mesh)] } as Spec };
  }
  const called = ingress.length > 0;
  const calling = egress.some(({ to }) => to?.some(isPods) === true || to?.some(isAddress) === true);
  return {
    ...policy,
    spec: {
      ...spec,
      ingress: [
        ...ingress.map((rule) => ("from" in rule ? { ...rule, ...withHbone(rule.ports) } : rule)),
        ...(called ? [{ from: [WAYPOINT_PODS], ports: tcp(HBONE) }] : []),
        { from: PROBES },
      ],
      egress: [
        ...egress.map((rule) =>
          rule.to?.some(isPods) === true && !isDns(rule) ? { ...rule, ...withHbone(rule.ports) } : rule,
        ),
        ...(calling ? [{ to: [WAYPOINT_PODS], ports: tcp(HBONE) }] : []),
      ],
    } as Spec,
  };
}

const isPods = (peer: Peer): boolean => peer.podSelector !== undefined;
const isAddress = (peer: Peer): boolean => peer.ipBlock !== undefined;
const isDns = ({ ports }: Egress): boolean => ports?.some(({ port }) => port === 53) === true;

/** The same ports and HBONE; where none are named, all are meant already. */
function withHbone(ports: Ingress["ports"]): Pick<Ingress, "ports"> {
  return ports === undefined ? {} : { ports: [...ports, ...tcp(HBONE)] };
}

/** Whom a namespace's waypoint talks to: every pod of the namespace, istiod, and the hosts outside that pods call. */
export function waypointNetwork(metadata: Metadata, mesh: Mesh, hosts: readonly HostCall[]): NetworkPolicy {
  const namespace = metadata.namespace ?? "";
  const labels = metadata.labels ?? {};
  const base = networkPolicy({
    name: metadata.name,
    namespace,
    labels,
    selector: {},
    ports: [],
    calls: hosts,
    calledBy: [],
  });
  const gateways = [...new Set((mesh.gateways ?? []).map((one) => one.namespace))];
  const from: readonly Peer[] = [
    { podSelector: {} },
    ...gateways.map((one) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": one } } })),
  ];
  return {
    ...base,
    spec: {
      ...base.spec,
      podSelector: WAYPOINT_PODS.podSelector,
      ingress: [{ from, ports: tcp(HBONE) }],
      egress: [
        ...((base.spec?.egress ?? []) as readonly Egress[]),
        { to: [{ podSelector: {} }], ports: tcp(HBONE) },
        istiod(mesh),
      ],
    } as Spec,
  };
}
