/** Where the project's pods run. */
export const NAMESPACE = "e2e";

/** Its image, which is in no registry but the node's. */
export const IMAGE = "registry.example.com/e2e/witness:1.0.0";

/** A project of three services: one calls another, and a third calls nobody. */
export const PROGRAM = `
import { catalogue, checkEnvironment, components, teamNamespace } from "../components/index.ts";

const witness = (rest) => ({
  owner: "e2e",
  image: "registry.example.com/e2e/witness",
  ports: { http: 8080, grpc: 9090 },
  calls: [],
  slo: { availability: 99.9, latency: { percentile: 99, under: "750ms" } },
  ...rest,
});

const services = catalogue({
  front: witness({ calls: ["back"] }),
  back: witness({ scale: { min: 1, max: 3 } }),
  stranger: witness({}),
});

export const program = {
  project: "e2e",
  environments: ["dev"],
  build: (name) => {
    const setting = {
      namespace: "${NAMESPACE}",
      partOf: "e2e",
      version: "1.0.0",
      replicas: 1,
      autoscaling: true,
      alerts: false,
      debug: { pprof: true, delve: false },
    };
    const environment = {
      name,
      members: {
        namespace: {
          type: "fairlead:policy:TeamNamespace",
          objects: teamNamespace({ name: "${NAMESPACE}", podSecurity: "restricted" }),
        },
        ...components(services, setting),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;
