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
  strict,
  whereSound,
} from "../core/shape.ts";
import type { ClusterIssuer, Issuer } from "./kind.ts";

/** Who signs certificates: exactly one of acme, ca and selfSigned. https://cert-manager.io/docs/configuration/ */
export interface IssuerProps {
  readonly name: string;
  /** @default none: a ClusterIssuer, which every namespace may use */
  readonly namespace?: string;
  readonly partOf?: string;
  readonly owner?: string;
  /** A public authority, which asks for a proof that the hosts are yours. */
  readonly acme?: AcmeIssuer;
  /** An authority of your own: the Secret with its certificate and key. */
  readonly ca?: { readonly secret: string };
  /** Each certificate signs itself; browsers warn. For development. */
  readonly selfSigned?: true;
}

export interface AcmeIssuer {
  /** @default "letsencrypt" */
  readonly server?: "letsencrypt" | "letsencrypt-staging" | `https://${string}`;
  /** Where the authority writes to. */
  readonly email: string;
  /** Proves a host by an answer over plain HTTP. Exactly one of http01 and dns01. */
  readonly http01?: HttpChallenge;
  /** Proves it by a record of DNS, which wildcards need; as cert-manager writes it. */
  readonly dns01?: DnsChallenge;
}

export type HttpChallenge =
  | {
      readonly gateway: { readonly name: string; readonly namespace: string; readonly listener?: string };
      /** The namespace that the Gateway's proxies run in. @default the Gateway's */
      readonly proxies?: string;
    }
  | { readonly ingressClass: string; readonly proxies: string };

type Solver = NonNullable<NonNullable<NonNullable<Issuer["spec"]>["acme"]>["solvers"]>[number];
export type DnsChallenge = NonNullable<Solver["dns01"]>;

export interface IssuerObjects extends Objects {
  readonly issuer: Issuer | ClusterIssuer;
  /** Admits the proxies to the pods that answer challenges, in a namespace that denies by default. */
  readonly challenges?: NetworkPolicy;
}

const SERVERS: Readonly<Record<string, string>> = {
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
};

const server = checked(z.string(), (text) =>
  Object.hasOwn(SERVERS, text) || /^https:\/\/[^\s/]+\/\S*$/.test(text)
    ? undefined
    : [
        "but it is neither a known authority nor a directory",
        'use "letsencrypt", "letsencrypt-staging" or "https://…"',
      ],
);

const email = checked(z.string(), (text) =>
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
    ? undefined
    : ["but it is no address of e-mail", 'use for example "platform@example.com"'],
);

const issuerShape = strict<IssuerProps>({
  name: objectName,
  namespace: maybe(namespaceName),
  partOf: maybe(z.string()),
  owner: maybe(labelValue),
  acme: maybe(
    strict<AcmeIssuer>({
      server: maybe(server as z.ZodType<NonNullable<AcmeIssuer["server"]>>),
      email,
      http01: maybe(
        z.union([
          strict<Extract<HttpChallenge, { gateway: unknown }>>({
            gateway: strict<Extract<HttpChallenge, { gateway: unknown }>["gateway"]>({
              name: objectName,
              namespace: namespaceName,
              listener: maybe(filled),
            }),
            proxies: maybe(namespaceName),
          }),
          strict<Extract<HttpChallenge, { ingressClass: unknown }>>({ ingressClass: filled, proxies: namespaceName }),
        ]),
      ),
      dns01: maybe(
        checked(z.record(z.string(), z.unknown()), (said) =>
          Object.keys(said).length === 0
            ? [
                "but it names no provider of DNS",
                "give one as cert-manager writes it, such as { route53: { region: … } }",
              ]
            : undefined,
        ) as z.ZodType<DnsChallenge>,
      ),
    }),
  ),
  ca: maybe(strict<{ secret: string }>({ secret: objectName })),
  selfSigned: maybe(z.literal(true)),
});

/**
 * An Issuer of one namespace or of the cluster.
 * @throws FaultError unless it signs in exactly one way.
 */
export function issuer(props: IssuerProps): IssuerObjects {
  validate(props);
  const { name, namespace, partOf, owner, acme, ca } = props;
  const metadata: Metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: labels({ name, partOf, owner, component: "issuer" }),
  };
  const spec: NonNullable<Issuer["spec"]> =
    acme !== undefined
      ? { acme: acmeSpec(name, acme) }
      : ca !== undefined
        ? { ca: { secretName: ca.secret } }
        : { selfSigned: {} };
  const proxies = acme?.http01 === undefined ? undefined : proxiesOf(acme.http01);
  return present({
    issuer: {
      apiVersion: "cert-manager.io/v1",
      kind: namespace === undefined ? "ClusterIssuer" : "Issuer",
      metadata,
      spec,
    },
    challenges: namespace === undefined || proxies === undefined ? undefined : challenges(metadata, proxies),
  }) as IssuerObjects;
}

function proxiesOf(challenge: HttpChallenge): string {
  return "gateway" in challenge ? (challenge.proxies ?? challenge.gateway.namespace) : challenge.proxies;
}

function acmeSpec(name: string, acme: AcmeIssuer): NonNullable<NonNullable<Issuer["spec"]>["acme"]> {
  const { server: at = "letsencrypt", email: contact, http01, dns01 } = acme;
  return {
    server: SERVERS[at] ?? at,
    email: contact,
    privateKeySecretRef: { name: `${name}-account` },
    solvers: [dns01 === undefined ? { http01: httpSolver(http01) } : { dns01 }],
  };
}

function httpSolver(challenge: HttpChallenge | undefined): NonNullable<Solver["http01"]> {
  if (challenge === undefined) return {};
  if (!("gateway" in challenge)) return { ingress: { ingressClassName: challenge.ingressClass } };
  const { name, namespace, listener = "http" } = challenge.gateway;
  return { gatewayHTTPRoute: { parentRefs: [{ kind: "Gateway", name, namespace, sectionName: listener }] } };
}

/** Label and port of the pods that cert-manager starts to answer. https://cert-manager.io/docs/configuration/acme/http01/ */
const SOLVER = { label: "acme.cert-manager.io/http01-solver", port: 8089 };

function challenges(metadata: Metadata, proxies: string): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { ...metadata, name: `${metadata.name}-challenges` },
    spec: {
      podSelector: { matchLabels: { [SOLVER.label]: "true" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": proxies } } }],
          ports: [{ protocol: "TCP", port: SOLVER.port }],
        },
      ],
    },
  };
}

function validate(props: IssuerProps): void {
  const faults = faultsOf(props, "issuer");
  checkShape(faults, issuerShape, props);
  whereSound(faults, props, ["acme", "ca", "selfSigned"], (part) => {
    oneOf(faults, "", { acme: part.acme, ca: part.ca, selfSigned: part.selfSigned });
    if (part.acme !== undefined) oneOf(faults, "acme.", { http01: part.acme.http01, dns01: part.acme.dns01 });
  });
  faults.check();
}

/** Notes all but the first where several are given, and that one is needed where none is. */
function oneOf(faults: Faults, prefix: string, choices: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(choices);
  const given = names.filter((name) => choices[name] !== undefined);
  const [first] = given;
  if (first === undefined) {
    faults.add(`${prefix}${names[0]}`, undefined, `but exactly one of ${names.join(", ")} is needed`, "give one");
  }
  for (const name of given.slice(1)) {
    faults.add(`${prefix}${name}`, choices[name], `but ${first} is given already`, "leave one of them out");
  }
}
