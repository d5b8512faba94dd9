/** Where the project's pods run. */
export const NAMESPACE = "e2e";

/** Its image, which is in no registry but the node's. */
export const IMAGE = "registry.example.com/e2e/witness:1.0.0";

/** A project of three services: one calls another, and a third calls nobody. */
export const PROGRAM = `
import {
  catalogue,
  checkEnvironment,
  collectorGateway,
  components,
  jaeger,
  jaegerAddresses,
  teamNamespace,
} from "../components/index.ts";

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

const telemetry = "${NAMESPACE}-telemetry";
const agent = { name: "telemetry-agent", namespace: "${NAMESPACE}-agents" };
const gateway = { name: "telemetry-gateway", namespace: telemetry };
const common = { namespace: telemetry, partOf: "e2e", owner: "platform" };
const traces = { ...common, name: "jaeger", gateway, storage: "memory" };
const { collector } = jaegerAddresses(traces);
const member = (type, objects) => ({ type: "fairlead:" + type, objects });

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
        namespace: member("policy:TeamNamespace", teamNamespace({ name: "${NAMESPACE}", podSecurity: "restricted" })),
        "telemetry-namespace": member("policy:TeamNamespace", teamNamespace({ name: telemetry, podSecurity: "restricted" })),
        "telemetry-gateway": member(
          "observability:CollectorGateway",
          collectorGateway({ ...common, name: gateway.name, agent, jaeger: collector, replicas: 1 }),
        ),
        jaeger: member("observability:Jaeger", jaeger(traces)),
        ...components(services, setting),
      },
    };
    checkEnvironment(environment);
    return environment;
  },
};
`;
