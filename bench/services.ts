import { catalogue, checkEnvironment, components, type Environment, teamNamespace } from "../components/index.ts";

/** Stores that secrets come from: an object for each. */
const STORES = ["vault", "payments", "partners", "mail"];

/** Objects of a service on a cluster. */
export const OBJECTS_EACH = 10;

/** An environment of so many services, 15 objects each, every one calling its two neighbours. */
export function environmentOf(count: number): Environment {
  return checkedEnvironment(servicesOf(count, { stores: STORES }));
}

/** The same with a namespace, and without secrets and scrape, {@link OBJECTS_EACH} objects a service: no add-on is needed to apply it. */
export function clusterEnvironment(count: number): Environment {
  const namespace = { type: "fairlead:policy:TeamNamespace", objects: teamNamespace({ name: "bench" }) };
  return checkedEnvironment({ namespace, ...servicesOf(count, { stores: [], scrapedFrom: false }) });
}

function checkedEnvironment(members: Environment["members"]): Environment {
  const environment: Environment = { name: "bench", members };
  checkEnvironment(environment);
  return environment;
}

function servicesOf(
  count: number,
  { stores, ...scrape }: { readonly stores: readonly string[]; readonly scrapedFrom?: false },
): Environment["members"] {
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
          stores.map((store) => [
            `${store.toUpperCase()}_TOKEN`,
            { store, storeKind: "ClusterSecretStore" as const, key: `bench/${name(index)}/${store}` },
          ]),
        ),
        scale: { min: 2, max: 10 },
        ...scrape,
      },
    ]),
  );
  const setting = {
    namespace: "bench",
    partOf: "bench",
    version: "1.0.0",
    replicas: 2,
    autoscaling: true,
    alerts: false,
  } as const;
  return components(catalogue(entries), setting);
}
