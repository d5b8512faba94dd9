import { checkShape, faultsOf, maybe, port, strict, whereSound } from "../core/shape.ts";
import {
  checkServing,
  checkServingPorts,
  type ServingObjects,
  type ServingProps,
  servingObjects,
  servingShape,
} from "./serving.ts";
import { stoppingTimes } from "./stopping.ts";

/** A program that takes its work from a queue and that nobody calls. */
export interface WorkerProps extends ServingProps {
  /** Where /metrics and, where there are probes, /healthz are served. @default none */
  readonly metricsPort?: number;
}

/** Everything that runs one worker. */
export type WorkerObjects = ServingObjects;

export const workerShape = strict<WorkerProps>({ ...servingShape, metricsPort: maybe(port) });

/** Pods of a worker that says nothing. */
const REPLICAS = 1;

/** Nobody calls it, so there is no caller to wait for. */
const PRE_STOP = "0s";

/**
 * A worker: a microservice without an address.
 * @throws FaultError with everything that is wrong with the props.
 */
export function worker(props: WorkerProps): WorkerObjects {
  validate(props);
  return servingObjects(
    { ...props, calledBy: props.calledBy ?? [] },
    {
      component: "worker",
      ports: workerPorts(props),
      metricsPort: props.metricsPort,
      replicas: REPLICAS,
      stopping: stoppingTimes(props, PRE_STOP),
    },
  );
}

function workerPorts(props: Pick<WorkerProps, "metricsPort">): Readonly<Record<string, number>> {
  return props.metricsPort === undefined ? {} : { metrics: props.metricsPort };
}

function validate(props: WorkerProps): void {
  const faults = faultsOf(props, "worker");
  checkShape(faults, workerShape, props);
  checkServing(faults, props, { replicas: REPLICAS, preStop: PRE_STOP });
  whereSound(faults, props, ["metricsPort", "debug", "sidecars", "probes"], (part) =>
    checkServingPorts(faults, part, "metricsPort", workerPorts(part)),
  );
  faults.check();
}
