import { describe, expect, test } from "vitest";
import {
  type CertificateProps,
  certificate,
  type GatewayProps,
  gateway,
  gatewayTarget,
  type IssuerProps,
  issuer,
  type ReferenceGrantProps,
  referenceGrant,
  sentence,
} from "../../components/index.ts";
import { certificateExample, gatewayExample, issuerExample } from "../../examples/components/gateway.ts";
import { faultsOf } from "../core/faults-of.ts";

const secured = { host: "shop.example.com", certificate: { secret: "shop-tls" } };

function gate(rest: Partial<GatewayProps> = {}): GatewayProps {
  return {
    name: "edge",
    namespace: "edge",
    class: "envoy",
    proxies: "envoy-gateway-system",
    hosts: { shop: secured },
    ...rest,
  };
}

const refused = (step: () => unknown) => faultsOf(step).map(sentence);

describe("a Gateway", () => {
  test("with one host of plain HTTP has one listener and redirects nothing", () => {
    const objects = gateway(gate({ hosts: { shop: { host: "shop.example.com", certificate: false } } }));
    expect(Object.keys(objects)).toEqual(["gateway"]);
    expect(objects.gateway.spec?.listeners).toMatchObject([{ name: "shop", port: 80, protocol: "HTTP" }]);
  });

  test("ends TLS with the Secret of each host, and sends their plain HTTP to HTTPS", () => {
    const { gateway: one, redirect } = gatewayExample;
    expect(one.spec?.listeners.map(({ name, port, protocol }) => [name, port, protocol])).toEqual([
      ["shop", 443, "HTTPS"],
      ["partners", 443, "HTTPS"],
      ["status", 80, "HTTP"],
      ["http", 80, "HTTP"],
    ]);
    expect(one.spec?.listeners[0]?.tls?.certificateRefs).toEqual([
      { group: "", kind: "Secret", name: "shop-tls", namespace: "checkout" },
    ]);
    expect(redirect?.spec?.hostnames).toEqual(["shop.example.com", "*.partners.example.com"]);
    expect(redirect?.spec?.rules?.[0]?.filters).toEqual([
      { type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } },
    ]);
  });

  test("admits routes of the named namespaces, and to plain HTTP only cert-manager's answers beside its own", () => {
    const from = (listener: string) =>
      gatewayExample.gateway.spec?.listeners.find(({ name }) => name === listener)?.allowedRoutes?.namespaces?.selector
        ?.matchExpressions?.[0]?.values;
    expect(from("shop")).toEqual(["checkout", "warehouse"]);
    expect(from("http")).toEqual(["edge", "checkout"]);
    expect(gateway(gate()).gateway.spec?.listeners[0]?.allowedRoutes?.namespaces).toEqual({ from: "Same" });
  });

  test("lets the outside in to its proxies where they run beside it, and only there", () => {
    expect(gateway(gate())).not.toHaveProperty("proxies");
    expect(gatewayExample.proxies?.spec).toMatchObject({
      podSelector: { matchLabels: { "gateway.networking.k8s.io/gateway-name": "edge" } },
      ingress: [{}],
    });
  });

  test("without a redirect has no plain listener, unless challenges come that way", () => {
    const names = (props: GatewayProps) => gateway(props).gateway.spec?.listeners.map(({ name }) => name);
    expect(names(gate({ redirect: false }))).toEqual(["shop"]);
    expect(names(gate({ redirect: false, challengesFrom: ["shop"] }))).toEqual(["shop", "http"]);
  });

  test("redirects to the port that it was given", () => {
    const { redirect } = gateway(gate({ ports: { https: 8443 } }));
    expect(redirect?.spec?.rules?.[0]?.filters?.[0]?.requestRedirect?.port).toBe(8443);
  });

  test("redirects whatever host there is, where there are more than a route can name", () => {
    const hosts = Object.fromEntries(
      Array.from({ length: 17 }, (_, index) => [`h${index}`, { ...secured, host: `h${index}.example.com` }]),
    );
    expect(gateway(gate({ hosts })).redirect?.spec).not.toHaveProperty("hostnames");
  });

  test("says where routes attach", () => {
    expect(gatewayTarget(gate(), "envoy-gateway")).toEqual({
      name: "edge",
      namespace: "edge",
      listeners: { shop: "shop.example.com" },
      proxies: "envoy-gateway-system",
      dialect: "envoy-gateway",
    });
  });

  test.each<readonly [string, Partial<GatewayProps>, RegExp]>([
    ["no host", { hosts: {} }, /hosts.*serves nobody/],
    [
      "a host whose certificate was forgotten",
      { hosts: { shop: { host: "a.example.com" } as never } },
      /hosts\.shop\.certificate is missing.*required.*false/,
    ],
    ["a host twice", { hosts: { a: secured, b: secured } }, /hosts\.b\.host.*listener a serves it already/],
    ["a listener with the redirect's name", { hosts: { http: secured } }, /hosts\.http.*redirects/],
    ["one port for both", { ports: { https: 80 } }, /ports\.https is 80.*plain HTTP/],
    ["a class left out", { class: "" }, /class is "".*empty/],
    [
      "more listeners than a Gateway may have",
      {
        hosts: Object.fromEntries(
          Array.from({ length: 64 }, (_, index) => [`h${index}`, { ...secured, host: `h${index}.a` }]),
        ),
      },
      /hosts is 64.*at most 64 listeners.*"\*\.example\.com"/,
    ],
  ])("is refused for %s", (_, rest, expected) => {
    expect(refused(() => gateway(gate(rest)))).toEqual([expect.stringMatching(expected)]);
  });
});

function tls(rest: Partial<CertificateProps> = {}): CertificateProps {
  return {
    name: "tls",
    namespace: "shop",
    owner: "checkout",
    hosts: ["a.example.com"],
    issuer: { name: "ca" },
    ...rest,
  };
}

/** Alert -> what it compares with, in seconds. */
function bounds(props: CertificateProps): Readonly<Record<string, number>> {
  const rules = certificate(props).alerts?.spec?.groups?.flatMap((group) => group.rules ?? []) ?? [];
  return Object.fromEntries(
    rules.map(({ alert, expr }) => [String(alert), Number(/< (\d+)$/.exec(String(expr))?.[1])]),
  );
}

describe("a certificate", () => {
  test("is kept in a Secret of its name, with a new key each time", () => {
    expect(certificate(tls()).certificate.spec).toMatchObject({
      secretName: "tls",
      dnsNames: ["a.example.com"],
      issuerRef: { kind: "Issuer", name: "ca" },
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    });
  });

  test("lets the Gateways of named namespaces read its Secret and no other", () => {
    expect(certificate(tls())).not.toHaveProperty("grant");
    expect(certificateExample.grant?.spec).toEqual({
      from: [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "edge" }],
      to: [{ group: "", kind: "Secret", name: "shop-tls" }],
    });
  });

  test("calls its owner by itself: two weeks and three days before its end, and of nothing else", () => {
    expect(bounds(tls())).toEqual({ CertificateExpiry: 14 * 86_400, CertificateLastDays: 3 * 86_400 });
    expect(certificate(tls({ alerts: false }))).not.toHaveProperty("alerts");
  });

  test("with a short life calls nobody before its renewal is due", () => {
    expect(bounds(tls({ duration: "24h" }))).toEqual({ CertificateExpiry: 4 * 3600, CertificateLastDays: 2880 });
    expect(bounds(tls({ renewBefore: "48h" }))).toEqual({ CertificateExpiry: 86_400, CertificateLastDays: 17_280 });
  });

  test.each<readonly [string, Partial<CertificateProps>, RegExp]>([
    ["no host", { hosts: [] }, /hosts/],
    ["a duration in days", { duration: "90d" }, /duration is "90d".*use "2160h"/],
    ["too short a life", { duration: "30m" }, /less than an hour/],
    ["a renewal after its end", { duration: "24h", renewBefore: "48h" }, /renewBefore is "48h".*5 minutes to 24h/],
    ["a grant to its own namespace", { usedFrom: ["shop"] }, /usedFrom\.0 is "shop".*anyway/],
    ["an issuer of no kind", { issuer: { name: "ca", kind: "issuer" as never } }, /issuer\.kind is "issuer".*"Issuer"/],
  ])("is refused for %s", (_, rest, expected) => {
    expect(refused(() => certificate(tls(rest)))).toEqual([expect.stringMatching(expected)]);
  });
});

const acme = { email: "platform@example.com" };

describe("an issuer", () => {
  test("of a namespace is an Issuer, without one a ClusterIssuer", () => {
    expect(issuer({ name: "ca", namespace: "shop", ca: { secret: "root" } }).issuer).toMatchObject({
      kind: "Issuer",
      spec: { ca: { secretName: "root" } },
    });
    expect(issuer({ name: "self", selfSigned: true }).issuer).toMatchObject({
      kind: "ClusterIssuer",
      spec: { selfSigned: {} },
    });
  });

  test("answers challenges through the Gateway's plain listener, and lets its proxies in to the pods that answer", () => {
    expect(issuerExample.issuer.spec?.acme).toMatchObject({
      server: "https://acme-v02.api.letsencrypt.org/directory",
      solvers: [
        { http01: { gatewayHTTPRoute: { parentRefs: [{ name: "edge", namespace: "edge", sectionName: "http" }] } } },
      ],
    });
    expect(issuerExample.challenges?.spec).toMatchObject({
      podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "edge" } } }],
          ports: [{ port: 8089 }],
        },
      ],
    });
  });

  test("answers through an Ingress class, or by DNS as cert-manager writes it, which needs nobody let in", () => {
    const http01 = { ingressClass: "haproxy", proxies: "haproxy-controller" };
    const solvers = (props: IssuerProps) => issuer(props).issuer.spec?.acme?.solvers;
    expect(solvers({ name: "le", namespace: "shop", acme: { ...acme, http01 } })).toEqual([
      { http01: { ingress: { ingressClassName: "haproxy" } } },
    ]);
    const dns01 = { route53: { region: "eu-central-1" } };
    expect(solvers({ name: "le", namespace: "shop", acme: { ...acme, dns01 } })).toEqual([{ dns01 }]);
    expect(issuer({ name: "le", namespace: "shop", acme: { ...acme, dns01 } })).not.toHaveProperty("challenges");
  });

  test.each<readonly [string, Partial<IssuerProps>, RegExp]>([
    ["nobody who signs", {}, /acme is missing.*exactly one of acme, ca, selfSigned/],
    ["two who sign", { selfSigned: true, ca: { secret: "root" } }, /selfSigned is true.*ca is given already/],
    ["no challenge", { acme }, /acme\.http01 is missing.*exactly one of http01, dns01/],
    ["an empty challenge", { acme: { ...acme, dns01: {} } }, /acme\.dns01.*no provider/],
    [
      "a server that is none",
      { acme: { ...acme, server: "letsencrpt" as never, dns01: { route53: { region: "x" } } } },
      /neither a known authority/,
    ],
    [
      "an address that is none",
      { acme: { email: "platform", dns01: { route53: { region: "x" } } } },
      /no address of e-mail/,
    ],
  ])("is refused for %s", (_, rest, expected) => {
    expect(refused(() => issuer({ name: "ca", namespace: "shop", ...rest }))).toEqual([
      expect.stringMatching(expected),
    ]);
  });
});

test.each<readonly [string, Partial<ReferenceGrantProps>, RegExp]>([
  ["nobody named", { to: { kind: "Secret", names: [] } }, /to\.names/],
  [
    "a route to a Secret",
    { from: [{ kind: "HTTPRoute", namespace: "edge" }] },
    /from\.0\.kind.*only a Gateway refers to a Secret/,
  ],
  ["its own namespace", { from: [{ kind: "Gateway", namespace: "shop" }] }, /from\.0\.namespace.*needs a grant/],
])("a grant is refused for %s", (_, rest, expected) => {
  const props: ReferenceGrantProps = {
    name: "tls",
    namespace: "shop",
    from: [{ kind: "Gateway", namespace: "edge" }],
    to: { kind: "Secret", names: ["tls"] },
    ...rest,
  };
  expect(refused(() => referenceGrant(props))).toEqual([expect.stringMatching(expected)]);
});
