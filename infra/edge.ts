import {
  certificate,
  type EnvironmentGateway,
  type GatewayProps,
  gateway,
  gatewayTarget,
  type IssuerProps,
  issuer,
  type Member,
  type PodSecurity,
  teamNamespace,
} from "../components/index.ts";

const partOf = "shop";
const owner = "platform";

/** What differs between environments where requests come in. */
export interface EdgeRow {
  /** The GatewayClass that the cluster's administrators offer. */
  readonly class: string;
  readonly dialect: NonNullable<Extract<EnvironmentGateway, { readonly listeners: unknown }>["dialect"]>;
  /** The namespace that its proxies run in. */
  readonly proxies: string;
  /** Listener -> the host as services say it, and as it is called here. */
  readonly hosts: Readonly<Record<string, { readonly said: string; readonly host: string }>>;
  /** Who signs: each certificate itself, or Let's Encrypt, by its server for trials or the real one. */
  readonly issuer: "self-signed" | "letsencrypt-staging" | "letsencrypt";
}

/** What of an environment its edge needs to know. */
interface EdgeHome {
  readonly namespace: string;
  readonly podSecurity: PodSecurity;
  readonly gateway: EdgeRow;
}

/** The Secret with the certificate of a listener. */
const secretOf = (listener: string) => `${listener}-tls`;

/**
 * The Gateway stands apart, where no service may touch it. Certificates stand with the services: their alerts go the way
 * of all others of the namespace, and a grant lets the Gateway read these Secrets and no others.
 */
function gatewayProps({ namespace, gateway: row }: EdgeHome): GatewayProps {
  const hosts = Object.entries(row.hosts).map(([listener, { host }]) => {
    return [listener, { host, certificate: { secret: secretOf(listener), namespace } }] as const;
  });
  return {
    name: "edge",
    namespace: `${namespace}-edge`,
    partOf,
    owner,
    class: row.class,
    hosts: Object.fromEntries(hosts),
    routesFrom: [namespace],
    proxies: row.proxies,
    ...(row.issuer === "self-signed" ? {} : { challengesFrom: [namespace] }),
  };
}

/** What the services' routes must know of it. */
export function gatewayOf(row: EdgeHome): EnvironmentGateway {
  const { dialect, hosts } = row.gateway;
  const called = Object.values(hosts).map(({ said, host }) => [said, host] as const);
  return { ...gatewayTarget(gatewayProps(row), dialect), hosts: Object.fromEntries(called) };
}

/** Gateway, issuer and certificates of one environment. */
export function edge(row: EdgeHome): Readonly<Record<string, Member>> {
  const { namespace, gateway: said } = row;
  const props = gatewayProps(row);
  const member = (type: string, objects: Member["objects"]): Member => ({ type: `fairlead:${type}`, objects });
  const certificates = Object.entries(said.hosts).map(([listener, { host }]) => {
    const objects = certificate({
      name: secretOf(listener),
      namespace,
      partOf,
      owner: "checkout",
      hosts: [host],
      issuer: { name: "issuer" },
      usedFrom: [props.namespace],
    });
    return [secretOf(listener), member("traffic:Certificate", objects)] as const;
  });
  return {
    "edge-namespace": member(
      "policy:TeamNamespace",
      teamNamespace({ name: props.namespace, partOf, owner, podSecurity: row.podSecurity }),
    ),
    edge: member("traffic:Gateway", gateway(props)),
    issuer: member("traffic:Issuer", issuer({ name: "issuer", namespace, partOf, owner, ...signer(said, props) })),
    ...Object.fromEntries(certificates),
  };
}

function signer(row: EdgeRow, { name, namespace }: GatewayProps): Pick<IssuerProps, "acme" | "selfSigned"> {
  if (row.issuer === "self-signed") return { selfSigned: true };
  const http01 = { gateway: { name, namespace }, proxies: row.proxies };
  return { acme: { server: row.issuer, email: "platform@example.com", http01 } };
}
