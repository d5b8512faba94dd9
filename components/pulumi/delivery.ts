import { type EventScalingObjects, eventScaling } from "../delivery/event-scaling.ts";
import type { EventScalingProps } from "../delivery/event-scaling-props.ts";
import { type RolloutObjects, rollout } from "../delivery/rollout.ts";
import type { RolloutProps } from "../delivery/rollout-props.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** A workload whose new versions take over step by step, as a component of the engine. */
export class Rollout extends Component<RolloutObjects> {
  constructor(name: string, props: Omit<RolloutProps, "name">, options: ComponentOptions<RolloutObjects> = {}) {
    const objects = reported(() => rollout({ ...props, name }));
    super("fairlead:delivery:Rollout", name, objects, options);
  }
}

/** A workload that is scaled by the work that waits for it, as a component of the engine. */
export class EventScaling extends Component<EventScalingObjects> {
  constructor(
    name: string,
    props: Omit<EventScalingProps, "name">,
    options: ComponentOptions<EventScalingObjects> = {},
  ) {
    const objects = reported(() => eventScaling({ ...props, name }));
    super("fairlead:delivery:EventScaling", name, objects, options);
  }
}
