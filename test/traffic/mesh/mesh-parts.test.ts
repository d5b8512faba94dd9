import { describe, expect, test } from "vitest";
import { sentence } from "../../../components/core/fault.ts";
import {
  edgePlugin,
  externalHosts,
  inMesh,
  meshClient,
  meshLabels,
  meshNamespace,
  microservice,
  type NetworkPolicy,
  type Objects,
  scraping,
} from "../../../components/index.ts";
import { faultsOf } from "../../core/faults-of.ts";
import { ambient, regional, roleOf, sidecars } from "./mesh.ts";

const order = { name: "order", namespace: "shop" };

describe("a namespace", () => {
  test("lets nobody in without a certificate, and nobody whom no service names", () => {
    const objects = meshNamespace({ name: "mesh", namespace: "shop", mesh: sidecars });
    expect(objects.peerAuthentication).toMatchObject({
      metadata: { name: "default" },
      spec: { mtls: { mode: "STRICT" } },
    });
    expect(objects.denyAll.spec).toEqual({});
    expect(Object.keys(objects).sort()).toEqual(["denyAll", "peerAuthentication", "proxyConfig"]);
  });

  test("of mode ambient has a waypoint with more than one pod, which may call the hosts for the pods", () => {
    const objects = meshNamespace({
      name: "mesh",
      namespace: "shop",
      mesh: { ...ambient, gateways: [{ namespace: "edge" }] },
      hosts: [{ host: "api.example.com", cidrs: ["203.0.113.0/24"] }],
    });
    expect(objects.waypoint).toMatchObject({
      metadata: { name: "waypoint", labels: { "istio.io/waypoint-for": "service" } },
      spec: { gatewayClassName: "istio-waypoint", listeners: [{ port: 15008, protocol: "HBONE" }] },
    });
    expect(objects.waypointOptions?.data).toMatchObject({ deployment: "spec:\n  replicas: 2\n" });
    const text = JSON.stringify(objects.waypointNetworkPolicy?.spec);
    for (const part of ["203.0.113.0/24", "15012", "istio-system", '"edge"', "15008"]) expect(text).toContain(part);
  });

  test("of mode ambient in which nobody calls anybody needs none", () => {
    const objects = meshNamespace({ name: "mesh", namespace: "shop", mesh: ambient, called: false });
    expect(Object.keys(objects).sort()).toEqual(["denyAll", "peerAuthentication"]);
  });

  test("is part of the mesh by its labels", () => {
    expect(meshLabels(undefined)).toEqual({});
    expect(meshLabels(sidecars)).toEqual({ "istio-injection": "enabled" });
    // Both labels at once: istio-injection would win over the revision.
    expect(meshLabels({ ...sidecars, revision: "1-31" })).toEqual({ "istio.io/rev": "1-31" });
    expect(meshLabels(ambient)).toEqual({ "istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint" });
  });
});

describe("a caller", () => {
  const calls = [
    "user",
    { service: "search", namespace: "web" },
    { host: "api.example.com" },
    { service: "payment", breaker: { requests: 50 } },
  ] as const;

  test("has a proxy that knows whom it calls and nobody else", () => {
    const { sidecar } = meshClient({ ...order, mesh: sidecars, calls });
    expect(sidecar?.spec).toEqual({
      workloadSelector: { labels: { "app.kubernetes.io/name": "order" } },
      egress: [
        {
          hosts: [
            "./user.shop.svc.cluster.local",
            "web/search.web.svc.cluster.local",
            "./api.example.com",
            "./payment.shop.svc.cluster.local",
          ],
        },
      ],
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
    });
  });

  test("that calls nobody gets no service at all, where an empty list would mean every one", () => {
    expect(meshClient({ ...order, mesh: sidecars, calls: [] }).sidecar?.spec?.egress).toEqual([{ hosts: ["~/*"] }]);
  });

  test("has a breaker of its own where it asks for one, with the regions' subsets that routes name", () => {
    const objects = meshClient({ ...order, mesh: regional, calls });
    expect(Object.keys(objects)).toEqual(["sidecar", "breaker-payment"]);
    expect(objects["breaker-payment"]).toMatchObject({
      metadata: { name: "order-to-payment" },
      spec: {
        host: "payment.shop.svc.cluster.local",
        workloadSelector: { matchLabels: { "app.kubernetes.io/name": "order" } },
        trafficPolicy: { connectionPool: { http: { http2MaxRequests: 50 } } },
        subsets: [{ name: "region-shanghai" }],
      },
    });
  });

  test("has no proxy in mode ambient", () => {
    expect(meshClient({ ...order, mesh: ambient, calls })).toEqual({});
  });
});

test("a host outside is declared once, with every port that somebody calls", () => {
  const objects = externalHosts({
    name: "hosts",
    namespace: "shop",
    mesh: sidecars,
    hosts: [{ host: "api.example.com" }, { host: "api.example.com", port: 587 }, { host: "api.example.com" }],
  });
  expect(Object.keys(objects)).toEqual(["host-api.example.com", "breaker-api.example.com"]);
  expect(objects["host-api.example.com"]?.spec).toMatchObject({
    hosts: ["api.example.com"],
    location: "MESH_EXTERNAL",
    resolution: "DNS",
    ports: [
      { number: 443, name: "tls-443", protocol: "TLS" },
      { number: 587, name: "tcp-587", protocol: "TCP" },
    ],
  });
});

describe("a plugin at the edge", () => {
  const props = {
    name: "tag",
    namespace: "edge",
    gateway: "shop",
    module: `oci://r.example.com/tag@sha256:${"a".repeat(64)}`,
  };

  test("lets nothing through while it fails, unless it is said to", () => {
    expect(edgePlugin(props).plugin.spec).toMatchObject({ failStrategy: "FAIL_CLOSE", phase: "AUTHN" });
    expect(edgePlugin({ ...props, onFailure: "passed", phase: "stats" }).plugin.spec).toMatchObject({
      failStrategy: "FAIL_OPEN",
      phase: "STATS",
    });
  });

  test("of a tag, which may mean other bytes tomorrow, is refused", () => {
    const [fault] = faultsOf(() => edgePlugin({ ...props, module: "oci://r.example.com/tag:1.0.0" }));
    expect(fault === undefined ? "" : sentence(fault)).toMatch(/^tag: module is .*exactly these bytes.*sha256/);
  });
});

describe("what runs in a mesh", () => {
  const service = microservice({
    ...order,
    image: "registry.example.com/order:1.0.0",
    ports: { http: 8080 },
    scale: { min: 2, max: 4 },
    calls: [{ service: "user", ports: [9090] }, { host: "api.example.com" }],
    calledBy: ["web"],
  });
  const objects: Objects = { ...service, ...scraping({ name: "order", objects: service }) };
  const ports = (policy: NetworkPolicy, way: "ingress" | "egress") =>
    (policy.spec?.[way] ?? []).map((rule) => (rule.ports ?? []).map(({ port }) => port));

  test("stays as it is without one", () => {
    expect(inMesh(objects, undefined)).toBe(objects);
  });

  test("with a proxy in the pod: probes by way of it, load of the program only, scrapes with a certificate", () => {
    const meshed = inMesh(objects, sidecars);
    expect(meshed["deployment"]).toMatchObject({
      spec: { template: { metadata: { annotations: { "sidecar.istio.io/rewriteAppHTTPProbers": "true" } } } },
    });
    expect(meshed["autoscaler"]).toMatchObject({
      spec: { metrics: [{ type: "ContainerResource", containerResource: { name: "cpu", container: "order" } }] },
    });
    expect(meshed["serviceMonitor"]).toMatchObject({
      spec: { scrapeClass: "istio-mtls", endpoints: [{ scheme: "https", port: "http" }] },
    });
    const policy = roleOf<NetworkPolicy>(meshed, "networkPolicy");
    expect(ports(policy, "ingress")).toEqual(ports(roleOf(objects, "networkPolicy"), "ingress"));
    expect(ports(policy, "egress").at(-1)).toEqual([15012]);
  });

  test("in mode ambient: traffic on the mesh's port, by way of the waypoint, and probes from its address", () => {
    const meshed = inMesh(objects, ambient);
    expect(meshed["deployment"]).toBe(objects["deployment"]);
    expect(meshed["serviceMonitor"]).toBe(objects["serviceMonitor"]);
    const policy = roleOf<NetworkPolicy>(meshed, "networkPolicy");
    expect(ports(policy, "ingress")).toEqual([[8080, 15008], [8080, 15008], [15008], []]);
    expect(JSON.stringify(policy.spec?.ingress?.at(-1))).toContain("169.254.7.127/32");
    // DNS and hosts outside are not the mesh's; a called service and the waypoint are.
    expect(ports(policy, "egress")).toEqual([[53, 53], [9090, 15008], [443], [15008]]);
  });
});
