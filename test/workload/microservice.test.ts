import { describe, expect, test } from "vitest";
import {
  cronJob,
  type Deployment,
  FaultError,
  type MicroserviceProps,
  microservice,
  type NetworkPolicy,
  worker,
} from "../../components/index.ts";

import type { ConfigTree } from "../../components/workload/config.ts";
import { faultsOf } from "../core/faults-of.ts";

const minimal: MicroserviceProps = {
  name: "order",
  namespace: "shop",
  image: "registry.example.com/shop/order:1.0.0",
  ports: { http: 8080 },
};

function pod(deployment: Deployment) {
  const spec = deployment.spec?.template.spec;
  const container = spec?.containers[0];
  if (spec === undefined || container === undefined) throw new Error("no pod");
  return { spec, container };
}

function faultOf(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    if (error instanceof FaultError) return error.message;
    throw error;
  }
  return "no fault";
}

function egress(policy: NetworkPolicy) {
  return policy.spec?.egress ?? [];
}

describe("a microservice with nothing but image and port", () => {
  const objects = microservice(minimal);

  test("has no optional part", () => {
    expect(Object.keys(objects).sort()).toEqual([
      "deployment",
      "disruptionBudget",
      "networkPolicy",
      "service",
      "serviceAccount",
    ]);
  });

  test("is asked every second whether it has begun, for a minute", () => {
    const { startupProbe } = pod(objects.deployment).container;
    expect(startupProbe).toMatchObject({ periodSeconds: 1, failureThreshold: 60 });
    expect(startupProbe).not.toHaveProperty("initialDelaySeconds");
  });

  test("meets the restricted pod standard, with a read-only root and no token", () => {
    const { spec, container } = pod(objects.deployment);
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1001,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("gives the Go runtime nine tenths of the memory limit", () => {
    const { container } = pod(objects.deployment);
    expect(container.env).toContainEqual({ name: "GOMEMLIMIT", value: `${Math.floor((128 * 1024 * 9) / 10)}KiB` });
  });

  test("is killed only after it waited and drained", () => {
    const { spec, container } = pod(objects.deployment);
    expect(container.lifecycle?.preStop?.sleep?.seconds).toBe(5);
    expect(spec.terminationGracePeriodSeconds).toBe(40);
  });

  test("lets a drain take one pod", () => {
    expect(objects.disruptionBudget.spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
  });

  test("never has fewer pods while it is replaced", () => {
    expect(objects.deployment.spec?.strategy?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  });
});

test("a Deployment under an autoscaler leaves replicas to the autoscaler", () => {
  const { deployment, autoscaler } = microservice({ ...minimal, scale: { min: 2, max: 5 } });
  expect(deployment.spec).not.toHaveProperty("replicas");
  expect(autoscaler?.spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 5,
    scaleTargetRef: { kind: "Deployment", name: "order" },
  });
});

test("a gRPC port brings a headless Service, unless a mesh balances", () => {
  const ports = { grpc: 9090 };
  expect(microservice({ ...minimal, ports }).headless?.spec).toMatchObject({ clusterIP: "None" });
  expect(microservice({ ...minimal, ports, grpcBalancing: "mesh" })).not.toHaveProperty("headless");
});

test("a service that calls nobody may talk to DNS only; one that does not say is not cut off", () => {
  const ports = egress(microservice({ ...minimal, calls: [] }).networkPolicy).flatMap((rule) =>
    (rule.ports ?? []).map(({ port }) => port),
  );
  expect(ports).toEqual([53, 53]);
  expect(egress(microservice(minimal).networkPolicy)).toEqual([{}]);
});

test("a call to an outside host opens its port to public addresses only, and keeps the name", () => {
  const { networkPolicy } = microservice({ ...minimal, calls: [{ host: "api.example.com" }] });
  expect(networkPolicy.metadata.annotations).toEqual({ "fairlead.dev/external-hosts": "api.example.com:443" });
  expect(JSON.stringify(egress(networkPolicy)[1])).toContain('"169.254.0.0/16"');
});

test("a change of configuration is a new name, so that the pods roll; a reloaded file keeps its name", () => {
  const at = (timeout: string, reload: boolean) =>
    microservice({ ...minimal, config: { "a.yaml": { content: { timeout }, reload } } });
  expect(at("1s", false).config?.metadata.name).not.toBe(at("2s", false).config?.metadata.name);
  expect(at("1s", false).config?.immutable).toBe(true);
  expect(at("1s", true).configReloaded?.metadata.name).toBe(at("2s", true).configReloaded?.metadata.name);
});

test("layers are laid over a file key by key", () => {
  const layers = [{ pool: { size: 5 } }, { pool: { idle: "1s" } }];
  const { config } = microservice({
    ...minimal,
    config: { "a.json": { content: { pool: { size: 1 }, name: "x" }, layers } },
  });
  expect(JSON.parse(String(config?.data?.["a.json"]))).toEqual({ name: "x", pool: { size: 5, idle: "1s" } });
});

test("a secret from a store is fetched and referred to, and stands nowhere", () => {
  const objects = microservice({ ...minimal, secrets: { URL: { store: "vault", key: "shop/url" } } });
  expect(objects["externalSecret-vault"]?.spec.target.name).toBe("order-vault");
  expect(pod(objects.deployment).container.env).toContainEqual({
    name: "URL",
    valueFrom: { secretKeyRef: { name: "order-vault", key: "URL" } },
  });
  expect(objects).not.toHaveProperty("secret");
});

test("debugging opens pprof and runs the program under Delve", () => {
  const { container } = pod(
    microservice({ ...minimal, command: ["/order"], debug: { pprof: true, delve: true } }).deployment,
  );
  expect(container.command).toEqual(["dlv", "exec", "/order"]);
  expect((container.ports ?? []).map(({ containerPort }) => containerPort)).toEqual([8080, 6060, 2345]);
});

test("a sidecar starts before the program and stops after it, as restricted as the program", () => {
  const { spec } = pod(
    microservice({ ...minimal, sidecars: { proxy: { image: "registry.example.com/proxy:1" } } }).deployment,
  );
  expect(spec.initContainers?.[0]).toMatchObject({
    name: "proxy",
    restartPolicy: "Always",
    securityContext: { readOnlyRootFilesystem: true },
  });
});

test("the same props give the same objects and are not written to", () => {
  const props = Object.freeze({ ...minimal, ports: Object.freeze({ http: 8080 }) });
  expect(microservice(props)).toEqual(microservice(props));
});

test.each<readonly [Partial<MicroserviceProps>, string]>([
  [{ image: "registry.example.com/shop/order" }, "has no tag"],
  [{ image: "registry.example.com/shop/order:latest" }, "latest means another image"],
  [{ name: "Order" }, "lower-case letters"],
  [{ scale: { min: 5, max: 2 } }, "scale.min is 5, but scale.max is 2"],
  [{ gracePeriod: "20s" }, 'use "40s"'],
  [{ replicas: 1, disruption: { minAvailable: 1 } }, "no node could ever be drained"],
  [{ probes: { readiness: { port: "admin" } } }, 'probes.readiness.port is "admin"'],
  [{ ports: { http: 8080, admin: 8080 } }, "ports.http listens there too"],
  [{ resources: { limits: { memory: "128" } } }, 'did you mean "128Mi"?'],
  [{ resources: { requests: { memory: "1Gi" }, limits: { memory: "512Mi" } } }, "lower the request or raise the limit"],
  [{ drain: "60 s" }, 'write a number with a unit, such as "30s"'],
  [{ replicas: 2, scale: { min: 1, max: 2 } }, "leave out one of the two"],
])("%j is refused with a remedy", (wrong, remedy) => {
  expect(faultOf(() => microservice({ ...minimal, ...wrong }))).toContain(remedy);
});

test("every fault is told at once", () => {
  expect(faultOf(() => microservice({ ...minimal, gracePeriod: "1s", scale: { min: 5, max: 2 } }))).toMatch(
    /^2 faults:/,
  );
});

test("a worker has no address, admits nobody but Prometheus, and waits for no caller", () => {
  const { name, namespace, image } = minimal;
  const objects = worker({ name, namespace, image, metricsPort: 9100 });
  expect(objects).not.toHaveProperty("service");
  expect(objects.networkPolicy.spec?.ingress).toHaveLength(1);
  expect(pod(objects.deployment).container).not.toHaveProperty("lifecycle");
});

test("a job runs by the clock, one at a time, and a schedule that means nothing is refused", () => {
  const { name, namespace, image } = minimal;
  const job = cronJob({ name, namespace, image, schedule: "0 3 * * *" }).cronJob;
  expect(job.spec).toMatchObject({ concurrencyPolicy: "Forbid", timeZone: "Etc/UTC" });
  expect(faultOf(() => cronJob({ name, namespace, image, schedule: "0 25 * * *" }))).toContain('its hour, "25"');
});

describe("configuration that no ConfigMap holds is refused", () => {
  const nested = (depth: number): ConfigTree => (depth === 0 ? { end: true } : { a: nested(depth - 1) });

  test.each<[string, string | ConfigTree]>([
    ["text", "x".repeat(2 ** 20 + 1)],
    ["data", { list: Array.from({ length: 60_000 }, () => "eighteen letters !") }],
    ["data that is short and deep", nested(1100)],
  ])("%s", (_, content) => {
    const faults = faultsOf(() => microservice({ ...minimal, config: { "order.yaml": { content } } }));
    expect(faults.map(({ path, problem }) => `${path} ${problem}`)).toEqual([
      "config but a ConfigMap holds 1048576 bytes at most",
    ]);
  });

  test("of two files that are too long together, but not of one that is reloaded and one that is not", () => {
    const half = { content: "x".repeat(600_000) };
    expect(faultsOf(() => microservice({ ...minimal, config: { "a.txt": half, "b.txt": half } }))).toHaveLength(1);
    const apart = { "a.txt": half, "b.txt": { ...half, reload: true } };
    expect(microservice({ ...minimal, config: apart })).toHaveProperty("configReloaded");
  });
});
