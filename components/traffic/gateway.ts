import * as z from "zod";
import type { Faults } from "../core/fault.ts";
import type { NetworkPolicy } from "../core/kind.ts";
import { labels } from "../core/name.ts";
import { type Metadata, type Objects, present } from "../core/object.ts";
import {
  checked,
  checkShape,
  faultsOf,
  filled,
  labelValue,
  maybe,
  namespaceName,
  objectName,
  partName,
  port,
  recordOf,
  someOf,
  strict,
  whereSound,
} from "../core/shape.ts";
import { GATEWAY_API, type Gateway, type HttpRoute } from "./kind.ts";
import { servedHost } from "./route-props.ts";
import type { GatewayTarget } from "./target.ts";

/** What one listener serves. */
export interface GatewayHost {
  /** "shop.example.com", or "*.example.com" for all below it. */
  readonly host: string;
  /** The Secret with its certificate; false: the host is served over plain HTTP. */
  readonly certificate: CertificateSecret | false;
}

export interface CertificateSecret {
  readonly secret: string;
  /** A ReferenceGrant there must admit the Gateway. @default the Gateway's own */
  readonly namespace?: string;
}

/** Where requests from outside come in. */
export interface GatewayProps {
  readonly name: string;
  readonly namespace: string;
  readonly partOf?: string;
  readonly owner?: string;
  /** The GatewayClass, and so the controller that runs it. There is no default. */
  readonly class: string;
  /** Listener -> what it serves. */
  readonly hosts: Readonly<Record<string, GatewayHost>>;
  /** Namespaces whose routes may attach. @default the Gateway's own */
  readonly routesFrom?: readonly string[];
  /** Sends plain HTTP of the hosts with a certificate to HTTPS. false: port 80 is closed to them. @default true */
  readonly redirect?: boolean;
  /** Namespaces in which cert-manager answers ACME's challenges over plain HTTP. @default none */
  readonly challengesFrom?: readonly string[];
  /** @default 80 and 443 */
  readonly ports?: { readonly http?: number; readonly https?: number };
  /**
   * The namespace that its proxies run in. Where it is the Gateway's, the outside is let in to them: a namespace that
   * denies by default would cut them off. @default the Gateway's
   */
  readonly proxies?: string;
  /** What the controller's own objects carry, such as a cloud's annotations of its load balancer. @default nothing */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface GatewayObjects extends Objects {
  readonly gateway: Gateway;
  readonly redirect?: HttpRoute;
  readonly proxies?: NetworkPolicy;
}

const gatewayShape = strict<GatewayProps>({
  name: objectName,
  namespace: namespaceName,
  partOf: maybe(z.string()),
  owner: maybe(labelValue),
  class: filled,
  hosts: checked(
    recordOf(
      strict<GatewayHost>({
        host: servedHost,
        certificate: z.union([
          strict<CertificateSecret>({ secret: objectName, namespace: maybe(namespaceName) }),
          z.literal(false),
        ]),
      }),
      partName,
    ),
    (hosts) =>
      Object.keys(hosts).length === 0
        ? ["but a Gateway without a host serves nobody", 'give for example { shop: { host: "shop.example.com" } }']
        : undefined,
  ),
  routesFrom: maybe(someOf(namespaceName)),
  redirect: maybe(z.boolean()),
  challengesFrom: maybe(someOf(namespaceName)),
  ports: maybe(strict<NonNullable<GatewayProps["ports"]>>({ http: maybe(port), https: maybe(port) })),
  proxies: maybe(namespaceName),
  annotations: maybe(recordOf(z.string())),
});

/** The listener for plain HTTP of hosts with a certificate: redirects, and ACME's challenges. */
const PLAIN = "http";
/** Listeners that one Gateway may have. https://gateway-api.sigs.k8s.io/reference/spec/#gatewayspec */
const LISTENERS = 64;

type Listener = NonNullable<Gateway["spec"]>["listeners"][number];

/**
 * A Gateway with a listener for each host, and the redirect of plain HTTP.
 * @throws FaultError with everything that is wrong with the props.
 */
export function gateway(props: GatewayProps): GatewayObjects {
  validate(props);
  const { name, namespace, partOf, owner, annotations } = props;
  const metadata: Metadata = { name, namespace, labels: labels({ name, partOf, owner, component: "gateway" }) };
  const secured = securedHosts(props);
  const listeners = Object.entries(props.hosts).map(([listener, host]) => hostListener(props, listener, host));
  const redirects = secured.length > 0 && props.redirect !== false;
  return present({
    gateway: {
      apiVersion: `${GATEWAY_API}/v1`,
      kind: "Gateway",
      metadata,
      spec: {
        gatewayClassName: props.class,
        listeners: [...listeners, ...(redirects || props.challengesFrom !== undefined ? [plainListener(props)] : [])],
        ...(annotations === undefined ? {} : { infrastructure: { annotations } }),
      },
    } satisfies Gateway,
    redirect: redirects ? redirect(metadata, props, secured) : undefined,
    proxies: (props.proxies ?? namespace) === namespace ? proxies(metadata) : undefined,
  });
}

/** Where routes attach to a Gateway. */
export function gatewayTarget(
  { name, namespace, hosts, proxies: where }: GatewayProps,
  dialect?: GatewayTarget["dialect"],
): GatewayTarget {
  const listeners = Object.entries(hosts).map(([listener, { host }]) => [listener, host] as const);
  return {
    name,
    namespace,
    listeners: Object.fromEntries(listeners),
    ...(where === undefined ? {} : { proxies: where }),
    ...(dialect === undefined ? {} : { dialect }),
  };
}

function validate(props: GatewayProps): void {
  const faults = faultsOf(props, "gateway");
  checkShape(faults, gatewayShape, props);
  whereSound(faults, props, ["hosts", "redirect", "challengesFrom", "ports"], (part) => checkListeners(faults, part));
  faults.check();
}

function checkListeners(
  faults: Faults,
  props: Pick<GatewayProps, "hosts" | "redirect" | "challengesFrom" | "ports">,
): void {
  const hosts = Object.entries(props.hosts);
  const owners = new Map<string, string>();
  for (const [listener, { host }] of hosts) {
    const owner = owners.get(host);
    if (owner !== undefined) {
      faults.add(`hosts.${listener}.host`, host, `but listener ${owner} serves it already`, "remove one of the two");
    }
    owners.set(host, owner ?? listener);
    if (listener === PLAIN) {
      faults.add(
        `hosts.${listener}`,
        listener,
        "but the listener that redirects has that name",
        'use another, such as "shop"',
      );
    }
  }
  if (hosts.length >= LISTENERS) {
    faults.add(
      "hosts",
      hosts.length,
      `but a Gateway has at most ${LISTENERS} listeners`,
      'use "*.example.com" for several hosts, or two Gateways',
    );
  }
  const [http, https] = [props.ports?.http ?? 80, props.ports?.https ?? 443];
  if (http === https) faults.add("ports.https", https, "but plain HTTP is served there", "use another port");
}

function securedHosts({ hosts }: GatewayProps): readonly string[] {
  return Object.values(hosts).flatMap(({ host, certificate }) => (certificate === false ? [] : [host]));
}

function hostListener(props: GatewayProps, name: string, { host, certificate }: GatewayHost): Listener {
  const common = { name, hostname: host, allowedRoutes: allowedRoutes(props.routesFrom, ["HTTPRoute", "GRPCRoute"]) };
  if (certificate === false) return { ...common, port: props.ports?.http ?? 80, protocol: "HTTP" };
  const { secret, namespace } = certificate;
  const place = namespace === undefined || namespace === props.namespace ? {} : { namespace };
  return {
    ...common,
    port: props.ports?.https ?? 443,
    protocol: "HTTPS",
    tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: secret, ...place }] },
  };
}

function plainListener(props: GatewayProps): Listener {
  const from = props.challengesFrom === undefined ? undefined : [props.namespace, ...props.challengesFrom];
  return {
    name: PLAIN,
    port: props.ports?.http ?? 80,
    protocol: "HTTP",
    allowedRoutes: allowedRoutes(from, ["HTTPRoute"]),
  };
}

function allowedRoutes(namespaces: readonly string[] | undefined, kinds: readonly string[]) {
  const values = [...new Set(namespaces)];
  return {
    kinds: kinds.map((kind) => ({ group: GATEWAY_API, kind })),
    namespaces:
      namespaces === undefined
        ? ({ from: "Same" } as const)
        : ({
            from: "Selector",
            selector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] },
          } as const),
  };
}

/** The pods bear the label of their Gateway, whoever runs it (GEP-1762). They may reach every service, which in turn admit them. */
function proxies(metadata: Metadata): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { ...metadata, name: `${metadata.name}-proxies` },
    spec: {
      podSelector: { matchLabels: { [`${GATEWAY_API}/gateway-name`]: metadata.name } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{}],
      egress: [{}],
    },
  };
}

/** A path that ACME asks for is more exact than this one, and so goes to cert-manager. */
function redirect(metadata: Metadata, props: GatewayProps, hosts: readonly string[]): HttpRoute {
  const https = props.ports?.https;
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "HTTPRoute",
    metadata: { ...metadata, name: `${metadata.name}-redirect` },
    spec: {
      parentRefs: [{ group: GATEWAY_API, kind: "Gateway", name: props.name, sectionName: PLAIN }],
      // An HTTPRoute names 16 hosts at most; with more, none is named and all are meant.
      ...(hosts.length > 16 ? {} : { hostnames: hosts }),
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/" } }],
          filters: [
            {
              type: "RequestRedirect",
              requestRedirect: {
                scheme: "https",
                statusCode: 301,
                ...(https === undefined || https === 443 ? {} : { port: https }),
              },
            },
          ],
        },
      ],
    },
  };
}
