import { type CronJobObjects, type CronJobProps, cronJob } from "../workload/cron-job.ts";
import { type MicroserviceObjects, type MicroserviceProps, microservice } from "../workload/microservice.ts";
import { type WorkerObjects, type WorkerProps, worker } from "../workload/worker.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** A service that others call, as a component of the engine. */
export class Microservice extends Component<MicroserviceObjects> {
  constructor(
    name: string,
    props: Omit<MicroserviceProps, "name">,
    options: ComponentOptions<MicroserviceObjects> = {},
  ) {
    const objects = reported(() => microservice({ ...props, name }));
    super("fairlead:workload:Microservice", name, objects, options);
  }
}

/** A program that takes its work from a queue, as a component of the engine. */
export class Worker extends Component<WorkerObjects> {
  constructor(name: string, props: Omit<WorkerProps, "name">, options: ComponentOptions<WorkerObjects> = {}) {
    const objects = reported(() => worker({ ...props, name }));
    super("fairlead:workload:Worker", name, objects, options);
  }
}

/** A program that runs by the clock, as a component of the engine. */
export class CronJob extends Component<CronJobObjects> {
  constructor(name: string, props: Omit<CronJobProps, "name">, options: ComponentOptions<CronJobObjects> = {}) {
    const objects = reported(() => cronJob({ ...props, name }));
    super("fairlead:workload:CronJob", name, objects, options);
  }
}
