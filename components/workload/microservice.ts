import * as z from "zod";
import type { Service } from "../core/kind.ts";
import { present } from "../core/object.ts";
import { checked, checkShape, faultsOf, maybe, port, recordOf, strict, whereSound } from "../core/shape.ts";
import { checkAdoptedPorts, named, selectorOf } from "./adopted.ts";
import { checkGrpc, type Grpc, grpcShape } from "./grpc.ts";
import { clusterService, headlessService } from "./service.ts";
import {
  checkServing,
  checkServingPorts,
  type ServingObjects,
  type ServingProps,
  servingObjects,
  servingShape,
} from "./serving.ts";
import { stoppingTimes } from "./stopping.ts";

/** Ports that a microservice listens on. Any other name is a port of its own. */
export type Ports = Readonly<Record<string, number>> & {
  readonly http?: number;
  readonly grpc?: number;
  /** Where /metrics is served. @default the http port */
  readonly metrics?: number;
};

/** A service that others call. */
export interface MicroserviceProps extends ServingProps {
  readonly ports: Ports;
  /** How strictly pods are spread over zones and nodes. @default "preferred" */
  readonly spread?: "required" | "preferred" | false;
  /** Who balances gRPC calls: the client, over a headless Service, or a mesh. @default "client" */
  readonly grpcBalancing?: "client" | "mesh";
  /** How long gRPC connections live, where there is a port called grpc. @default 5 minutes, asked about every 30 s */
  readonly grpc?: Grpc;
}

/** Everything that runs one microservice. */
export interface MicroserviceObjects extends ServingObjects {
  readonly service: Service;
  /** For gRPC clients that balance by themselves. */
  readonly headless?: Service;
}

const portsShape = checked(recordOf(port), (ports) =>
  Object.keys(ports).length === 0
    ? ["but a service without a port cannot be called", "give ports: { http: 8080 }, or make it a Worker"]
    : undefined,
) as z.ZodType<Ports>;

export const microserviceShape = strict<MicroserviceProps>({
  ...servingShape,
  ports: portsShape,
  spread: maybe(z.union([z.enum(["required", "preferred"]), z.literal(false)])),
  grpcBalancing: maybe(z.enum(["client", "mesh"])),
  grpc: maybe(grpcShape),
});

/** Pods of a microservice that says nothing. */
const REPLICAS = 2;

/**
 * A microservice: workload, addresses, configuration, autoscaling, disruption budget and network policy that agree.
 * @throws FaultError with everything that is wrong with the props.
 */
export function microservice(props: MicroserviceProps): MicroserviceObjects {
  validate(props);
  const serving = servingObjects(props, {
    component: "service",
    ports: props.ports,
    metricsPort: props.ports.metrics ?? props.ports.http,
    replicas: REPLICAS,
    stopping: stoppingTimes(props),
    ...(props.grpc === undefined ? {} : { grpc: props.grpc }),
    ...(props.spread === undefined ? {} : { spread: props.spread }),
  });
  const metadata = { ...serving.deployment.metadata, name: props.name };
  const { adopted, ports } = props;
  const facts = { selector: selectorOf(props), ports, servicePorts: adopted?.servicePorts };
  const balancesItself = props.ports.grpc !== undefined && (props.grpcBalancing ?? "client") === "client";
  return present({
    ...serving,
    service: clusterService(named(metadata, "service", adopted), facts),
    headless: balancesItself
      ? headlessService(named(metadata, "headless", adopted, `${props.name}-headless`), facts)
      : undefined,
  }) as MicroserviceObjects;
}

function validate(props: MicroserviceProps): void {
  const faults = faultsOf(props, "microservice");
  checkShape(faults, microserviceShape, props);
  checkServing(faults, props, { replicas: REPLICAS });
  whereSound(faults, props, ["ports", "debug", "sidecars", "probes"], ({ ports, ...part }) =>
    checkServingPorts(faults, part, "ports", ports),
  );
  whereSound(faults, props, ["ports", "grpc"], ({ ports, grpc }) => checkGrpc(faults, grpc, ports));
  whereSound(faults, props, ["ports", "adopted"], ({ ports, adopted }) => checkAdoptedPorts(faults, adopted, ports));
  faults.check();
}
