import type { Call, Caller, HostCall, ServiceCall } from "../core/call.ts";
import { constant } from "../core/constant.ts";
import type { NetworkPolicy } from "../core/kind.ts";
import { selectorLabels } from "../core/name.ts";
import { present } from "../core/object.ts";

type Spec = NonNullable<NetworkPolicy["spec"]>;
type Peer = NonNullable<NonNullable<NonNullable<Spec["egress"]>[number]["to"]>[number]>;
type Egress = NonNullable<Spec["egress"]>[number];
type Ingress = NonNullable<Spec["ingress"]>[number];

export interface NetworkPolicyFacts {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What selects the pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** The pods' own ports. */
  readonly ports: readonly number[];
  /** Whom it calls. Undefined: not declared, so nothing is cut off. Empty: DNS only. */
  readonly calls?: readonly Call[] | undefined;
  /** Who calls it. Undefined: not declared, so whoever reaches it may call its ports. Empty: nobody. */
  readonly calledBy?: readonly Caller[] | undefined;
  /** The port that Prometheus scrapes, and the namespace it stands in. */
  readonly scrape?: { readonly port: number; readonly namespace: string } | undefined;
}

// Addresses that are nobody's outside host: private, shared, loopback and link-local (which holds clouds' metadata services).
const NOT_PUBLIC_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
];
const NOT_PUBLIC_IPV6 = ["::1/128", "fc00::/7", "fe80::/10"];
const PUBLIC: readonly Peer[] = [
  { ipBlock: { cidr: "0.0.0.0/0", except: NOT_PUBLIC_IPV4 } },
  { ipBlock: { cidr: "::/0", except: NOT_PUBLIC_IPV6 } },
];

const DNS: Egress = constant({
  to: [
    namespacePeer("kube-system", { "k8s-app": "kube-dns" }),
    // NodeLocal DNSCache listens here on every node. https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
    { ipBlock: { cidr: "169.254.20.10/32" } },
  ],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
});
const BOTH_WAYS = constant(["Ingress", "Egress"]);

function namespacePeer(namespace: string, podLabels?: Readonly<Record<string, string>>): Peer {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    ...(podLabels === undefined ? {} : { podSelector: { matchLabels: podLabels } }),
  };
}

function tcp(ports: readonly number[] | undefined): { readonly ports?: NonNullable<Egress["ports"]> } {
  // An empty list would mean every port, as none does.
  return ports === undefined || ports.length === 0
    ? {}
    : { ports: ports.map((port) => ({ protocol: "TCP" as const, port })) };
}

/** Who may talk to the pods and whom they may talk to, from what the service says of itself. */
export function networkPolicy(facts: NetworkPolicyFacts): NetworkPolicy {
  const hosts = hostCalls(facts.calls);
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: {
      name: facts.name,
      namespace: facts.namespace,
      labels: facts.labels,
      // A NetworkPolicy knows addresses only; the names are kept for people and for tools that can enforce them.
      ...(hosts.length === 0 ? {} : { annotations: { "fairlead.dev/external-hosts": hosts.map(hostText).join(",") } }),
    },
    spec: {
      podSelector: { matchLabels: facts.selector },
      policyTypes: BOTH_WAYS,
      ingress: ingress(facts),
      egress: facts.calls === undefined ? [{}] : [DNS, ...facts.calls.map((call) => egress(facts.namespace, call))],
    },
  };
}

function hostCalls(calls: readonly Call[] = []): readonly HostCall[] {
  return calls.filter((call): call is HostCall => typeof call !== "string" && "host" in call);
}

function hostText(call: HostCall): string {
  return `${call.host}:${call.port ?? 443}`;
}

function egress(ownNamespace: string, call: Call): Egress {
  if (typeof call === "string") return egress(ownNamespace, { service: call });
  if ("host" in call) {
    const to = call.cidrs === undefined ? PUBLIC : call.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
    return { to, ...tcp([call.port ?? 443]) };
  }
  return { to: [servicePeer(ownNamespace, call)], ...tcp(call.ports) };
}

function servicePeer(ownNamespace: string, call: Partial<ServiceCall>): Peer {
  const pods = call.selector ?? (call.service === undefined ? undefined : selectorLabels(call.service));
  if (call.namespace !== undefined && call.namespace !== ownNamespace) return namespacePeer(call.namespace, pods);
  return { podSelector: pods === undefined ? {} : { matchLabels: pods } };
}

function ingress(facts: NetworkPolicyFacts): readonly Ingress[] {
  const scraped: readonly Ingress[] =
    facts.scrape === undefined ? [] : [{ from: [namespacePeer(facts.scrape.namespace)], ...tcp([facts.scrape.port]) }];
  if (facts.calledBy === undefined) return facts.ports.length === 0 ? scraped : [{ ...tcp(facts.ports) }, ...scraped];
  const callers = facts.calledBy.map((caller): Ingress => {
    const by = typeof caller === "string" ? { service: caller } : caller;
    return { from: [servicePeer(facts.namespace, present(by))], ...tcp(by.ports ?? facts.ports) };
  });
  return [...callers, ...scraped];
}
