import { catalogue, checkEnvironment, components, type Environment } from "../components/index.ts";

/** An environment of so many services, 15 objects each, every one calling its two neighbours. */
export function environmentOf(count: number): Environment {
  const name = (index: number) => `service-${index % count}`;
  const entries = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      name(index),
      {
        owner: `team-${index % 20}`,
        image: `registry.example.com/bench/${name(index)}`,
        ports: { http: 8080, grpc: 9090 },
        calls: [...new Set([name(index + 1), name(index + 2)])].filter((called) => called !== name(index)),
        config: {
          "service.yaml": { content: { timeout: "3s", retries: 3, upstream: { pool: 100, idle: "30s" } } },
          "limits.yaml": { reload: true, content: { requestsPerSecond: 200 } },
        },
        variables: { LOG_LEVEL: "info", SERVICE: name(index) },
        secrets: Object.fromEntries(
          ["vault", "payments", "partners", "mail", "search"].map((store) => [
            `${store.toUpperCase()}_TOKEN`,
            { store, storeKind: "ClusterSecretStore" as const, key: `bench/${name(index)}/${store}` },
          ]),
        ),
        scale: { min: 2, max: 10 },
      },
    ]),
  );
  const setting = { namespace: "bench", partOf: "bench", version: "1.0.0", replicas: 2, autoscaling: true };
  const environment: Environment = { name: "bench", members: components(catalogue(entries), setting) };
  checkEnvironment(environment);
  return environment;
}
