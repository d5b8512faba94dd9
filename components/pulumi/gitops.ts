import { type AddOnsObjects, type AddOnsProps, addOns } from "../delivery/add-ons.ts";
import { type AppProjectObjects, type AppProjectProps, appProject } from "../delivery/app-project.ts";
import { type ApplicationObjects, type ApplicationProps, application } from "../delivery/application.ts";
import { type ApplicationSetObjects, type ApplicationSetProps, applicationSet } from "../delivery/application-set.ts";
import {
  type DeliveryNotificationsObjects,
  type DeliveryNotificationsProps,
  deliveryNotifications,
} from "../delivery/notifications.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { reported } from "./failure.ts";

/** What a team may deliver by Argo CD, as a component of the engine. */
export class AppProject extends Component<AppProjectObjects> {
  constructor(name: string, props: Omit<AppProjectProps, "name">, options: ComponentOptions<AppProjectObjects> = {}) {
    const objects = reported(() => appProject({ ...props, name }));
    super("fairlead:delivery:AppProject", name, objects, options);
  }
}

/** One folder of a repository in one cluster, as a component of the engine. */
export class Application extends Component<ApplicationObjects> {
  constructor(name: string, props: Omit<ApplicationProps, "name">, options: ComponentOptions<ApplicationObjects> = {}) {
    const objects = reported(() => application({ ...props, name }));
    super("fairlead:delivery:Application", name, objects, options);
  }
}

/** Environments × regions × components, as a component of the engine. */
export class ApplicationSet extends Component<ApplicationSetObjects> {
  constructor(
    name: string,
    props: Omit<ApplicationSetProps, "name">,
    options: ComponentOptions<ApplicationSetObjects> = {},
  ) {
    const objects = reported(() => applicationSet({ ...props, name }));
    super("fairlead:delivery:ApplicationSet", name, objects, options);
  }
}

/** The Application above all add-ons, as a component of the engine. */
export class AddOns extends Component<AddOnsObjects> {
  constructor(name: string, props: Omit<AddOnsProps, "name">, options: ComponentOptions<AddOnsObjects> = {}) {
    const objects = reported(() => addOns({ ...props, name }));
    super("fairlead:delivery:AddOns", name, objects, options);
  }
}

/** Who is told of deliveries that fail, as a component of the engine. */
export class DeliveryNotifications extends Component<DeliveryNotificationsObjects> {
  constructor(
    name: string,
    props: Omit<DeliveryNotificationsProps, "name">,
    options: ComponentOptions<DeliveryNotificationsObjects> = {},
  ) {
    const objects = reported(() => deliveryNotifications({ ...props, name }));
    super("fairlead:delivery:DeliveryNotifications", name, objects, options);
  }
}
