import { type AlertRoutingObjects, alertRouting } from "../observability/alert-routing.ts";
import type { AlertResponderProps } from "../observability/responder/props.ts";
import { type AlertResponderObjects, alertResponder } from "../observability/responder.ts";
import type { AlertRoutingProps } from "../observability/routing/props.ts";
import { type ServiceAlertsObjects, type ServiceAlertsProps, serviceAlerts } from "../observability/service-alerts.ts";
import { type ServiceLevelObjects, type ServiceLevelProps, serviceLevel } from "../observability/service-level.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** What a service promises, with its recording rules and burn-rate alerts, as a component of the engine. */
export class ServiceLevel extends Component<ServiceLevelObjects> {
  constructor(
    name: string,
    props: Omit<ServiceLevelProps, "name">,
    options: ComponentOptions<ServiceLevelObjects> = {},
  ) {
    const objects = reported(() => serviceLevel({ ...props, name }));
    super("fairlead:observability:ServiceLevel", name, objects, options);
  }
}

/** Alerts on what no objective tells of a service, as a component of the engine. */
export class ServiceAlerts extends Component<ServiceAlertsObjects> {
  constructor(
    name: string,
    props: Omit<ServiceAlertsProps, "name">,
    options: ComponentOptions<ServiceAlertsObjects> = {},
  ) {
    const objects = reported(() => serviceAlerts({ ...props, name }));
    super("fairlead:observability:ServiceAlerts", name, objects, options);
  }
}

/** Who is told of which alert, as a component of the engine. */
export class AlertRouting extends Component<AlertRoutingObjects> {
  constructor(
    name: string,
    props: Omit<AlertRoutingProps, "name">,
    options: ComponentOptions<AlertRoutingObjects> = {},
  ) {
    const objects = reported(() => alertRouting({ ...props, name }));
    super("fairlead:observability:AlertRouting", name, objects, options);
  }
}

/** What answers alerts with steps, as a component of the engine. */
export class AlertResponder extends Component<AlertResponderObjects> {
  constructor(
    name: string,
    props: Omit<AlertResponderProps, "name">,
    options: ComponentOptions<AlertResponderObjects> = {},
  ) {
    const objects = reported(() => alertResponder({ ...props, name }));
    super("fairlead:observability:AlertResponder", name, objects, options);
  }
}
