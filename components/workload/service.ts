import type { Service } from "../core/kind.ts";
import type { Metadata } from "../core/object.ts";

/** How a mesh or gateway should read what comes through a port. https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol */
const PROTOCOLS: Readonly<Record<string, string>> = { http: "http", metrics: "http", grpc: "kubernetes.io/h2c" };

export interface ServiceFacts {
  readonly selector: Readonly<Record<string, string>>;
  /** The pods' ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Where the Service listens under another number than the pods. */
  readonly servicePorts?: Readonly<Record<string, number>> | undefined;
}

/** The stable address of a workload's pods. */
export function clusterService(metadata: Metadata, { selector, ports, servicePorts }: ServiceFacts): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "ClusterIP",
      selector,
      ports: Object.entries(ports).map(([name, port]) => ({
        name,
        port: servicePorts?.[name] ?? port,
        targetPort: name,
        protocol: "TCP",
        ...(PROTOCOLS[name] === undefined ? {} : { appProtocol: PROTOCOLS[name] }),
      })),
    },
  };
}

/** DNS answers with the pods themselves: a gRPC client balances over them, since one connection would stay on one pod. */
export function headlessService(metadata: Metadata, { selector, ports }: ServiceFacts): Service {
  const service = clusterService(metadata, { selector, ports });
  return { ...service, spec: { ...service.spec, clusterIP: "None" } };
}
