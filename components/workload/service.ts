import type { Service } from "../core/kind.ts";
import { selectorLabels } from "../core/name.ts";
import type { Metadata } from "../core/object.ts";

/** How a mesh or gateway should read what comes through a port. https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol */
const PROTOCOLS: Readonly<Record<string, string>> = { http: "http", metrics: "http", grpc: "kubernetes.io/h2c" };

/** The stable address of a workload's pods. */
export function clusterService(metadata: Metadata, workload: string, ports: Readonly<Record<string, number>>): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(workload),
      ports: Object.entries(ports).map(([name, port]) => ({
        name,
        port,
        targetPort: name,
        protocol: "TCP",
        ...(PROTOCOLS[name] === undefined ? {} : { appProtocol: PROTOCOLS[name] }),
      })),
    },
  };
}

/** DNS answers with the pods themselves: a gRPC client balances over them, since one connection would stay on one pod. */
export function headlessService(
  metadata: Metadata,
  workload: string,
  ports: Readonly<Record<string, number>>,
): Service {
  const service = clusterService(metadata, workload, ports);
  return { ...service, spec: { ...service.spec, clusterIP: "None" } };
}
